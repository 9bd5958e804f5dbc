import { confirmTargets, type bindTargets } from '../../src/chaos/index.ts';
import { HarnessError } from '../../src/model/errors.ts';
import type { BoundTarget } from '../../src/model/schedule.ts';
import { seededRandom } from '../../src/model/seeded-random.ts';
import type { LiveMember, LiveNode, Topology } from '../../src/model/topology.ts';
import type { KubernetesApi, KubernetesObject } from '../../src/ports/kubernetes.ts';
import { oneOf } from './generate-case.ts';

type Bound = ReturnType<typeof bindTargets>;

const POD_CHANGES: readonly ((pod: LiveMember) => LiveMember | undefined)[] = [
  (pod) => ({ ...pod, uid: `${pod.uid}-successor` }),
  (pod) => ({ ...pod, name: `${pod.name}-renamed` }),
  (pod) => ({ ...pod, node: 'somewhere-else' }),
  (pod) => ({ ...pod, uid: '' }),
  () => undefined,
];

const NODE_CHANGES: readonly ((node: LiveNode) => LiveNode | undefined)[] = [
  (node) => ({ ...node, uid: `${node.uid}-successor` }),
  (node) => ({ ...node, provider: 'provider://another' }),
  (node) => ({ ...node, boot: 'another-boot' }),
  (node) => {
    const { boot: _boot, provider: _provider, ...rest } = node;
    return rest;
  },
  (node) => ({ ...node, name: `${node.name}-renamed` }),
  () => undefined,
];

/**
 * Changes one of the bound targets underneath, as between proof and act.
 * @returns what was wrongly let through, or wrongly refused while nothing had changed.
 */
export async function replaceOne(bound: Bound, topology: Topology, seed: string): Promise<readonly string[]> {
  const random = seededRandom(`${seed}/replace`);
  const target = oneOf(random, [...bound.targets, ...bound.from]);
  const changed = change(target, topology, random);
  const viaApi = random.integer(2) === 0;
  const same = await refused(bound, topology, viaApi);
  const other = await refused(bound, changed, viaApi);
  return [
    ...(same === undefined ? [] : [`refused though nothing changed: ${same}`]),
    ...(other === undefined ? [`${target.name} changed underneath and was let through`] : []),
  ];
}

function change(
  target: BoundTarget,
  { live, ...rest }: Topology,
  random: ReturnType<typeof seededRandom>,
): Topology {
  if (target.subject === 'pod') {
    const how = oneOf(random, POD_CHANGES);
    const members = live.members.flatMap((member) => {
      if (member.service !== target.service || member.rank !== target.rank) return [member];
      const now = how(member);
      return now === undefined ? [] : [now];
    });
    return { ...rest, live: { ...live, members } };
  }
  const how = oneOf(random, NODE_CHANGES);
  const nodes = live.nodes.flatMap((node) => {
    if (node.name !== target.node) return [node];
    const now = how(node);
    return now === undefined ? [] : [now];
  });
  return { ...rest, live: { ...live, nodes } };
}

async function refused(bound: Bound, topology: Topology, viaApi: boolean): Promise<string | undefined> {
  const tools = viaApi ? { kubernetes: apiOf(topology) } : {};
  try {
    await confirmTargets(bound, tools, () => Promise.resolve(topology), new AbortController().signal);
    return undefined;
  } catch (error) {
    if (error instanceof HarnessError && error.code === 'SQ_TARGET_CHANGED') return error.message;
    throw error;
  }
}

/** The objects that a cluster with this live state would answer with. */
function apiOf({ live, services }: Topology): KubernetesApi {
  const namespaces = new Map(services.map(({ id, namespace }) => [id, namespace]));
  const objects = new Map<string, KubernetesObject>();
  for (const { name, uid, boot, provider } of live.nodes) {
    objects.set(`/api/v1/nodes/${name}`, {
      metadata: { name, uid },
      spec: provider === undefined ? {} : { providerID: provider },
      status: { nodeInfo: boot === undefined ? {} : { bootID: boot } },
    });
  }
  for (const { service, name, uid, node } of live.members) {
    const path = `/api/v1/namespaces/${namespaces.get(service)}/pods/${name}`;
    objects.set(path, { metadata: { name, uid }, spec: { nodeName: node } });
  }
  const get = (path: string): Promise<KubernetesObject | undefined> => Promise.resolve(objects.get(path));
  return { get } as unknown as KubernetesApi;
}
