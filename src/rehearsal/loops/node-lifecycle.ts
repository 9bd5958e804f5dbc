import { conditionOf, isReady, isTrue, withCondition, withSpec } from '../cluster-api/conditions.ts';
import { listAt, numberAt, textAt } from '../cluster-api/json.ts';
import type { KubeObject } from '../cluster-api/kube-object.ts';
import { timer } from '../timers.ts';
import { attempt, type ControllerTools, type Sync } from './loop.ts';
import { nodeOf, tolerationsOf } from './scheduler.ts';

const UNREACHABLE = 'node.kubernetes.io/unreachable';

/** Finds out whether a node no longer renews its lease, says so of it and its pods, and evicts those after what they tolerate. */
export const syncNode: Sync = async (tools, node) => {
  const { objects, nowMs } = tools;
  const since = textAt(taintsOf(node)[0], 'timeAdded');
  if (isSilent(tools, node)) {
    await attempt(objects.change(node, (present) => unreachable(present, nowMs())));
    await leavePods(tools, node.metadata.name, since === undefined ? 0 : nowMs() - Date.parse(since));
  } else if (since !== undefined && isTrue(node, 'Ready'))
    await objects.change(node, (present) => withSpec(present, { taints: taintsOf(present, false) }));
};

function isSilent({ of, nowMs, readableSinceMs }: ControllerTools, node: KubeObject): boolean {
  // While nobody could write, no node could renew, and each has a renewal and a half to do so: that is no silence of the nodes.
  if (nowMs() - readableSinceMs < 1.5 * timer('node-lease-renew-interval'))
    return !isTrue(node, 'Ready') && taintsOf(node).length > 0;
  const leases = of('leases').filter(({ metadata }) => metadata.namespace === 'kube-node-lease');
  const lease = leases.find(({ metadata }) => metadata.name === node.metadata.name);
  const heard = [textAt(lease, 'spec', 'renewTime'), textAt(conditionOf(node, 'Ready'), 'lastHeartbeatTime')];
  const heardMs = Math.max(...heard.map((each) => Date.parse(each ?? node.metadata.creationTimestamp)));
  return nowMs() - heardMs > timer('node-monitor-grace-period');
}

/** Those that say that the node is unreachable, or the others. */
const taintsOf = (node: KubeObject, mine = true): readonly unknown[] =>
  listAt(node, 'spec', 'taints').filter((taint) => (textAt(taint, 'key') === UNREACHABLE) === mine);

function unreachable(node: KubeObject, nowMs: number): KubeObject {
  const timeAdded = new Date(nowMs).toISOString();
  const added = ['NoSchedule', 'NoExecute'].map((effect) => ({ key: UNREACHABLE, effect, timeAdded }));
  const mine = taintsOf(node).length > 0 ? taintsOf(node) : added;
  const tainted = withSpec(node, { taints: [...taintsOf(node, false), ...mine] });
  return withCondition(tainted, { type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown' }, nowMs);
}

/** What runs on a silent node counts as not ready at once, and is deleted when its toleration is over. */
async function leavePods(tools: ControllerTools, node: string, silentMs: number): Promise<void> {
  const { of, objects, nowMs } = tools;
  const notReady = { type: 'Ready', status: 'False', reason: 'NodeNotReady' };
  // When every node is silent, it is the network that is broken, and moving pods would not help (node lifecycle controller).
  const evicts = of('nodes').some((each) => isTrue(each, 'Ready'));
  for (const pod of of('pods').filter((each) => nodeOf(each) === node)) {
    if (isReady(pod)) await attempt(objects.change(pod, (each) => withCondition(each, notReady, nowMs())));
    if (evicts && silentMs >= toleratedMs(pod)) await attempt(objects.delete(pod));
  }
}

/** How long a pod stays on an unreachable node; without end where no time is said, and not at all without a toleration. */
function toleratedMs(pod: KubeObject): number {
  const tolerations = tolerationsOf(pod, { key: UNREACHABLE, effect: 'NoExecute' });
  const seconds = tolerations.map((each) => numberAt(each, 'tolerationSeconds') ?? Number.POSITIVE_INFINITY);
  return seconds.length === 0 ? 0 : Math.min(...seconds) * 1000;
}
