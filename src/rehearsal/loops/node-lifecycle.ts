import { isReady, isTrue, withCondition } from '../cluster-api/conditions.ts';
import { listAt, numberAt, objectAt, textAt } from '../cluster-api/json.ts';
import { refTo, type KubeObject } from '../cluster-api/object-client.ts';
import { timer } from '../timers.ts';
import { attempt, type ControllerTools } from './loop.ts';
import { nodeOf, tolerationsOf } from './scheduler.ts';

const UNREACHABLE = 'node.kubernetes.io/unreachable';

/**
 * Finds out whether a node no longer renews its lease, says so of it and its pods, and evicts the pods after what they tolerate.
 * @param readableSinceMs since when the store has answered without a gap
 */
export async function syncNode(
  tools: ControllerTools,
  node: KubeObject,
  readableSinceMs: number,
): Promise<void> {
  const { objects, nowMs } = tools;
  const since = textAt(taintsOf(node)[0], 'timeAdded');
  if (isSilent(tools, node, readableSinceMs)) {
    await attempt(objects.change(refTo(node), (present) => unreachable(present, nowMs())));
    await leavePods(tools, node.metadata.name, since === undefined ? 0 : nowMs() - Date.parse(since));
  } else if (since !== undefined && isTrue(node, 'Ready')) {
    const others = (each: KubeObject): readonly unknown[] => taintsOf(each, false);
    await objects.change(refTo(node), (each) => ({
      ...each,
      spec: { ...objectAt(each, 'spec'), taints: others(each) },
    }));
  }
}

function isSilent({ snapshot, nowMs }: ControllerTools, node: KubeObject, readableSinceMs: number): boolean {
  // While nobody could write, no node could renew, and each has a renewal and a half to do so: that is no silence of the nodes.
  if (nowMs() - readableSinceMs < 1.5 * timer('node-lease-renew-interval'))
    return !isTrue(node, 'Ready') && taintsOf(node).length > 0;
  const leases = snapshot.of('leases').filter(({ metadata }) => metadata.namespace === 'kube-node-lease');
  const lease = leases.find(({ metadata }) => metadata.name === node.metadata.name);
  const renewed = textAt(lease, 'spec', 'renewTime') ?? node.metadata.creationTimestamp;
  return nowMs() - Date.parse(renewed) > timer('node-monitor-grace-period');
}

/** Those that say that the node is unreachable, or the others. */
const taintsOf = (node: KubeObject, mine = true): readonly unknown[] =>
  listAt(node, 'spec', 'taints').filter((taint) => (textAt(taint, 'key') === UNREACHABLE) === mine);

function unreachable(node: KubeObject, nowMs: number): KubeObject {
  const timeAdded = new Date(nowMs).toISOString();
  const added = ['NoSchedule', 'NoExecute'].map((effect) => ({ key: UNREACHABLE, effect, timeAdded }));
  const mine = taintsOf(node).length > 0 ? taintsOf(node) : added;
  const spec = { ...objectAt(node, 'spec'), taints: [...taintsOf(node, false), ...mine] };
  return withCondition(
    { ...node, spec },
    { type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown' },
    nowMs,
  );
}

/** What runs on a silent node counts as not ready at once, and is deleted when its toleration is over. */
async function leavePods(
  { snapshot, objects, nowMs }: ControllerTools,
  node: string,
  silentMs: number,
): Promise<void> {
  // When every node is silent, it is the network that is broken, and moving pods would not help (node lifecycle controller).
  const evicts = snapshot.of('nodes').some((each) => isTrue(each, 'Ready'));
  for (const pod of snapshot.of('pods').filter((each) => nodeOf(each) === node)) {
    const notReady = { type: 'Ready', status: 'False', reason: 'NodeNotReady' } as const;
    if (isReady(pod))
      await attempt(objects.change(refTo(pod), (each) => withCondition(each, notReady, nowMs())));
    if (evicts && silentMs >= toleratedMs(pod)) await attempt(objects.delete(refTo(pod)));
  }
}

/** How long a pod stays on an unreachable node; without end where no time is said, and not at all without a toleration. */
function toleratedMs(pod: KubeObject): number {
  const tolerations = tolerationsOf(pod, { key: UNREACHABLE, effect: 'NoExecute' });
  const seconds = tolerations.map((each) => numberAt(each, 'tolerationSeconds') ?? Number.POSITIVE_INFINITY);
  return seconds.length === 0 ? 0 : Math.min(...seconds) * 1000;
}
