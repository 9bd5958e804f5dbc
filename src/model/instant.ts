/** Names one monotonic clock. Two instants can be compared only when they carry the same clock. */
export type ClockId = string;

/** A moment on a monotonic clock. */
export interface Instant {
  readonly clock: ClockId;
  /** Nanoseconds since that clock's own zero (on Linux and macOS: the host's boot, whatever process reads it). */
  readonly ns: number;
}

/**
 * A moment that is only known to lie between two readings of one clock, both included: the effect of a remote command
 * began somewhere between sending it and seeing that it took effect.
 */
export interface InstantRange {
  readonly clock: ClockId;
  readonly earliestNs: number;
  readonly latestNs: number;
}

export const rangeBetween = (earliest: Instant, latest: Instant): InstantRange => ({
  clock: earliest.clock,
  earliestNs: earliest.ns,
  latestNs: Math.max(earliest.ns, latest.ns),
});

/** One reading of another clock between two of ours: it says how the two relate, within the time that it took. */
export interface ClockExchange {
  readonly sent: Instant;
  /** On the other clock. */
  readonly read: Instant;
  readonly received: Instant;
}
