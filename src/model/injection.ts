import type { ParameterValues } from './catalogue.ts';
import type { Duration } from './duration.ts';
import type { Instant, InstantRange } from './instant.ts';
import type { BoundTarget } from './schedule.ts';

/** What was seen when a fault's effect, or its absence, was looked at from the user's side. */
export interface Verification {
  readonly ok: boolean;
  /** How it was looked at and what was seen, in a sentence. */
  readonly says: string;
  readonly at: Instant;
  /** After a heal: what differs from before, as lines of a diff; empty when nothing does. */
  readonly differences: readonly string[];
}

/**
 * One line of the healing journal before anything is touched: all that another process needs to heal, tomorrow. References
 * only, never secrets.
 */
export interface HealingEntry {
  readonly id: string;
  readonly run: string;
  readonly step: string;
  readonly fault: string;
  /** Version of the fault's healing data, so that a later Squall can still read it. */
  readonly faultVersion: number;
  readonly targets: readonly BoundTarget[];
  readonly from: readonly BoundTarget[];
  readonly parameters: ParameterValues;
  readonly duration: Duration;
  /** Who ends the fault when we are gone: something on the target, the reaper, or nobody because it does not last. */
  readonly expiryHolder: 'target' | 'reaper' | 'none';
  /** When it ends without us, on the host's monotonic clock; the wall time is for people. */
  readonly expires: Instant;
  readonly expiresWall: string;
  /** What is changed, as it was before: what `verifyHealed` compares with. */
  readonly before: Readonly<Record<string, unknown>>;
}

/** How one fault went, from proof to heal. One of the `injections` of `chaos.json` in the run folder. */
export interface InjectionRecord {
  readonly id: string;
  readonly step: string;
  readonly fault: string;
  readonly targets: readonly BoundTarget[];
  readonly from: readonly BoundTarget[];
  /** The radius proof of this step on the live state, line by line. */
  readonly proof: readonly string[];
  /** From the command sent to the effect verified; absent when it was refused or failed before that. */
  readonly injected?: InstantRange;
  readonly verified?: Verification;
  /** From the heal sent to the heal verified. */
  readonly healed?: InstantRange;
  readonly verifiedHealed?: Verification;
  readonly lasts: boolean;
  /** How it ended: by us at its time, early (stopped or guarded), by expiry, or not at all. */
  readonly end: 'healed' | 'healed-early' | 'expired' | 'instant' | 'not-injected' | 'not-healed';
  readonly trouble?: string;
}

/** What happened to the method as a whole. */
export interface ChaosRecord {
  readonly started: Instant;
  readonly ended: Instant;
  readonly injections: readonly InjectionRecord[];
  readonly steps: readonly StepRecord[];
  /** Why it ended early: a guard, a stop, a refusal. */
  readonly stopped?: {
    readonly by: 'guard' | 'user' | 'refusal' | 'journal' | 'deadline';
    readonly says: string;
  };
}

export interface StepRecord {
  readonly id: string;
  readonly kind: string;
  readonly started: Instant;
  readonly ended: Instant;
  /** For `wait: recovered`: whether it was reached before the ceiling. */
  readonly recovered?: boolean;
}

/** What a method notes as it goes, so that another process can go on with it. A line of `chaos-notes.ndjson`. */
export type ChaosNote =
  | { readonly kind: 'started'; readonly at: Instant }
  | { readonly kind: 'injection'; readonly injection: InjectionRecord }
  | { readonly kind: 'step'; readonly step: StepRecord }
  | { readonly kind: 'resumed'; readonly at: Instant };
