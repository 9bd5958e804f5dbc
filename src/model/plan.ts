import type { ParameterValues } from './catalogue.ts';
import type { Duration } from './duration.ts';

/** A plan, checked: every default filled in, every parameter put in its place. Immutable; `plan.json` in the run folder. */
export interface Plan {
  readonly schemaVersion: 1;
  readonly name: string;
  /** What the plan wants to learn, in a sentence: the comment that opens the file, or `metadata.description`. */
  readonly learns: string;
  /** Absent when neither the plan nor the user gives one: then it is drawn once, printed and stored. */
  readonly seed?: string;
  /** The parameters after `--set`, as text, for the record. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly conformance: ConformancePlan;
  readonly probes: readonly ProbeSpec[];
  /** Names of watchers; default all that the lab can feed. */
  readonly watchers: readonly string[];
  readonly method: readonly Step[];
  readonly objectives: readonly ObjectiveSpec[];
  readonly guards: readonly GuardSpec[];
  readonly limits: Limits;
  /** How long the probes run before the first fault, so that there is a baseline to come back to. Default 2 s. */
  readonly baseline: Duration;
  /** Absent: nothing is calibrated. */
  readonly calibration?: CalibrationPlan;
}

/** Before anything is hurt, the probes are asked at several rates, to learn which the system bears without growing slower. */
export interface CalibrationPlan {
  /** The highest rate that is tried, as a multiple of the plan's own. Default 4. */
  readonly upTo: number;
  /** Answers of each probe at each rate. Default 60. */
  readonly answers: number;
}

/** Which cases run: all whose suite is listed, that carry one of the tags, and whose id matches. Empty lists mean no restriction, nor does the tag `all`. */
export interface SuiteSelection {
  readonly suites: readonly string[];
  readonly tags: readonly string[];
  readonly grep?: string;
}

export interface ConformancePlan {
  /** Proves the system steady before anything is hurt. Absent: not run. */
  readonly before?: SuiteSelection;
  /** Goes on beside the faults, with the recording client; repeated until the method ends. Absent: not run. */
  readonly during?: SuiteSelection;
  /** Proves the system steady again. Absent: not run. */
  readonly after?: SuiteSelection;
}

/** One thing that a plan does. A union from the start: `change` (a chart upgrade) and `load` will join it. */
export type Step = FaultStep | WaitStep | SuitesStep | ParallelStep | RepeatStep;

interface StepBase {
  /** Unique in the plan; default `<kind>-<n>` in the order of the file. */
  readonly name: string;
}

export interface FaultStep extends StepBase {
  readonly kind: 'fault';
  readonly fault: string;
  readonly selector: Selector;
  /** For faults between two groups (a partition): the other side. Absent: everything that `selector` does not match. */
  readonly from?: Selector;
  readonly mode: Mode;
  /** How long the fault is held, counted from the moment its effect was verified. Zero for faults that do not last. */
  readonly duration: Duration;
  readonly parameters: ParameterValues;
}

/** How many of the candidates are hurt: `fixed` is a number of them, `percent` a ratio above 0 and up to 1. */
export type Mode =
  | { readonly kind: 'one' }
  | { readonly kind: 'all' }
  | { readonly kind: 'fixed'; readonly value: number }
  | { readonly kind: 'percent'; readonly value: number };

