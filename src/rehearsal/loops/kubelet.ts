import { conditionOf, isTrue, withCondition } from '../cluster-api/conditions.ts';
import { textAt } from '../cluster-api/json.ts';
import { timestamp } from '../cluster-api/kube-object.ts';
import { ObjectClient } from '../cluster-api/object-client.ts';
import { timer } from '../timers.ts';
import { KeptPod } from './kept-pod.ts';
import { microTime } from './leader-election.ts';
import { attempt, LOOK_MS, startLoop, type Stop } from './loop.ts';
import type { KubeletContext } from './pod-runner.ts';
import { nodeOf } from './scheduler.ts';

/**
 * The kubelet of one node: renews its lease, says that the node is ready, and runs the pods that are bound to it. A kubelet that
 * starts finds its pods in the API, and starts again what does not run. When it stops, its pods go on, as on a real node: who
 * ends the node ends them.
 */
export function startKubelet(context: KubeletContext): Stop {
  const { node, nowMs, staticPods } = context;
  const objects = new ObjectClient(context);
  const kept = new Map<string, KeptPod>();

  const renewLease = async (): Promise<void> => {
    const place = { namespace: 'kube-node-lease', name: node };
    const leaseDurationSeconds = timer('node-lease-duration') / 1000;
    const spec = { holderIdentity: node, leaseDurationSeconds, renewTime: microTime(nowMs()) };
    const renewed = await objects.change({ plural: 'leases', ...place }, (lease) => ({ ...lease, spec }));
    if (renewed === undefined) await objects.create('leases', { metadata: place, spec });
  };
  /** At once when the API says otherwise, and as a heartbeat at the frequency that is set. */
  const reportNode = async (): Promise<void> => {
    await objects.change({ plural: 'nodes', name: node }, (present) => {
      const beat = Date.parse(textAt(conditionOf(present, 'Ready'), 'lastHeartbeatTime') ?? '');
      const isDue = !(nowMs() - beat < timer('node-status-update-frequency'));
      const ready = { type: 'Ready', status: 'True', lastHeartbeatTime: timestamp(nowMs()) };
      return isDue || !isTrue(present, 'Ready') ? withCondition(present, ready, nowMs()) : undefined;
    });
  };
  const lookAtPods = async (): Promise<void> => {
    // What runs goes on running, and is looked at, also while the API does not answer.
    for (const each of kept.values()) each.advance();
    const mine = (await objects.list('pods')).objects.filter((pod) => nodeOf(pod) === node);
    for (const [uid, each] of kept) {
      if (mine.some(({ metadata }) => metadata.uid === uid)) continue;
      // Deleted at once, without waiting for its kubelet.
      each.end();
      kept.delete(uid);
    }
    for (const pod of mine) {
      const used = [...kept.values()].map(({ address }) => address);
      const each = kept.get(pod.metadata.uid) ?? new KeptPod(context, pod, used);
      kept.set(pod.metadata.uid, each);
      each.pod = pod;
      each.advance();
      await attempt(objects.change(pod, (found) => (each.isGone() ? null : each.shown(found))));
    }
    const names = mine.map(({ metadata }) => metadata.name);
    for (const pod of staticPods)
      if (!names.includes(textAt(pod, 'metadata', 'name') ?? '')) await attempt(objects.create('pods', pod));
  };
  const stops = [
    startLoop(context, timer('node-lease-renew-interval'), renewLease),
    startLoop(context, timer('node-status-update-frequency') / 4, reportNode),
    startLoop(context, LOOK_MS, lookAtPods),
  ];
  return () => stops.forEach((stop) => stop());
}
