/** Truth has three values. `unknown` means that the harness could not look, and it never counts as a pass. */
export type Truth = 'pass' | 'fail' | 'unknown';

/**
 * Whose trouble a reason speaks of: the `system` under test, a fault that did not take effect (`injection`), a fault that was
 * not undone (`healing`), a harness that could not see (`measuring`), or something left behind (`leak`).
 */
export type VerdictClass = 'system' | 'injection' | 'healing' | 'measuring' | 'leak';

/** A measured figure with its error: the truth lies in [min, max], both included. */
export interface Figure {
  readonly min: number;
  readonly max: number;
  readonly unit: 'ms' | 'ratio' | 'count';
}

/** One reason for a verdict. */
export interface Reason {
  readonly truth: Truth;
  readonly class: VerdictClass;
  /** A whole sentence that names the thing, what was expected and what was found. */
  readonly says: string;
  /** Where the evidence lies, as file names inside the run folder, with a `#fragment` where one helps. */
  readonly evidence: readonly string[];
}

/** What one objective concluded. */
export interface ObjectiveResult {
  /** Unique in the plan: the objective's name, and its subject where there is one. */
  readonly id: string;
  readonly objective: string;
  readonly truth: Truth;
  readonly expected: string;
  readonly found: string;
  readonly figure?: Figure;
  readonly reasons: readonly Reason[];
}

export interface Verdict {
  readonly schemaVersion: 1;
  readonly truth: Truth;
  /** One sentence that a person reads first. */
  readonly headline: string;
  /** The class of the reason that decided; absent on a pass. */
  readonly class?: VerdictClass;
  readonly reasons: readonly Reason[];
  readonly objectives: readonly ObjectiveResult[];
  /** Exit code of the run that this verdict ends, from the table in `exit-code.ts`. */
  readonly exitCode: number;
}

/** Fail beats unknown beats pass; no opinions at all are unknown, for nothing was looked at. */
export function mergeTruth(truths: Iterable<Truth>): Truth {
  let merged: Truth | undefined;
  for (const truth of truths) {
    if (truth === 'fail') return 'fail';
    if (truth === 'unknown') merged = 'unknown';
    else merged ??= 'pass';
  }
  return merged ?? 'unknown';
}
