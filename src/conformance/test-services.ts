import type { KubernetesObject } from '../ports/kubernetes.ts';
import type { CaseContext } from './case-context.ts';
import { inside, TEST_PORT, type Fields, type Placed } from './test-pods.ts';

export interface Service extends KubernetesObject {
  readonly spec: {
    readonly type?: string;
    readonly clusterIP?: string;
    readonly externalName?: string;
    readonly ports: readonly { readonly name?: string; readonly port: number; readonly nodePort?: number }[];
    readonly [field: string]: unknown;
  };
}

/** Creates a Service on port 80 for the pods that carry this label `app`. @param more other fields of its spec. */
export async function makeService(
  { make, names }: CaseContext,
  namespace: string,
  app: string,
  more: Fields = {},
): Promise<Placed & { readonly service: Service; readonly url: string }> {
  const name = names.fresh('service');
  const collection = inside(namespace, 'services');
  const spec = { selector: { app }, ports: [{ port: 80, targetPort: TEST_PORT }], ...more };
  const service = (await make.object(collection, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec,
  })) as Service;
  return { name, path: `${collection}/${name}`, service, url: `http://${service.spec.clusterIP ?? ''}` };
}

/** Names of the pods that a Service may send requests to. */
export async function readyEndpoints(
  { kubernetes }: CaseContext,
  namespace: string,
  service: string,
): Promise<readonly string[]> {
  const slices = await kubernetes.list(inside(namespace, 'endpointslices', 'discovery.k8s.io/v1'), {
    labelSelector: `kubernetes.io/service-name=${service}`,
  });
  return slices
    .flatMap(({ endpoints }) => (endpoints ?? []) as readonly Endpoint[])
    .filter(({ conditions }) => conditions?.ready === true)
    .map(({ targetRef }) => targetRef?.name ?? '')
    .sort();
}

interface Endpoint {
  readonly conditions?: { readonly ready?: boolean };
  readonly targetRef?: { readonly name: string };
}
