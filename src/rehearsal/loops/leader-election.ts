import { numberAt, objectAt, textAt } from '../cluster-api/json.ts';
import { resourceNamed } from '../cluster-api/resources.ts';
import { timer } from '../timers.ts';
import { clientOf, startTicking, type LoopContext, type Stop } from './loop.ts';

export interface LeaderElection {
  /** False as soon as the last renewal is longer ago than the renew deadline, even while the store does not answer. */
  isLeader(): boolean;
  stop: Stop;
}

export interface LeaderElectionContext extends LoopContext {
  /** Of the lease in kube-system, such as `kube-scheduler`. */
  readonly name: string;
  readonly node: string;
}

const LEASES = resourceNamed('leases');
const NAMESPACE = 'kube-system';

/** The time of a lease has microseconds. */
export const microTime = (ms: number): string => `${new Date(ms).toISOString().slice(0, -1)}000Z`;

/**
 * Competes for a lease as client-go's leaderelection does: a lease that this candidate saw unchanged for its whole duration may
 * be taken. Nobody's clock is compared with another's.
 */
export function startLeaderElection(context: LeaderElectionContext): LeaderElection {
  const { name, node, nowMs, token } = context;
  const objects = clientOf(context);
  const identity = `${node}_${token(8)}-${token(4)}`;
  let renewedMs = Number.NEGATIVE_INFINITY;
  let seen = { version: '', atMs: 0 };

  const specAt = (ms: number, transitions: number, acquired: string): Readonly<Record<string, unknown>> => ({
    holderIdentity: identity,
    leaseDurationSeconds: Math.max(1, Math.round(timer('leader-elect-lease-duration') / 1000)),
    acquireTime: acquired,
    renewTime: microTime(ms),
    leaseTransitions: transitions,
  });
  const compete = async (): Promise<void> => {
    const askedMs = nowMs();
    const lease = await objects.get(LEASES, NAMESPACE, name);
    if (lease === undefined) {
      const spec = specAt(askedMs, 0, microTime(askedMs));
      await objects.create(LEASES, { metadata: { name, namespace: NAMESPACE }, spec });
      renewedMs = askedMs;
      return;
    }
    const { resourceVersion } = lease.metadata;
    if (seen.version !== resourceVersion) seen = { version: resourceVersion, atMs: nowMs() };
    const holder = textAt(lease, 'spec', 'holderIdentity') ?? '';
    const mine = holder === identity;
    const free = holder === '' || nowMs() - seen.atMs > timer('leader-elect-lease-duration');
    if (!mine && !free) return;
    const transitions = (numberAt(lease, 'spec', 'leaseTransitions') ?? 0) + (mine ? 0 : 1);
    const acquired = mine ? (textAt(lease, 'spec', 'acquireTime') ?? '') : microTime(askedMs);
    const spec = { ...objectAt(lease, 'spec'), ...specAt(askedMs, transitions, acquired) };
    await objects.update(LEASES, { ...lease, spec });
    // Counted from before the request: it may have taken effect at any moment since.
    renewedMs = askedMs;
  };
  const retryMs = Math.min(timer('leader-elect-retry-period'), context.tickMs ?? Number.POSITIVE_INFINITY);
  const stop = startTicking(context, compete, retryMs);
  return { isLeader: () => nowMs() - renewedMs < timer('leader-elect-renew-deadline'), stop };
}
