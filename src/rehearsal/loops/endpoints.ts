import { isReady } from '../cluster-api/conditions.ts';
import { listAt, numberAt, objectAt, textAt, type Json } from '../cluster-api/json.ts';
import type { KubeObject } from '../cluster-api/kube-object.ts';
import { selectorMatches } from '../cluster-api/selectors.ts';
import type { Sync } from './loop.ts';
import { nodeOf } from './scheduler.ts';
import { belongingTo } from './workload-pods.ts';

/** One slice for each service that selects pods, and for the service of the API itself. */
export const syncEndpoints: Sync = async ({ objects, of }, service) => {
  const { namespace, name } = service.metadata;
  // The API servers keep the endpoints of their own service, which selects nothing.
  const isApi = namespace === 'default' && name === 'kubernetes';
  const home = isApi ? 'kube-system' : namespace;
  const matchLabels = isApi ? { component: 'kube-apiserver' } : objectAt(service, 'spec', 'selector');
  if (Object.keys(matchLabels).length === 0) return undefined;
  const pods = of('pods').filter(({ metadata }) => metadata.namespace === home);
  const behind = pods.filter(({ metadata }) => selectorMatches({ matchLabels }, metadata.labels));
  const endpoints = behind.flatMap(endpointsOf);
  const ports = listAt(service, 'spec', 'ports').map((each) => {
    const port = numberAt(each, 'targetPort') ?? numberAt(each, 'port');
    return { name: textAt(each, 'name') ?? '', protocol: textAt(each, 'protocol'), port };
  });
  const slices = of('endpointslices').filter(({ metadata }) => metadata.namespace === namespace);
  const present = slices.find(({ metadata }) => metadata.name === name);
  if (present !== undefined) return objects.change(present, (slice) => ({ ...slice, endpoints, ports }));
  const metadata = { ...belongingTo(service), name, labels: { 'kubernetes.io/service-name': name } };
  return objects.create('endpointslices', { metadata, addressType: 'IPv4', endpoints, ports });
};

/** None before it has an address. */
function endpointsOf(pod: KubeObject): readonly Json[] {
  const { namespace, name, uid, deletionTimestamp } = pod.metadata;
  const address = textAt(pod, 'status', 'podIP');
  const conditions = { ready: isReady(pod), terminating: deletionTimestamp !== undefined };
  const targetRef = { kind: 'Pod', namespace, name, uid };
  return address === undefined
    ? []
    : [{ addresses: [address], conditions, targetRef, nodeName: nodeOf(pod) }];
}
