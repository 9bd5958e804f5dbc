import { listAt, objectAt, textAt } from '../cluster-api/json.ts';
import { timestamp, type ObjectClient } from '../cluster-api/object-client.ts';
import { resourceNamed } from '../cluster-api/resources.ts';
import { timer } from '../timers.ts';
import { createPodKeeper } from './kubelet-pods.ts';
import { microTime } from './leader-election.ts';
import { clientOf, conditionFrom, startTicking, type Stop } from './loop.ts';
import type { KubeletContext } from './pod-runner.ts';

const LEASES = resourceNamed('leases');
const NODES = resourceNamed('nodes');

/**
 * The kubelet of one node: renews its lease, says that the node is ready, and runs the pods that are bound to it. A kubelet that
 * starts finds its pods in the API, and starts again what does not run. When it stops, its pods go on, as on a real node: who
 * ends the node ends them.
 */
export function startKubelet(context: KubeletContext): Stop {
  const objects = clientOf(context);
  const keeper = createPodKeeper(context, objects);
  const shorter = (ms: number): number =>
    Math.min(ms, context.tickMs === undefined ? ms : context.tickMs * 5);
  const stops = [
    startTicking(context, () => renewLease(context, objects), shorter(timer('node-lease-renew-interval'))),
    startTicking(
      context,
      () => reportNode(context, objects),
      shorter(timer('node-status-update-frequency') / 4),
    ),
    startTicking(context, () => keeper.look()),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

async function renewLease({ node, nowMs }: KubeletContext, objects: ObjectClient): Promise<void> {
  const spec = {
    holderIdentity: node,
    leaseDurationSeconds: timer('node-lease-duration') / 1000,
    renewTime: microTime(nowMs()),
  };
  const renewed = await objects.change(LEASES, 'kube-node-lease', node, (lease) => ({ ...lease, spec }));
  if (renewed === undefined)
    await objects.create(LEASES, { metadata: { name: node, namespace: 'kube-node-lease' }, spec });
}

/** Says that the node is ready: at once when the API says otherwise, and as a heartbeat at the frequency that is set. */
async function reportNode({ node, nowMs }: KubeletContext, objects: ObjectClient): Promise<void> {
  const now = nowMs();
  await objects.change(NODES, undefined, node, (present) => {
    const conditions = listAt(present, 'status', 'conditions');
    const ready = conditions.find((each) => textAt(each, 'type') === 'Ready');
    const beat = Date.parse(textAt(ready, 'lastHeartbeatTime') ?? '');
    const isDue = !(now - beat < timer('node-status-update-frequency'));
    if (textAt(ready, 'status') === 'True' && !isDue) return undefined;
    const wanted = {
      type: 'Ready',
      status: 'True',
      reason: 'KubeletReady',
      message: 'kubelet is posting ready status',
    };
    const condition = { ...conditionFrom(ready, wanted, now), lastHeartbeatTime: timestamp(now) };
    const others = conditions.filter((each) => each !== ready);
    return { ...present, status: { ...objectAt(present, 'status'), conditions: [...others, condition] } };
  });
}
