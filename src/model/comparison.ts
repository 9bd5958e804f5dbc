import type { Truth } from './verdict.ts';

/** Where a measured value lies: in [min, max], both included. */
export interface Range {
  readonly min: number;
  /** Infinite where it was not over when the run ended, or was never seen. */
  readonly max: number;
}

export type MeasureUnit = 'ms' | 'count';

/** One thing that every run of a plan measures, such as the outage of a step. More is worse. */
export interface Measure {
  /** Unique in a run, such as `cut/outage`. */
  readonly id: string;
  readonly title: string;
  readonly unit: MeasureUnit;
  readonly min: number;
  /** Absent where it was not over when the run ended, or was never seen: the truth is `min` or anything above. */
  readonly max?: number;
  /** An objective of the plan speaks of it. Others are shown, and decide nothing. */
  readonly judged: boolean;
}

/** What of a run is needed to set it beside others; one line of the index over run folders. */
export interface RunSummary {
  readonly schemaVersion: 1;
  readonly id: string;
  readonly startedWall: string;
  readonly plan: string;
  /** The same for two runs exactly when they ran the same plan, apart from its seed. */
  readonly planKey: string;
  /** The same for two runs exactly when the same was tested. */
  readonly subjectKey: string;
  readonly lab: string;
  readonly host: string;
  readonly seed: string;
  readonly squall: string;
  readonly truth: Truth;
  readonly exitCode: number;
  /** As in `end.json`. */
  readonly end: string;
  readonly measures: readonly Measure[];
}

/** Runs of one subject. */
export interface ComparedGroup {
  readonly subjectKey: string;
  readonly runs: readonly string[];
  /** Runs that say nothing, and why. */
  readonly left: readonly { readonly run: string; readonly says: string }[];
}

/** The values of one measure in one group. */
export interface Spread {
  readonly runs: number;
  /** Of them, those that were not over when the run ended, or not seen. */
  readonly open: number;
  readonly lowest: number;
  /** Of the middles of the ranges; infinite where most are open. */
  readonly median: number;
  readonly highest: number;
}

export interface ComparedMeasure {
  readonly id: string;
  readonly title: string;
  readonly unit: MeasureUnit;
  readonly judged: boolean;
  readonly truth: Truth;
  readonly says: string;
  readonly baseline: Spread;
  readonly changed: Spread;
  /** How many times as much the changed subject takes, with 95 % confidence. Absent where a factor means nothing. */
  readonly factor?: Range;
  /** The chance of a difference like this one, or a larger one, if the changed subject were slower by no more than is tolerated. */
  readonly pSlower: number;
  /** The same after correction for all judged measures (Holm 1979). */
  readonly pSlowerCorrected: number;
  /** The chance to find it so fast if it were slower by the slowdown that is looked for. */
  readonly pNotSlower: number;
  /** Runs that each group needs; absent where too few of the baseline are there to know, or no number would do. */
  readonly needed?: number;
}

/** What sets two subjects apart, over repeats of one plan. */
export interface Comparison {
  readonly schemaVersion: 1;
  readonly plan: string;
  readonly lab: string;
  readonly baseline: ComparedGroup;
  readonly changed: ComparedGroup;
  /** What differs between the two subjects, a line each; empty where nothing that is recorded does. */
  readonly differences: readonly string[];
  /** The most likely a false alarm may be, over all judged measures together. */
  readonly alpha: number;
  /** How surely the slowdown is found with the runs that are asked for. */
  readonly power: number;
  /** The slowdown that must be found, as a factor. */
  readonly slowdown: number;
  readonly measures: readonly ComparedMeasure[];
  /** Runs that each group needs, for all judged measures; absent where it is not known yet, or no number would do for one. */
  readonly needed?: number;
  /** What may mislead although the figures are right. */
  readonly notes: readonly string[];
}

export interface ComparisonVerdict {
  readonly truth: Truth;
  readonly headline: string;
  readonly reasons: readonly { readonly truth: Truth; readonly says: string }[];
  readonly exitCode: number;
}
