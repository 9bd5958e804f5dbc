import { at, listAt, objectAt, textAt, type Json } from '../cluster-api/json.ts';
import { timestamp, type KubeObject } from '../cluster-api/object-client.ts';
import { resourceNamed } from '../cluster-api/resources.ts';
import { isReady } from '../cluster-api/subresources.ts';
import { timer } from '../timers.ts';
import { conditionFrom, deleteAsController, type ControllerTools } from './loop.ts';
import { isActive } from './replica-workloads.ts';
import { isNodeReady } from './scheduler.ts';

const NODES = resourceNamed('nodes');
const PODS = resourceNamed('pods');
const UNREACHABLE = 'node.kubernetes.io/unreachable';

/** How long the store must have been readable before a silent lease proves that its node is silent: one renewal and a half. */
const settledMs = (): number => 1.5 * timer('node-lease-renew-interval');

/** What the controller remembers between two looks. */
export interface NodeMemory {
  /** Since when the store has answered without a gap. */
  readableSinceMs: number;
  /** By node: when it was first seen to be unreachable. */
  readonly unreachableSinceMs: Map<string, number>;
}

export const newNodeMemory = (nowMs: number): NodeMemory => ({
  readableSinceMs: nowMs,
  unreachableSinceMs: new Map(),
});

/** Finds nodes that no longer renew their lease, says so of them and their pods, and evicts the pods after what they tolerate. */
export async function syncNodes(tools: ControllerTools, memory: NodeMemory): Promise<void> {
  const { snapshot, nowMs, attempt } = tools;
  const now = nowMs();
  for (const node of snapshot.of('nodes')) {
    const silent = isSilent(tools, node, memory);
    if (silent) await attempt(markUnreachable(tools, node));
    else if (isNodeReady(node)) {
      memory.unreachableSinceMs.delete(node.metadata.name);
      await attempt(clearTaints(tools, node));
    }
    if (!silent) continue;
    const since = memory.unreachableSinceMs.get(node.metadata.name) ?? taintedSinceMs(node) ?? now;
    memory.unreachableSinceMs.set(node.metadata.name, since);
    await leavePods(tools, node, now - since);
  }
}

function isSilent({ snapshot, nowMs }: ControllerTools, node: KubeObject, memory: NodeMemory): boolean {
  const lease = snapshot
    .of('leases')
    .find(({ metadata }) => metadata.namespace === 'kube-node-lease' && metadata.name === node.metadata.name);
  const renewed = Date.parse(textAt(lease, 'spec', 'renewTime') ?? node.metadata.creationTimestamp);
  // While nobody could write, no node could renew: that is no silence of the nodes.
  if (nowMs() - memory.readableSinceMs < settledMs())
    return !isNodeReady(node) && taintedSinceMs(node) !== undefined;
  return nowMs() - renewed > timer('node-monitor-grace-period');
}

const taintsOf = (node: KubeObject): readonly unknown[] => listAt(node, 'spec', 'taints');

function taintedSinceMs(node: KubeObject): number | undefined {
  const added = textAt(
    taintsOf(node).find((taint) => textAt(taint, 'key') === UNREACHABLE),
    'timeAdded',
  );
  return added === undefined ? undefined : Date.parse(added);
}

async function markUnreachable({ objects, nowMs }: ControllerTools, { metadata }: KubeObject): Promise<void> {
  await objects.change(NODES, undefined, metadata.name, (node) => {
    const present = listAt(node, 'status', 'conditions');
    const ready = present.find((each) => textAt(each, 'type') === 'Ready');
    if (textAt(ready, 'status') === 'Unknown' && taintedSinceMs(node) !== undefined) return undefined;
    const unknown = {
      type: 'Ready',
      status: 'Unknown',
      reason: 'NodeStatusUnknown',
      message: 'Kubelet stopped posting node status.',
    };
    const others = present.filter((each) => each !== ready);
    const timeAdded = timestamp(nowMs());
    const taints = ['NoSchedule', 'NoExecute'].map((effect) => ({ key: UNREACHABLE, effect, timeAdded }));
    const kept = taintsOf(node).filter((taint) => textAt(taint, 'key') !== UNREACHABLE);
    return {
      ...node,
      spec: { ...objectAt(node, 'spec'), taints: [...kept, ...taints] },
      status: {
        ...objectAt(node, 'status'),
        conditions: [...others, conditionFrom(ready, unknown, nowMs())],
      },
    };
  });
}

async function clearTaints({ objects }: ControllerTools, node: KubeObject): Promise<void> {
  if (!taintsOf(node).some((taint) => textAt(taint, 'key') === UNREACHABLE)) return;
  await objects.change(NODES, undefined, node.metadata.name, (present) => {
    const taints = taintsOf(present).filter((taint) => textAt(taint, 'key') !== UNREACHABLE);
    const { taints: _, ...spec } = objectAt(present, 'spec');
    return { ...present, spec: taints.length === 0 ? spec : { ...spec, taints } };
  });
}

/** What runs on a silent node counts as not ready at once, and is deleted when its toleration is over. */
async function leavePods(tools: ControllerTools, node: KubeObject, silentMs: number): Promise<void> {
  const { snapshot, objects, nowMs, attempt } = tools;
  const pods = snapshot.of('pods').filter((pod) => textAt(pod, 'spec', 'nodeName') === node.metadata.name);
  for (const pod of pods.filter(isReady)) {
    const { namespace, name, uid } = pod.metadata;
    await attempt(
      objects.change(PODS, namespace, name, (present) =>
        present.metadata.uid === uid ? notReady(present, nowMs()) : undefined,
      ),
    );
  }
  // When every node is silent, it is the network that is broken, and moving pods would not help (node lifecycle controller).
  if (!snapshot.of('nodes').some(isNodeReady)) return;
  for (const pod of pods.filter(isActive)) {
    if (silentMs < toleratedMs(pod)) continue;
    await attempt(deleteAsController(tools, pod));
  }
}

function notReady(pod: KubeObject, nowMs: number): Json {
  const conditions = listAt(pod, 'status', 'conditions').map((each) => {
    const wanted = { type: 'Ready', status: 'False', reason: 'NodeNotReady' };
    return textAt(each, 'type') === 'Ready' ? conditionFrom(each, wanted, nowMs) : each;
  });
  return { ...pod, status: { ...objectAt(pod, 'status'), conditions } };
}

/** How long a pod stays on an unreachable node; without end where no time is said, and not at all without a toleration. */
function toleratedMs(pod: KubeObject): number {
  const tolerations = listAt(pod, 'spec', 'tolerations').filter((each) => {
    const key = textAt(each, 'key');
    const effect = textAt(each, 'effect') ?? '';
    return (
      (key === UNREACHABLE || (key === undefined && textAt(each, 'operator') === 'Exists')) &&
      ['', 'NoExecute'].includes(effect)
    );
  });
  if (tolerations.length === 0) return 0;
  const seconds = tolerations
    .map((each) => at(each, 'tolerationSeconds'))
    .filter((value) => typeof value === 'number');
  return seconds.length < tolerations.length ? Number.POSITIVE_INFINITY : Math.min(...seconds) * 1000;
}
