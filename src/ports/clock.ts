import type { Duration } from '../model/duration.ts';
import type { ClockId, Instant } from '../model/instant.ts';

/** Time comes in here, so that tests can bring their own. */
export interface Clock {
  readonly id: ClockId;
  now(): Instant;
  /**
   * UTC now, ISO 8601 with milliseconds; for people, file names, and what another machine or the sleep of this one must be told by.
   * Never for another duration.
   */
  wall(): string;
  /**
   * Resolves after at least `duration`.
   * @throws the signal's reason as soon as it aborts, also when it already had.
   */
  sleep(duration: Duration, signal?: AbortSignal): Promise<void>;
  /** Calls back after `ms`; returns how to cancel. For timers that are not awaited. */
  after(ms: number, callback: () => void): () => void;
}

/** Chance that need not be repeatable: run ids and seeds that nobody gave. */
export interface Chance {
  /** Lower-case letters and digits. */
  token(length: number): string;
}
