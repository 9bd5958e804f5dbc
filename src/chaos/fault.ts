import type { Ability } from '../model/abilities.ts';
import type { FaultSubject, ParameterSpecs, ParameterValues } from '../model/catalogue.ts';
import type { Duration } from '../model/duration.ts';
import type { HealingEntry, Verification } from '../model/injection.ts';
import type { BoundTarget, PredictedWindow } from '../model/schedule.ts';
import type { Timer } from '../model/topology.ts';
import type { Clock } from '../ports/clock.ts';
import type { KubernetesApi } from '../ports/kubernetes.ts';
import type { Lab } from '../ports/lab.ts';
import type { Mark } from '../ports/mark.ts';

/** What faults act and look through. Healing must do with the lab alone wherever it can: the API may be what was hurt. */
export interface FaultTools {
  readonly lab: Lab;
  readonly kubernetes?: KubernetesApi;
  readonly clock: Clock;
  /** The run on whose behalf it is done; marks carry it. */
  readonly run: string;
}

/** What is about to be hurt, as far as a prediction needs it. */
export interface PredictionContext {
  /** Roles of the services that lose a member, such as `api`, `database`, `queue`. */
  readonly roles: readonly string[];
  /** Whether the address of the API stands on a target: a role that moves is `yes`, a node that may hold it is `perhaps`. */
  readonly holdsAddress: 'yes' | 'perhaps' | 'no';
  /** How long the fault is held, counted from its verified effect; zero for one that does not last. */
  readonly duration: Duration;
  readonly parameters: ParameterValues;
}

/** What a fault is asked to hurt. */
export interface FaultOrder {
  readonly targets: readonly BoundTarget[];
  /** The other side of a fault between two groups; empty otherwise. */
  readonly from: readonly BoundTarget[];
  readonly parameters: ParameterValues;
}

/** One look, without the instant: whoever asks for it reads the clock. */
export type Finding = Omit<Verification, 'at'>;

/**
 * One way to hurt, with its way to heal. A fault is one file and one line in `fault-registry.ts`; the order of journal, inject,
 * verify, hold and heal belongs to the engine. Every verb is idempotent and works in a process that knows the entry alone.
 */
export interface Fault {
  readonly name: string;
  /** Of the healing data: raised when a later Squall could not heal an older entry with its own code. */
  readonly version: number;
  /** One sentence. */
  readonly summary: string;
  readonly acts: FaultSubject;
  /** True when it holds for the step's `duration`. */
  readonly lasts: boolean;
  readonly parameters: ParameterSpecs;
  readonly needs: readonly Ability[];
  /** Who ends it when we are gone: something on the target, the reaper, or nobody because it does not last. */
  readonly expiryHolder: HealingEntry['expiryHolder'];
  /** What ends with it and starts again by its heal, so that what was last heard of it is old: default nothing. */
  readonly restarts?: 'node' | 'unit';
  /**
   * Why these parameters cannot be meant together, as a sentence about them; undefined when they can. Pure: it is asked before
   * anything is touched.
   */
  refuses?(parameters: ParameterValues): string | undefined;
  /** How long it may take, where that is longer than a fault in general has. */
  patience?(parameters: ParameterValues): Patience;
  /** The window in which recovery should fall, each constant with its source. Pure. */
  predict(timers: readonly Timer[], context: PredictionContext): PredictedWindow;
  /** What will be changed, as it is now; what `verifyHealed` compares with. @throws SQ_INJECT_FAILED when it is hurt already. */
  before(
    order: FaultOrder,
    tools: FaultTools,
    signal: AbortSignal,
  ): Promise<Readonly<Record<string, unknown>>>;
  /** Sets it to end by itself at `entry.expires` where the target can. @throws SQ_TARGET_CHANGED, SQ_INJECT_FAILED, SQ_LAB */
  inject(entry: HealingEntry, tools: FaultTools, signal: AbortSignal): Promise<void>;
  /** One look from the user's side whether it hurts. */
  verify(entry: HealingEntry, tools: FaultTools, signal: AbortSignal): Promise<Finding>;
  heal(entry: HealingEntry, tools: FaultTools, signal: AbortSignal): Promise<void>;
  /** One look from the user's side whether what we changed is as it was before; never by our own record. */
  verifyHealed(entry: HealingEntry, tools: FaultTools, signal: AbortSignal): Promise<Finding>;
  /**
   * What this fault leaves standing while it hurts, of any run, found on the systems by the marks that it carries there: for
   * when the journal is gone. Absent: it leaves nothing.
   */
  findMarks?(tools: FaultTools, signal: AbortSignal): Promise<readonly Mark[]>;
}

/** The fault's expiry is counted from after the time that it may take. */
export interface Patience {
  /** From the command sent until it must have returned. Default 30 s. */
  readonly inject?: Duration;
  /** From the command's return until its effect must be seen. Default 10 s. */
  readonly verify?: Duration;
}

export const seen = (says: string): Finding => ({ ok: true, says, differences: [] });

export const notSeen = (says: string, differences: readonly string[] = []): Finding => ({
  ok: false,
  says,
  differences,
});

/** How long one look at a node, link or unit waits for its answer before it counts as silent. */
export const LOOK_TIMEOUT: Duration = { ms: 1000 };
