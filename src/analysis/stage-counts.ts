import type { StageCounts } from '../model/analysis.ts';
import type { CaseOutcome, ConformanceResults } from '../model/conformance.ts';

/** What became of the cases of one stage. A case that was planned and has no result counts as unknown, once. */
export function stageCounts({ stage, planned, results }: ConformanceResults): StageCounts {
  const count = (outcome: CaseOutcome): number =>
    results.filter((result) => result.outcome === outcome).length;
  const ran = new Set(results.map(({ id }) => id));
  const lost = planned.filter(({ id }) => !ran.has(id)).length;
  return {
    stage,
    planned: results.length + lost,
    passed: count('passed'),
    failed: count('failed'),
    skipped: count('skipped'),
    unknown: count('unknown') + lost,
    troubles: results.reduce((total, { troubles }) => total + troubles.length, 0),
  };
}
