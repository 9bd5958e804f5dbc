import type { Comparison, ComparisonVerdict } from '../model/comparison.ts';
import { EXIT } from '../model/exit-code.ts';
import { mergeTruth, type Truth } from '../model/verdict.ts';

const EXIT_OF: Readonly<Record<Truth, number>> = {
  pass: EXIT.pass,
  fail: EXIT.systemFailed,
  unknown: EXIT.unknown,
};

/** Whether the changed subject is slower than the baseline. Only what an objective speaks of counts. Pure. */
export function judgeComparison(comparison: Comparison): ComparisonVerdict {
  const judged = comparison.measures.filter((measure) => measure.judged);
  const reasons = [
    ...judged.map(({ truth, says }) => ({ truth, says })),
    // A run that came to nothing may be the slowest of all, so what is left out keeps a pass from being one.
    ...comparison.changed.left.map(({ run, says }) => ({
      truth: 'unknown' as const,
      says: `Run ${run} of the changed subject says nothing: ${says}.`,
    })),
  ];
  const truth = mergeTruth(reasons.map((reason) => reason.truth));
  return {
    truth,
    headline: headlineOf(
      truth,
      comparison,
      judged.filter((one) => one.truth === truth).map(({ title }) => title),
    ),
    reasons: [...reasons].sort((a, b) => RANK[a.truth] - RANK[b.truth]),
    exitCode: EXIT_OF[truth],
  };
}

const RANK: Readonly<Record<Truth, number>> = { fail: 0, unknown: 1, pass: 2 };

function headlineOf(truth: Truth, comparison: Comparison, titles: readonly string[]): string {
  const { needed, baseline, changed, slowdown } = comparison;
  const runs = `${baseline.runs.length} and ${changed.runs.length} runs`;
  const first = titles[0] ?? 'nothing';
  const more = titles.length > 1 ? ` (and ${titles.length - 1} more)` : '';
  if (truth === 'fail') return `Worse: the ${first}${more}, over ${runs}.`;
  if (truth === 'pass') return `No slowdown of ${slowdown} times or more, over ${runs}.`;
  if (needed !== undefined && Math.min(baseline.runs.length, changed.runs.length) < needed)
    return `It cannot be told yet: ${needed} runs of each are needed, and there are ${runs}.`;
  if (titles.length === 0) return `It cannot be told, over ${runs}.`;
  return `It cannot be told for the ${first}${more}, over ${runs}.`;
}
