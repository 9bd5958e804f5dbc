import { at, listAt, numberAt, objectAt, sameJson, textAt, textsAt, type Json } from '../cluster-api/json.ts';
import type { KubeObject } from '../cluster-api/object-client.ts';
import { resourceNamed } from '../cluster-api/resources.ts';
import { selectorMatches } from '../cluster-api/selectors.ts';
import { desiredHealthy, disruptionsAllowed, isReady } from '../cluster-api/subresources.ts';
import { hashOf, ownerOf, type ControllerTools } from './loop.ts';
import { isActive, writeStatus } from './replica-workloads.ts';

const SLICES = resourceNamed('endpointslices');
const BUDGETS = resourceNamed('poddisruptionbudgets');
const SERVICE_LABEL = 'kubernetes.io/service-name';

/** One slice for each service that selects pods, and for the service of the API itself. */
export async function syncEndpointSlices(tools: ControllerTools): Promise<void> {
  const { snapshot, objects, attempt } = tools;
  for (const service of snapshot.of('services')) {
    const pods = podsBehind(tools, service);
    if (pods === undefined) continue;
    const wanted = sliceOf(service, pods);
    const present = snapshot.ownedBy('endpointslices', service)[0];
    if (present === undefined) await attempt(objects.create(SLICES, wanted));
    else if (
      !sameJson(present['endpoints'], wanted['endpoints']) ||
      !sameJson(present['ports'], wanted['ports'])
    )
      await attempt(
        objects.update(SLICES, { ...present, endpoints: wanted['endpoints'], ports: wanted['ports'] }),
      );
  }
}

function podsBehind({ snapshot }: ControllerTools, service: KubeObject): readonly KubeObject[] | undefined {
  const { namespace, name } = service.metadata;
  // The API servers keep the endpoints of their own service, which selects nothing.
  const isApi = namespace === 'default' && name === 'kubernetes';
  const labels = isApi ? { component: 'kube-apiserver' } : textsAt(service, 'spec', 'selector');
  if (Object.keys(labels).length === 0) return undefined;
  const home = isApi ? 'kube-system' : namespace;
  return snapshot.of('pods').filter((pod) => {
    const own = pod.metadata.labels ?? {};
    return (
      pod.metadata.namespace === home && Object.entries(labels).every(([key, value]) => own[key] === value)
    );
  });
}

function sliceOf(service: KubeObject, pods: readonly KubeObject[]): Json {
  const { name, namespace, labels } = service.metadata;
  const addressed = pods.filter((pod) => textAt(pod, 'status', 'podIP') !== undefined);
  return {
    metadata: {
      name: name === 'kubernetes' ? name : `${name}-${hashOf(service.metadata.uid).slice(0, 5)}`,
      namespace,
      labels: {
        ...labels,
        [SERVICE_LABEL]: name,
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
      },
      ownerReferences: [ownerOf(service)],
    },
    addressType: 'IPv4',
    endpoints: addressed.map((pod) => ({
      addresses: [textAt(pod, 'status', 'podIP') ?? ''],
      conditions: {
        ready: isReady(pod),
        serving: isReady(pod),
        terminating: pod.metadata.deletionTimestamp !== undefined,
      },
      targetRef: {
        kind: 'Pod',
        namespace: pod.metadata.namespace,
        name: pod.metadata.name,
        uid: pod.metadata.uid,
      },
      nodeName: textAt(pod, 'spec', 'nodeName'),
    })),
    ports: listAt(service, 'spec', 'ports').map((port) => ({
      name: textAt(port, 'name') ?? '',
      protocol: textAt(port, 'protocol') ?? 'TCP',
      port: numberAt(port, 'targetPort') ?? numberAt(port, 'port') ?? 0,
    })),
  };
}

/** Counts what each disruption budget covers. */
export async function syncBudgets(tools: ControllerTools): Promise<void> {
  const { snapshot, attempt } = tools;
  for (const budget of snapshot.of('poddisruptionbudgets')) {
    const { namespace, generation } = budget.metadata;
    const pods = snapshot
      .of('pods')
      .filter((pod) => pod.metadata.namespace === namespace && isActive(pod))
      .filter((pod) => selectorMatches(at(budget, 'spec', 'selector'), pod.metadata.labels ?? {}));
    const expected = expectedPods(tools, pods);
    const healthy = pods.filter(isReady).length;
    const allowed = disruptionsAllowed(budget, pods, expected);
    const present = objectAt(budget, 'status');
    const status = {
      ...present,
      observedGeneration: generation ?? 1,
      expectedPods: expected,
      currentHealthy: healthy,
      desiredHealthy: desiredHealthy(budget, expected),
      disruptionsAllowed: allowed,
    };
    await attempt(writeStatus(tools, BUDGETS, budget, status));
  }
}

/** By what their owners shall have, so that a missing pod counts as a disruption. */
function expectedPods({ snapshot }: ControllerTools, pods: readonly KubeObject[]): number {
  const owners = new Set(
    pods.map((pod) => pod.metadata.ownerReferences?.[0]?.uid).filter((uid) => uid !== undefined),
  );
  const known = ['replicasets', 'statefulsets'].flatMap((plural) => snapshot.of(plural));
  const replicas = known
    .filter(({ metadata }) => owners.has(metadata.uid))
    .map((owner) => numberAt(owner, 'spec', 'replicas') ?? 1);
  return Math.max(
    pods.length,
    replicas.reduce((sum, each) => sum + each, 0),
  );
}
