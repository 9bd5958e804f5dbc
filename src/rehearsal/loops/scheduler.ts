import { at, listAt, textAt, textsAt } from '../cluster-api/json.ts';
import { timestamp, type KubeObject } from '../cluster-api/object-client.ts';
import { resourceNamed } from '../cluster-api/resources.ts';
import { boundTo } from '../cluster-api/subresources.ts';
import { attempt, clientOf, startTicking, type LoopContext, type Stop } from './loop.ts';

const PODS = resourceNamed('pods');
const NODES = resourceNamed('nodes');

/** Whose pods may run on control nodes; pods of users go to compute nodes. */
const SYSTEM_NAMESPACES = ['kube-system', 'openstack'];

export interface SchedulerContext extends LoopContext {
  /** Of the lease `kube-scheduler`. */
  isLeader(): boolean;
}

/** Binds pods to nodes, while this one leads. */
export function startScheduler(context: SchedulerContext): Stop {
  const objects = clientOf(context);
  return startTicking(context, async () => {
    if (!context.isLeader()) return;
    const pods = [...(await objects.list(PODS)).objects];
    if (!pods.some(isWaiting)) return;
    const nodes = (await objects.list(NODES)).objects;
    for (const [index, pod] of pods.entries()) {
      if (!isWaiting(pod)) continue;
      const node = chooseNode(pod, nodes, pods);
      if (node === undefined || !context.isLeader()) continue;
      const bound = boundTo(pod, node, timestamp(context.nowMs()));
      pods[index] = bound;
      await attempt(objects.update(PODS, bound));
    }
  });
}

const isWaiting = (pod: KubeObject): boolean =>
  (textAt(pod, 'spec', 'nodeName') ?? '') === '' && pod.metadata.deletionTimestamp === undefined;

/** The fitting node with the fewest pods of the same owner, and then of all; undefined when none fits. */
export function chooseNode(
  pod: KubeObject,
  nodes: readonly KubeObject[],
  pods: readonly KubeObject[],
): string | undefined {
  const { namespace = '' } = pod.metadata;
  const system = SYSTEM_NAMESPACES.includes(namespace);
  const siblings = (node: string): number =>
    pods.filter((each) => nodeOf(each) === node && sameOwner(each, pod)).length;
  const count = (node: string): number => pods.filter((each) => nodeOf(each) === node).length;
  const fitting = nodes
    .filter((node) => isUsable(node, pod) && matches(node, pod, system))
    .map(({ metadata }) => ({
      name: metadata.name,
      siblings: siblings(metadata.name),
      pods: count(metadata.name),
    }))
    // The workloads of the cloud keep their replicas on different nodes.
    .filter((node) => !system || node.siblings === 0);
  return fitting.sort((a, b) => a.siblings - b.siblings || a.pods - b.pods || (a.name < b.name ? -1 : 1))[0]
    ?.name;
}

const nodeOf = (pod: KubeObject): string => textAt(pod, 'spec', 'nodeName') ?? '';

const sameOwner = (a: KubeObject, b: KubeObject): boolean => {
  const owner = b.metadata.ownerReferences?.[0]?.uid;
  return owner !== undefined && a.metadata.ownerReferences?.[0]?.uid === owner;
};

export const isNodeReady = (node: KubeObject): boolean =>
  listAt(node, 'status', 'conditions').some(
    (each) => textAt(each, 'type') === 'Ready' && textAt(each, 'status') === 'True',
  );

function isUsable(node: KubeObject, pod: KubeObject): boolean {
  const tolerations = listAt(pod, 'spec', 'tolerations');
  const tolerated = (taint: unknown): boolean =>
    tolerations.some((each) => {
      const key = textAt(each, 'key');
      const effect = textAt(each, 'effect') ?? '';
      const keyFits =
        key === textAt(taint, 'key') || (key === undefined && textAt(each, 'operator') === 'Exists');
      return keyFits && (effect === '' || effect === textAt(taint, 'effect'));
    });
  const taints = listAt(node, 'spec', 'taints').filter(
    (taint) => textAt(taint, 'effect') !== 'PreferNoSchedule',
  );
  return isNodeReady(node) && at(node, 'spec', 'unschedulable') !== true && taints.every(tolerated);
}

function matches(node: KubeObject, pod: KubeObject, system: boolean): boolean {
  const labels = node.metadata.labels ?? {};
  const wanted = Object.entries(textsAt(pod, 'spec', 'nodeSelector'));
  if (wanted.length === 0 && !system) return labels['openstack-compute-node'] === 'enabled';
  return wanted.every(([key, value]) => labels[key] === value);
}
