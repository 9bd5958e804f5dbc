import type { MeasureUnit, RunSummary } from './comparison.ts';
import type { Truth } from './verdict.ts';

/** What this run is set beside. `history.json` in the run folder, written before anything is concluded. */
export interface EarlierRuns {
  readonly schemaVersion: 1;
  /** Of the same plan, subject and lab: the newest twenty, oldest first. This run is not among them. */
  readonly runs: readonly RunSummary[];
  /** The last run of the plan on this lab, where it tested another subject. Absent: it tested the same, or there is none. */
  readonly otherSubject?: OtherSubject;
}

export interface OtherSubject {
  readonly run: string;
  readonly truth: Truth;
  /** Lines of what its subject had and this one has not (`- `), and the other way round (`+ `). */
  readonly differences: readonly string[];
}

/** This run beside the last ones of the same plan, subject and lab. */
export interface History {
  /** Oldest first; empty for the first of its kind. */
  readonly runs: readonly {
    readonly run: string;
    readonly startedWall: string;
    readonly truth: Truth;
    readonly end: string;
  }[];
  readonly measures: readonly MeasureHistory[];
  readonly otherSubject?: OtherSubject;
}

export interface MeasureHistory {
  readonly id: string;
  readonly title: string;
  readonly judged: boolean;
  readonly now: HistoryValue;
  /** In the runs that came to their end, oldest first. */
  readonly earlier: readonly (HistoryValue & { readonly run: string })[];
  /** Of `earlier`: the lowest, the middle one and the highest that was measured. Absent where there is none. */
  readonly spread?: { readonly lowest: number; readonly median: number; readonly highest: number };
  /**
   * `more`: surely more than in each earlier run, by more than hosts differ from day to day; `less` likewise; `within`: neither;
   * `unknown`: nothing to hold it against, or it was not over when the run ended.
   */
  readonly change: 'more' | 'less' | 'within' | 'unknown';
}

/** The truth lies in [min, max]. */
export interface HistoryValue {
  readonly min: number;
  /** Absent where it was not over when the run ended, or was never seen. */
  readonly max?: number;
  readonly unit: MeasureUnit;
}
