import type { Analysis } from '../model/analysis.ts';
import type { Evidence } from '../model/evidence.ts';
import type { Verdict } from '../model/verdict.ts';

/** All that a run, or judging a stored one, ends with. */
export interface Outcome {
  readonly evidence: Evidence;
  readonly analysis: Analysis;
  readonly verdict: Verdict;
  /** Reports, by their names in the run folder. */
  readonly files: readonly string[];
  /** Reports that could not be written, and why; they never break a run. */
  readonly troubles: readonly string[];
}
