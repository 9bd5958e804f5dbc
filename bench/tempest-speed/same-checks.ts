import type { AgreementRow } from '../../src/model/analysis.ts';

/** What both are measured on. */
export interface SameChecks {
  /** Ids of our cases. */
  readonly cases: readonly string[];
  /** Upstream tests that these are labelled with, and no others. */
  readonly tests: readonly string[];
}

/**
 * The checks that passed on both sides. A case of ours that covers several tests counts only with all of them, and a test that
 * several cases cover likewise, so that neither side does work that the other is not asked for.
 */
export function sameChecks(rows: readonly AgreementRow[]): SameChecks {
  let kept = rows.filter(
    ({ own, theirs, cases }) => own === 'passed' && theirs === 'passed' && cases.length > 0,
  );
  for (;;) {
    const dropped = new Set(rows.filter((row) => !kept.includes(row)).flatMap(({ cases }) => cases));
    const left = kept.filter(({ cases }) => cases.every((id) => !dropped.has(id)));
    if (left.length === kept.length) break;
    kept = left;
  }
  return {
    cases: [...new Set(kept.flatMap(({ cases }) => cases))].sort(),
    tests: kept.map(({ test }) => test).sort(),
  };
}
