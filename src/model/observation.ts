import type { ClockId, Instant } from './instant.ts';
import type { ProbeSpec } from './plan.ts';

/**
 * Where in a request a failure arose. `connect` covers route and TCP; `status` an answer with another status than expected;
 * `body` one that broke off, or does not hold what it should; `answer` bytes that are no answer at all; `harness` our own
 * trouble, such as no free socket. All but `harness` are theirs: the system's, or what lies between.
 *
 * Of a server that is made for a sample: `build` until the cloud took the order, `active` until the server was up, `answers` until it
 * answered, `delete` until it was gone again.
 */
export type FailurePhase =
  | 'resolve'
  | 'connect'
  | 'tls'
  | 'send'
  | 'wait'
  | 'answer'
  | 'harness'
  | 'status'
  | 'body'
  | 'build'
  | 'active'
  | 'answers'
  | 'delete';

/**
 * What of ours spoilt a sample in the phase `harness`: there was no room in flight (`no-room`), it could not be sent before its
 * own timeout (`too-late`), it may have been answered in time but was heard too late to tell (`heard-late`), we were blocked for
 * so long that nothing can be said (`lost`), or this host had no socket, port or memory for it (`resources`). `vantage`: a pod of ours,
 * that asks for us or is asked, was itself not to be reached, so nothing is known of the way between two of them.
 */
export type HarnessCause = 'no-room' | 'too-late' | 'heard-late' | 'lost' | 'resources' | 'vantage';

/** `unknown` is an answer of ours that cannot be used: the harness could not ask, so nothing is said about the system. */
export type SampleOutcome = 'ok' | 'failed' | 'unknown';

/**
 * One answer to a repeated question. All three times are nanoseconds on the clock of its series. "Down at t" means that a
 * request sent at t was not answered well in time.
 */
export interface Sample {
  /** The planned instant is `startNs + n x period` of the series. */
  readonly n: number;
  readonly plannedNs: number;
  readonly sentNs: number;
  /** When the answer, the failure or the timeout was there. */
  readonly completedNs: number;
  readonly outcome: SampleOutcome;
  /** True when the prober itself was stalled around this sample: it still counts, but widens edges. */
  readonly impaired: boolean;
  /** Phase of the failure; absent when ok. */
  readonly phase?: FailurePhase;
  /** In the phase `harness`: what it was. Absent in samples of before it was kept. */
  readonly cause?: HarnessCause;
  /** HTTP status, or 0 where there was none; of a name server, 1000 and its response code. */
  readonly status: number;
}

/** All samples of one probe from one vantage. `samples` may come in any order. */
export interface ProbeSeries {
  readonly probe: ProbeSpec;
  readonly clock: ClockId;
  readonly startNs: number;
  /** The last instant up to which the prober was planned to run; later is not *unseen*, it is after the end. */
  readonly endNs: number;
  readonly samples: readonly Sample[];
}

/**
 * A stretch in which we were in trouble for longer than the prober's limit: its own thread was blocked, or the control target
 * inside the harness, which has nothing else to do, did not answer.
 */
export interface Stall {
  readonly clock: ClockId;
  readonly fromNs: number;
  readonly toNs: number;
  /** Who noticed; absent: the prober's thread. */
  readonly by?: 'loop' | 'control';
}

/** All probes at one rate, while nothing was hurt. */
export interface CalibrationRung {
  /** The rate as a multiple of the plan's own. */
  readonly times: number;
  readonly series: readonly ProbeSeries[];
}

/** One change that a watcher saw. */
export interface WatchedEvent {
  readonly watcher: string;
  readonly clock: ClockId;
  /** When the news arrived here. */
  readonly seenNs: number;
  /** The latest instant at which the old state was still seen, so the change lies in (afterNs, seenNs]. */
  readonly afterNs: number;
  /** What changed, such as `node-ready`, `leader`, `endpoint-removed`, `address-moved`, or `blind` and `seeing`. */
  readonly change: string;
  /** The thing that changed: a node, a lease, a service. */
  readonly about: string;
  readonly was?: string;
  readonly is?: string;
  /** Who told it first, where the same thing is watched through more than one server. */
  readonly source?: string;
}

/** What guards and the wait for *recovered* see while the run goes on. */
export interface LiveProbe {
  readonly probe: string;
  /** The probe of the plan that it is a part of. Absent: it stands in the plan itself. */
  readonly partOf?: string;
  readonly outcome: SampleOutcome;
  /** Since when, without a break, on the run's clock, by planned time. */
  readonly sinceNs: number;
  /** Planned time of the newest sample. */
  readonly atNs: number;
  /** Samples in a row with this outcome, up to the newest. */
  readonly inRow: number;
  /** When nothing newer than `atNs` was heard for so long, the probe is unseen, whatever its outcome says. */
  readonly freshForNs: number;
}

/** What a probe's writes had left when they were read back, after its last sample. `writes.json` in the run folder. */
export interface WrittenBack {
  readonly probe: string;
  readonly readAt: Instant;
  readonly slots: readonly WrittenSlot[];
}

/** One object that a probe wrote to. Sample n writes to slot n modulo the number of slots. */
export interface WrittenSlot {
  readonly name: string;
  /** Numbers of the samples whose writes were there; empty when the object was not. Absent: it could not be read. */
  readonly found?: readonly number[];
  /** Why it could not be read. */
  readonly trouble?: string;
}
