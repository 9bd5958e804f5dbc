import type { About } from './refusal.ts';

/** One kind of object that the API serves. */
export interface Resource extends About {
  /** As in the path and in the store's keys, such as `deployments`. */
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  /** Whether `status` is written through its own path alone. */
  readonly status: boolean;
  readonly scale: boolean;
  /** Whether a change of anything but metadata and status counts up `metadata.generation`. */
  readonly generation: boolean;
}

type Trait = 'status' | 'scale' | 'generation' | 'cluster-wide';

const resource = (
  group: string,
  plural: string,
  kind: string,
  shortNames: readonly string[],
  ...traits: readonly Trait[]
): Resource => ({
  plural,
  singular: kind.toLowerCase(),
  kind,
  group,
  version: 'v1',
  namespaced: !traits.includes('cluster-wide'),
  shortNames,
  status: traits.includes('status'),
  scale: traits.includes('scale'),
  generation: traits.includes('generation'),
});

/** Every kind that is stored, in the order in which discovery lists it. */
export const RESOURCES: readonly Resource[] = [
  resource('', 'configmaps', 'ConfigMap', ['cm']),
  resource('', 'endpoints', 'Endpoints', ['ep']),
  resource('', 'events', 'Event', ['ev']),
  resource('', 'namespaces', 'Namespace', ['ns'], 'cluster-wide', 'status'),
  resource('', 'nodes', 'Node', ['no'], 'cluster-wide', 'status'),
  resource('', 'pods', 'Pod', ['po'], 'status'),
  resource('', 'resourcequotas', 'ResourceQuota', ['quota'], 'status'),
  resource('', 'secrets', 'Secret', []),
  resource('', 'serviceaccounts', 'ServiceAccount', ['sa']),
  resource('', 'services', 'Service', ['svc'], 'status'),
  resource('apps', 'daemonsets', 'DaemonSet', ['ds'], 'status', 'generation'),
  resource('apps', 'deployments', 'Deployment', ['deploy'], 'status', 'scale', 'generation'),
  resource('apps', 'replicasets', 'ReplicaSet', ['rs'], 'status', 'scale', 'generation'),
  resource('apps', 'statefulsets', 'StatefulSet', ['sts'], 'status', 'scale', 'generation'),
  resource('coordination.k8s.io', 'leases', 'Lease', []),
  resource('discovery.k8s.io', 'endpointslices', 'EndpointSlice', []),
  resource('policy', 'poddisruptionbudgets', 'PodDisruptionBudget', ['pdb'], 'status', 'generation'),
  resource('rbac.authorization.k8s.io', 'clusterrolebindings', 'ClusterRoleBinding', [], 'cluster-wide'),
  resource('rbac.authorization.k8s.io', 'clusterroles', 'ClusterRole', [], 'cluster-wide'),
  resource('rbac.authorization.k8s.io', 'rolebindings', 'RoleBinding', []),
  resource('rbac.authorization.k8s.io', 'roles', 'Role', []),
];

/** Reviews are answered and never stored. */
export const REVIEW_GROUP = 'authorization.k8s.io';

export const GROUPS: readonly string[] = [
  ...new Set([...RESOURCES.map(({ group }) => group).filter((group) => group !== ''), REVIEW_GROUP]),
];

export const findResource = (group: string, version: string, plural: string): Resource | undefined =>
  RESOURCES.find((each) => each.group === group && each.version === version && each.plural === plural);

/** @throws Error when nothing of that name is served, which is a mistake in this program. */
export function resourceNamed(plural: string): Resource {
  const found = RESOURCES.find((each) => each.plural === plural);
  if (found === undefined) throw new Error(`The API has no resource named ${plural}.`);
  return found;
}

export const apiVersionOf = ({ group, version }: Resource): string =>
  group === '' ? version : `${group}/${version}`;

/** `<resource>/<namespace or ->/<name>`. */
export const keyOf = ({ plural }: Resource, namespace: string | undefined, name: string): string =>
  `${plural}/${namespace ?? '-'}/${name}`;

/** What the keys of a collection start with; all namespaces when none is named. */
export const prefixOf = ({ plural }: Resource, namespace: string | undefined): string =>
  namespace === undefined ? `${plural}/` : `${plural}/${namespace}/`;
