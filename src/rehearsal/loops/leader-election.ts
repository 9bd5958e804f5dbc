import { withSpec } from '../cluster-api/conditions.ts';
import { textAt } from '../cluster-api/json.ts';
import { ObjectClient } from '../cluster-api/object-client.ts';
import { timer } from '../timers.ts';
import { startLoop, type LoopContext, type Stop } from './loop.ts';

export interface LeaderElection {
  /** False as soon as the last renewal is longer ago than the renew deadline, even while the store does not answer. */
  isLeader(): boolean;
  readonly stop: Stop;
}

/** The time of a lease has microseconds. */
export const microTime = (ms: number): string => `${new Date(ms).toISOString().slice(0, -1)}000Z`;

/**
 * Competes for a lease in kube-system as client-go's leaderelection does: a lease that this candidate saw unchanged for its whole
 * duration may be taken. Nobody's clock is compared with another's.
 */
export function startLeaderElection(
  context: LoopContext & { readonly name: string; readonly node: string },
): LeaderElection {
  const { name, node, nowMs, token } = context;
  const objects = new ObjectClient(context);
  const place = { name, namespace: 'kube-system' };
  const durationMs = timer('leader-elect-lease-duration');
  const own = { holderIdentity: `${node}_${token(12)}`, leaseDurationSeconds: durationMs / 1000 };
  let renewedMs = Number.NEGATIVE_INFINITY;
  let seen = { version: '', atMs: 0 };
  const stop = startLoop(context, timer('leader-elect-retry-period'), async () => {
    // Counted from before the request: it may have taken effect at any moment since.
    const askedMs = nowMs();
    const spec = { ...own, renewTime: microTime(askedMs) };
    let held = true;
    const found = await objects.change({ plural: 'leases', ...place }, (lease) => {
      const { resourceVersion: version } = lease.metadata;
      if (seen.version !== version) seen = { version, atMs: nowMs() };
      held =
        textAt(lease, 'spec', 'holderIdentity') === own.holderIdentity || nowMs() - seen.atMs > durationMs;
      return held ? withSpec(lease, spec) : undefined;
    });
    if (found === undefined) await objects.create('leases', { metadata: place, spec });
    if (held) renewedMs = askedMs;
  });
  return { isLeader: () => nowMs() - renewedMs < timer('leader-elect-renew-deadline'), stop };
}
