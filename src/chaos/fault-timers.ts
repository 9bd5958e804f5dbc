import type { Timer } from '../model/topology.ts';
import type { PredictionContext } from './fault.ts';
import { readTimer, type DefaultTimer, type ReadTimer } from './read-timers.ts';

/** A stretch of time with the constants that it stands on. */
export interface Stretch {
  readonly min: number;
  readonly max: number;
  readonly because: readonly string[];
}

const POD_START: DefaultTimer = {
  names: ['pod-start'],
  value: { ms: 5_000 },
  source: 'Kubernetes scalability SLO, 99th percentile without image pull',
};
const CONTAINER_NOTICED: DefaultTimer = {
  names: ['container-relist-period'],
  value: { ms: 1_000 },
  source: 'kubelet: its pod lifecycle event generator lists containers every second',
};
const CONTAINER_BACKOFF: DefaultTimer = {
  names: ['container-restart-backoff'],
  value: { ms: 10_000 },
  source: 'kubelet: the first delay for a container that ended before within ten minutes',
};
const READINESS: DefaultTimer = {
  names: ['readiness-period'],
  value: { ms: 10_000 },
  source: 'Kubernetes: periodSeconds of a readiness probe',
};
const ADDRESS_ADVERT: DefaultTimer = {
  names: ['keepalived-advert-interval'],
  value: { ms: 1_000 },
  source: 'keepalived: advert_int',
};
const ADDRESS_FAILOVER: DefaultTimer = {
  names: ['address-failover'],
  value: { ms: 4_000 },
  source: 'VRRP with adverts every second: three adverts and the skew time',
};
const BACKEND_EJECTION: DefaultTimer = {
  names: ['health-check-ejection'],
  value: { ms: 6_000 },
  source: 'haproxy: inter 2s, fall 3',
};
const ELECTION: DefaultTimer = {
  names: ['etcd-election-timeout'],
  value: { ms: 1_000 },
  source: 'etcd: election-timeout',
};
const SUSPECT: DefaultTimer = {
  names: ['database-suspect-timeout'],
  value: { ms: 5_000 },
  source: 'Galera: evs.suspect_timeout',
};
const NODE_BOOT: DefaultTimer = {
  names: ['node-boot'],
  value: { ms: 30_000 },
  source: 'a virtual machine of the field',
};

const all = (timers: readonly Timer[], wanted: readonly DefaultTimer[]): readonly ReadTimer[] =>
  wanted.map((timer) => readTimer(timers, timer));

/** The failover counts from the last advert, which was sent up to one interval before the fault. */
export function addressMoves(timers: readonly Timer[]): Stretch {
  const [advert, failover] = all(timers, [ADDRESS_ADVERT, ADDRESS_FAILOVER]) as [ReadTimer, ReadTimer];
  return {
    min: Math.max(0, failover.ms - advert.ms),
    max: failover.ms + advert.ms,
    because: [failover.because, advert.because],
  };
}

/** From a silent backend to its ejection in front of the API. */
export function backendEjected(timers: readonly Timer[]): Stretch {
  const [ejection] = all(timers, [BACKEND_EJECTION]) as [ReadTimer];
  return { min: 0, max: ejection.ms, because: [ejection.because] };
}

export function leaderElected(timers: readonly Timer[]): Stretch {
  const [election] = all(timers, [ELECTION]) as [ReadTimer];
  return { min: 0, max: 2 * election.ms, because: [election.because] };
}

/** From a member that says nothing to a cluster that goes on without it. */
export function memberGivenUp(timers: readonly Timer[]): Stretch {
  const [suspect] = all(timers, [SUSPECT]) as [ReadTimer];
  return { min: 0, max: 1.2 * suspect.ms, because: [suspect.because] };
}

export function podReplaced(timers: readonly Timer[]): Stretch {
  const [start, readiness] = all(timers, [POD_START, READINESS]) as [ReadTimer, ReadTimer];
  return { min: 0, max: start.ms + readiness.ms, because: [start.because, readiness.because] };
}

/** From a container whose process is gone to one that answers; the first restart has no delay, the second has. */
export function containerRestarted(timers: readonly Timer[]): Stretch {
  const [noticed, backoff, start, readiness] = all(timers, [
    CONTAINER_NOTICED,
    CONTAINER_BACKOFF,
    POD_START,
    READINESS,
  ]) as [ReadTimer, ReadTimer, ReadTimer, ReadTimer];
  return {
    min: 0,
    max: noticed.ms + backoff.ms + start.ms + readiness.ms,
    because: [noticed.because, backoff.because, start.because, readiness.because],
  };
}

/** The shortest silence after which anything gives a member up. */
export function shortestPatience(timers: readonly Timer[]): {
  readonly ms: number;
  readonly because: string;
} {
  const each = all(timers, [ELECTION, BACKEND_EJECTION, SUSPECT, ADDRESS_FAILOVER]);
  return each.reduce((shortest, timer) => (timer.ms < shortest.ms ? timer : shortest));
}

export function nodeBoots(timers: readonly Timer[]): Stretch {
  const [boot] = all(timers, [NODE_BOOT]) as [ReadTimer];
  return { min: 0, max: 1.5 * boot.ms, because: [boot.because] };
}

/** For a fault under which a member may keep the address that it holds, so that the shortest failover is no lower edge. */
export const mayKeepAddress = (context: PredictionContext): PredictionContext => ({
  ...context,
  holdsAddress: context.holdsAddress === 'yes' ? 'perhaps' : context.holdsAddress,
});

/** What users of a silent control node wait for, one after the other at worst. */
export function silentMember(timers: readonly Timer[], { roles, holdsAddress }: PredictionContext): Stretch {
  const parts: Stretch[] = [];
  if (holdsAddress === 'yes') parts.push(addressMoves(timers));
  if (holdsAddress === 'perhaps') parts.push({ ...addressMoves(timers), min: 0 });
  if (roles.includes('api')) parts.push(backendEjected(timers));
  if (roles.includes('etcd')) parts.push(leaderElected(timers));
  if (roles.includes('database')) parts.push(memberGivenUp(timers));
  return together(parts);
}

/** No wider than this, or than half its midpoint, so that a prediction says something. */
const WIDEST_MS = 5000;

/**
 * Stretches that begin at once: the longest counts, and at worst one must wait for the other. Their sum is the upper edge as
 * long as that keeps the window narrow enough to say something.
 */
export function together(parts: readonly Stretch[]): Stretch {
  const min = Math.max(0, ...parts.map((part) => part.min));
  const longest = Math.max(0, ...parts.map((part) => part.max));
  const sum = parts.reduce((total, part) => total + part.max, 0);
  // A width w stays below half the midpoint min + w/2 while it is at most two thirds of min.
  const widest = min + Math.max(WIDEST_MS, (2 / 3) * min);
  return {
    min,
    max: Math.max(longest, Math.min(sum, widest)),
    because: parts.flatMap(({ because }) => because),
  };
}
