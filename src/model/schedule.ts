import type { FaultSubject, ParameterValues } from './catalogue.ts';
import type { Duration } from './duration.ts';
import type { SuiteSelection } from './plan.ts';

/**
 * Which fault on which identity in which order: a pure function of plan, canonical topology and seed. The same inputs give the
 * same bytes; `schedule.json` in the run folder.
 */
export interface Schedule {
  readonly schemaVersion: 1;
  readonly plan: string;
  readonly seed: string;
  readonly steps: readonly ScheduledStep[];
}

export type ScheduledStep =
  ScheduledFault | ScheduledWait | ScheduledSuites | ScheduledParallel | ScheduledPause;

interface ScheduledBase {
  /** Unique in the schedule: the step's name, and the round where it is repeated, as in `kill#3`. */
  readonly id: string;
  readonly step: string;
}

export interface ScheduledFault extends ScheduledBase {
  readonly kind: 'fault';
  readonly fault: string;
  readonly targets: readonly TargetIdentity[];
  /** The other side, for faults between two groups; empty otherwise. */
  readonly from: readonly TargetIdentity[];
  readonly duration: Duration;
  readonly parameters: ParameterValues;
  /** The window in which recovery should fall, from the live timers. */
  readonly predicted?: PredictedWindow;
  /** What matched as well and is protected, each with its reason. Absent: nothing. */
  readonly leftOut?: readonly string[];
}

export interface ScheduledWait extends ScheduledBase {
  readonly kind: 'wait';
  readonly wait:
    | { readonly for: 'duration'; readonly duration: Duration }
    | { readonly for: 'recovered'; readonly ceiling: Duration };
}

export interface ScheduledSuites extends ScheduledBase {
  readonly kind: 'suites';
  readonly selection: SuiteSelection;
}

export interface ScheduledParallel extends ScheduledBase {
  readonly kind: 'parallel';
  readonly branches: readonly (readonly ScheduledStep[])[];
}

/** Waits until `every` has passed since the start of the round that it closes. */
export interface ScheduledPause extends ScheduledBase {
  readonly kind: 'pause';
  readonly sinceStartOf: string;
  readonly every: Duration;
}

/** A target by what does not change: `openstack/openstack/keystone-api#1` and the node where it is expected. */
export interface TargetIdentity {
  readonly subject: FaultSubject;
  /** `Service.id` for pods and units; absent for nodes. */
  readonly service?: string;
  readonly rank?: number;
  /** The node's name, for nodes and units. A role that moves (`api-address-holder`) is resolved at the start of its step. */
  readonly node?: string;
  readonly holderOf?: string;
  readonly unit?: string;
}

/** A target resolved at the start of its step: this very pod, this very node. */
export interface BoundTarget extends TargetIdentity {
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
  /** For nodes and units: `LiveNode.boot`, `LiveNode.provider` and `LiveNode.said`, where they are known. */
  readonly boot?: string;
  readonly said?: string;
  readonly provider?: string;
  readonly node: string;
}

/** The window in which recovery should fall, counted from the moment the fault took effect. */
export interface PredictedWindow {
  /** What is predicted: the users' outage, or the return to full redundancy. */
  readonly outage: { readonly min: Duration; readonly max: Duration };
  readonly redundancy: { readonly min: Duration; readonly max: Duration };
  /**
   * Which of the two are wider than max(5 s, half their midpoint): their upper edge holds, but nothing is said to be inside.
   * Absent: neither.
   */
  readonly tooWide?: readonly ('outage' | 'redundancy')[];
  /** Each constant with its source, in words that a person can check. */
  readonly because: readonly string[];
}

/** A short name for a target that people recognise. */
export function describeTarget(target: TargetIdentity): string {
  if (target.holderOf !== undefined) return `holder of ${target.holderOf}`;
  if (target.unit !== undefined) return `${target.unit} on ${target.node ?? '?'}`;
  if (target.service !== undefined) return `${target.service}#${target.rank ?? 0}`;
  return `node ${target.node ?? '?'}`;
}
