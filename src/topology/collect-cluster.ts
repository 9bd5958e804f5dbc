import { HarnessError } from '../model/errors.ts';
import type { KubernetesApi, KubernetesObject } from '../ports/kubernetes.ts';
import type { Units } from '../ports/lab.ts';
import { OWN_LABEL, type ClusterObjects, type ConfigurationFile, type NodeUnits } from './cluster-objects.ts';
import { byText, textAt, textsAt } from './object-fields.ts';

/** Where times are written down: kubeadm's own names, and those that the reference lab's keepalived and haproxy use. */
const SYSTEM_FILES = ['kubelet-config', 'keepalived-config', 'haproxy-config'] as const;
/** OpenStack-Helm keeps the files of each chart in `<chart>-etc`, as a Secret where they hold passwords. */
const OPENSTACK_FILES = ['nova-etc', 'mariadb-etc'] as const;

/** Asks the cluster for all that a topology is made of. @throws what the API throws for what nothing can be said without. */
export async function collectCluster(
  kubernetes: KubernetesApi,
  units: Units | undefined,
  signal: AbortSignal,
): Promise<ClusterObjects> {
  const list = (collection: string): Promise<readonly KubernetesObject[]> =>
    kubernetes.list(collection, { signal });
  const [version, namespaces, nodes, pods, deployments, statefulsets, daemonsets, budgets, leases] =
    await Promise.all([
      serverVersion(kubernetes, signal),
      list('/api/v1/namespaces'),
      list('/api/v1/nodes'),
      list('/api/v1/pods'),
      list('/apis/apps/v1/deployments'),
      list('/apis/apps/v1/statefulsets'),
      list('/apis/apps/v1/daemonsets'),
      absentIs([], list('/apis/policy/v1/poddisruptionbudgets')),
      absentIs([], list('/apis/coordination.k8s.io/v1/namespaces/kube-system/leases')),
    ]);
  const [files, nodeUnits] = await Promise.all([
    collectFiles(kubernetes, openstackNamespaces([...deployments, ...statefulsets]), signal),
    collectUnits(units, nodes),
  ]);
  const ours = new Set(namespaces.filter(isOurs).map((namespace) => namespace.metadata.name));
  const foreign = (objects: readonly KubernetesObject[]): readonly KubernetesObject[] =>
    objects.filter((object) => !isOurs(object) && !ours.has(object.metadata.namespace ?? ''));
  return {
    version,
    namespaces: foreign(namespaces),
    nodes,
    pods: foreign(pods),
    deployments: foreign(deployments),
    statefulsets: foreign(statefulsets),
    daemonsets: foreign(daemonsets),
    budgets: foreign(budgets),
    leases,
    files,
    units: nodeUnits,
  };
}

const isOurs = (object: KubernetesObject): boolean => object.metadata.labels?.[OWN_LABEL] !== undefined;

async function serverVersion(kubernetes: KubernetesApi, signal: AbortSignal): Promise<string> {
  const { status, body } = await kubernetes.request({ method: 'GET', path: '/version', signal });
  const version = textAt(body, 'gitVersion');
  if (status === 200 && version !== undefined) return version;
  if (status === 401 || status === 403) {
    throw new HarnessError(
      'SQ_AUTH',
      `The Kubernetes API did not let this user ask for its version (${status}).`,
    );
  }
  const says = `The server did not answer /version as a Kubernetes API does (${status}).`;
  throw new HarnessError('SQ_BAD_ANSWER', says, { definite: false });
}

/** What a cluster does not have, or this user may not see, is left out; that the cluster cannot be reached is never left out. */
async function absentIs<T>(absent: T, asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof HarnessError && (error.facts['status'] === 404 || error.facts['status'] === 403))
      return absent;
    throw error;
  }
}

function openstackNamespaces(workloads: readonly KubernetesObject[]): readonly string[] {
  const found = workloads.filter(({ metadata }) =>
    ['nova', 'mariadb'].includes(metadata.labels?.['application'] ?? ''),
  );
  return [...new Set(found.map(({ metadata }) => metadata.namespace ?? ''))].sort(byText);
}

async function collectFiles(
  kubernetes: KubernetesApi,
  openstack: readonly string[],
  signal: AbortSignal,
): Promise<readonly ConfigurationFile[]> {
  const wanted = [
    ...SYSTEM_FILES.map((name) => ({ kind: 'configmap', namespace: 'kube-system', name })),
    ...openstack.flatMap((namespace) =>
      OPENSTACK_FILES.flatMap((name) => [
        { kind: 'configmap', namespace, name },
        { kind: 'secret', namespace, name },
      ]),
    ),
  ];
  const found = await Promise.all(
    wanted.map(async ({ kind, namespace, name }) => {
      const path = `/api/v1/namespaces/${namespace}/${kind}s/${name}`;
      const object = await absentIs(undefined, kubernetes.get(path, signal));
      return object === undefined ? [] : filesOf(kind, object, `${kind} ${namespace}/${name}`);
    }),
  );
  return found.flat();
}

function filesOf(kind: string, object: KubernetesObject, from: string): readonly ConfigurationFile[] {
  const decode = (text: string): string =>
    kind === 'secret' ? Buffer.from(text, 'base64').toString('utf8') : text;
  const entries = Object.entries(textsAt(object, 'data')).sort(([a], [b]) => byText(a, b));
  return entries.map(([name, text]) => ({ from, name, text: decode(text) }));
}

/** A node that is off cannot say what it has; what the cluster itself knows of it stays. */
async function collectUnits(
  units: Units | undefined,
  nodes: readonly KubernetesObject[],
): Promise<readonly NodeUnits[]> {
  if (units === undefined) return [];
  const asked = nodes.map(async ({ metadata }) => {
    const listed = await units.list(metadata.name).catch(() => []);
    return { node: metadata.name, units: listed };
  });
  return Promise.all(asked);
}
