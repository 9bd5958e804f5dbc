/** One kind of object that the API serves. All are of version v1. */
export interface Resource {
  /** As in the path and in the store's keys, such as `deployments`. */
  readonly plural: string;
  readonly kind: string;
  /** Empty for the core group. */
  readonly group: string;
  readonly apiVersion: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
}

export const pluralOf = (kind: string): string => `${kind.toLowerCase()}s`;

const resource = (group: string, kind: string, ...shortNames: readonly string[]): Resource => ({
  plural: pluralOf(kind),
  kind,
  group,
  apiVersion: group === '' ? 'v1' : `${group}/v1`,
  namespaced: !['Node', 'Namespace'].includes(kind),
  shortNames,
});

/** Every kind that is stored, in the order in which discovery lists it. */
export const RESOURCES: readonly Resource[] = [
  resource('', 'ConfigMap', 'cm'),
  resource('', 'Namespace', 'ns'),
  resource('', 'Node', 'no'),
  resource('', 'Pod', 'po'),
  resource('', 'Secret'),
  resource('', 'Service', 'svc'),
  resource('apps', 'DaemonSet', 'ds'),
  resource('apps', 'Deployment', 'deploy'),
  resource('apps', 'ReplicaSet', 'rs'),
  resource('apps', 'StatefulSet', 'sts'),
  resource('coordination.k8s.io', 'Lease'),
  resource('discovery.k8s.io', 'EndpointSlice'),
  resource('policy', 'PodDisruptionBudget', 'pdb'),
];

/** @throws Error when nothing of that name is served, which is a mistake in this program. */
export function resourceNamed(plural: string): Resource {
  const found = RESOURCES.find((each) => each.plural === plural);
  if (found === undefined) throw new Error(`The API has no resource named ${plural}.`);
  return found;
}

/** What the keys of a collection start with; all namespaces when none is named, and `-` for what is in none. */
export const prefixOf = (plural: string, namespace: string | undefined): string =>
  namespace === undefined ? `${plural}/` : `${plural}/${namespace}/`;
