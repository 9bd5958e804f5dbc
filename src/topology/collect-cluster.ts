import { describeError, HarnessError } from '../model/errors.ts';
import { OWNER_LABEL } from '../model/own-marks.ts';
import type { Unknown } from '../model/topology.ts';
import type { KubernetesApi, KubernetesObject } from '../ports/kubernetes.ts';
import type { LabAbilities, Units } from '../ports/lab.ts';
import { type ClusterObjects, type NodeUnits } from './cluster-objects.ts';
import { collectAddresses } from './collect-addresses.ts';
import { collectFiles } from './collect-files.ts';
import { byText, conditionOf, textAt } from './object-fields.ts';

/** The manifest in `docs/rbac` that lets a user see what a topology is made of. */
const GRANTS = 'Have an administrator apply docs/rbac/discovery.yaml and bind it to this user.';

/** What is asked for with `list`, and whether a topology can be made without it. */
const COLLECTIONS = {
  namespaces: { path: '/api/v1/namespaces', needed: true },
  nodes: { path: '/api/v1/nodes', needed: true },
  pods: { path: '/api/v1/pods', needed: true },
  deployments: { path: '/apis/apps/v1/deployments', needed: true },
  statefulsets: { path: '/apis/apps/v1/statefulsets', needed: true },
  daemonsets: { path: '/apis/apps/v1/daemonsets', needed: true },
  poddisruptionbudgets: { path: '/apis/policy/v1/poddisruptionbudgets', needed: false },
  leases: { path: '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases', needed: false },
} as const;

type CollectionName = keyof typeof COLLECTIONS;

interface Listed {
  readonly objects: readonly KubernetesObject[];
  readonly blind: readonly Unknown[];
}

/**
 * Asks the cluster for all that a topology is made of. What this user may not list is told as blindness, where a topology can
 * be made without it.
 * @throws SQ_AUTH for a kind of object that nothing can be said without; otherwise what the API throws.
 */
export async function collectCluster(
  kubernetes: KubernetesApi,
  abilities: Pick<LabAbilities, 'units' | 'inspect'>,
  apiUrl: string,
  signal: AbortSignal,
): Promise<ClusterObjects> {
  const names = Object.keys(COLLECTIONS) as CollectionName[];
  const [version, ...lists] = await Promise.all([
    serverVersion(kubernetes, signal),
    ...names.map((name) => list(kubernetes, name, signal)),
  ]);
  const listed = Object.fromEntries(names.map((name, index) => [name, lists[index]])) as Record<
    CollectionName,
    Listed
  >;
  const all = (name: CollectionName): readonly KubernetesObject[] => listed[name].objects;
  const ours = new Set(
    all('namespaces')
      .filter(isOurs)
      .map(({ metadata }) => metadata.name),
  );
  const foreign = (name: CollectionName): readonly KubernetesObject[] =>
    all(name).filter((object) => !isOurs(object) && !ours.has(object.metadata.namespace ?? ''));
  const workloads = [...all('deployments'), ...all('statefulsets')];
  const [files, { units, blind }] = await Promise.all([
    collectFiles(kubernetes, abilities.inspect, { nodes: all('nodes'), workloads }, signal),
    collectUnits(abilities.units, all('nodes')),
  ]);
  const known = { nodes: all('nodes'), leases: all('leases'), files: files.files };
  const carried = await collectAddresses(abilities.inspect, known, apiUrl);
  return {
    version,
    namespaces: foreign('namespaces'),
    nodes: all('nodes'),
    pods: foreign('pods'),
    deployments: foreign('deployments'),
    statefulsets: foreign('statefulsets'),
    daemonsets: foreign('daemonsets'),
    budgets: foreign('poddisruptionbudgets'),
    leases: all('leases'),
    ...files,
    units,
    ...(carried === undefined ? {} : { carried }),
    blind: [...names.flatMap((name) => listed[name].blind), ...blind],
  };
}

const isOurs = (object: KubernetesObject): boolean => object.metadata.labels?.[OWNER_LABEL] !== undefined;

/** A kind that the server does not have is empty; one that may not be looked at is not. That it cannot be reached is thrown. */
async function list(kubernetes: KubernetesApi, name: CollectionName, signal: AbortSignal): Promise<Listed> {
  const { path, needed } = COLLECTIONS[name];
  try {
    return { objects: await kubernetes.list(path, { signal }), blind: [] };
  } catch (error) {
    if (!(error instanceof HarnessError)) throw error;
    if (error.facts['status'] === 404 && !needed) return { objects: [], blind: [] };
    if (error.facts['status'] !== 403) throw error;
    const reason = `This user may not list ${name} (${path}).`;
    if (needed) {
      throw new HarnessError('SQ_AUTH', `${reason} Nothing can be said of a cluster without them.`, {
        cause: error,
        remedy: GRANTS,
        facts: error.facts,
      });
    }
    return { objects: [], blind: [{ what: name, reason, remedy: GRANTS }] };
  }
}

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

interface ListedUnits {
  readonly units: readonly NodeUnits[];
  readonly blind: readonly Unknown[];
}

/** A node that is off cannot say what it has, and what the cluster itself knows of it stays; one that is ready should have said. */
async function collectUnits(
  units: Units | undefined,
  nodes: readonly KubernetesObject[],
): Promise<ListedUnits> {
  if (units === undefined) return { units: [], blind: [] };
  const asked = nodes.map(async (node): Promise<ListedUnits> => {
    const { name } = node.metadata;
    try {
      return { units: [{ node: name, units: await units.list(name) }], blind: [] };
    } catch (error) {
      const ready = conditionOf(node, 'Ready') === 'True';
      const blind = ready ? [{ what: `units of ${name}`, reason: describeError(error) }] : [];
      return { units: [{ node: name, units: [] }], blind };
    }
  });
  const all = await Promise.all(asked);
  return {
    units: all.flatMap((each) => each.units),
    blind: all.flatMap((each) => each.blind).sort((a, b) => byText(a.what, b.what)),
  };
}