/** Whom a fault may hit. All given parts must match; at least one is given. Names are those of the topology. */
export interface Selector {
  readonly role?: string;
  readonly service?: string;
  readonly namespace?: string;
  readonly workload?: string;
  readonly node?: string;
  /** A systemd unit or static pod, for faults on units. */
  readonly unit?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface WaitStep extends StepBase {
  readonly kind: 'wait';
  readonly wait:
    | { readonly for: 'duration'; readonly duration: Duration }
    /** Until every probe is up and full redundancy is back. Reaching the ceiling is no failure by itself: objectives judge. */
    | { readonly for: 'recovered'; readonly ceiling: Duration };
}

export interface SuitesStep extends StepBase {
  readonly kind: 'suites';
  readonly selection: SuiteSelection;
}

export interface ParallelStep extends StepBase {
  readonly kind: 'parallel';
  readonly steps: readonly Step[];
}

export interface RepeatStep extends StepBase {
  readonly kind: 'repeat';
  readonly times: number;
  /** From the start of one round to the start of the next; a round that takes longer delays the next. */
  readonly every?: Duration;
  readonly steps: readonly Step[];
}

export interface ProbeSpec {
  readonly name: string;
  /** A name of the probe registry. */
  readonly probe: string;
  /** The endpoint of the topology that it asks. */
  readonly endpoint: string;
  readonly every: Duration;
  /** From the planned instant; an answer later than this is a failure at its planned instant. */
  readonly timeout: Duration;
  readonly connection: 'new' | 'reused';
  readonly vantage: string;
  readonly parameters: ParameterValues;
  /** For one of several series that a probe of the plan is asked as. Absent: it stands in the plan itself. */
  readonly part?: ProbePart;
}

/** One of the ways that a probe of several asks. */
export interface ProbePart {
  /** The name of the probe of the plan. */
  readonly of: string;
  /** The node whose pod asks. Absent: the host of the prober; without `by` it is then the control of the pod at `to`. */
  readonly from?: string;
  /** The node whose pod is asked, or the server of a guest. */
  readonly to: string;
  /** How a guest is asked, from the host of the prober. Absent: it is pods that are asked. */
  readonly by?: 'http' | 'tcp';
}

/** Whether it only says if a pod of ours is there: that is our own vantage, and no user of the system. */
export const isControl = (part: ProbePart | undefined): boolean =>
  part !== undefined && part.from === undefined && part.by === undefined;

export interface ObjectiveSpec {
  readonly name: string;
  /** A name of the objective registry. */
  readonly objective: string;
  readonly parameters: ParameterValues;
}

/** Stops chaos when a probe has been down for longer than the limit without a break. */
export interface GuardSpec {
  readonly name: string;
  readonly probe: string;
  readonly downFor: Duration;
}

/** The most that may be hurt at once, whatever the steps say. */
export interface Limits {
  /** Default 1. */
  readonly maxTargets: number;
  /** Share of the members of one service that may be hurt at once, 0 to 1. Default 0.5. */
  readonly maxShare: number;
  readonly protectedNamespaces: readonly string[];
  readonly protectedNodes: readonly string[];
  /** The share of a run that may be unseen before an objective becomes unknown, 0 to 1. Default 0.02. */
  readonly maxUnseen: number;
  /** The whole method is stopped after this. Default 30 m. */
  readonly maxDuration: Duration;
  /** What needs a majority besides what discovery knows. Absent: nothing. */
  readonly quorums?: readonly DeclaredQuorum[];
  /** Refusals that the plan's owner takes on, each with a reason. Absent: none. */
  readonly overrides?: readonly Override[];
}

/** Members that vote together, wherever they run: all members of every service that the selector matches. */
export interface DeclaredQuorum {
  readonly name: string;
  readonly selector: Omit<Selector, 'node' | 'unit'>;
  /** How many must stay. Default: more than half of them. */
  readonly needed?: number;
}

/** Rules of the blast radius that an owner may take on. The others have a limit of their own in the plan, or no sense without them. */
export const OVERRIDABLE_RULES = [
  'quorum',
  'last-member',
  'disruption-budget',
  'unseen-members',
  'own-path',
] as const;

export type OverridableRule = (typeof OVERRIDABLE_RULES)[number];

/** One rule that does not refuse in this plan. It is printed with every report. */
export interface Override {
  readonly rule: OverridableRule;
  /** `<namespace>/<workload>`, or the name of a quorum or a node: only there. Absent: everywhere. */
  readonly about?: string;
  readonly reason: string;
}

export const describeOverride = ({ rule, about, reason }: Override): string =>
  `The plan overrides the rule ${rule}${about === undefined ? '' : ` for ${about}`} of the blast radius: ${reason}`;
