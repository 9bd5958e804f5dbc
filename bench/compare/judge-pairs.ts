import { compareRuns } from '../../src/analysis/index.ts';
import { neededRuns } from '../../src/analysis/comparison/needed-runs.ts';
import { ALPHA } from '../../src/analysis/comparison/margins.ts';
import type { ComparedGroup, Range, RunSummary } from '../../src/model/comparison.ts';
import { seededRandom, type SeededRandom } from '../../src/model/seeded-random.ts';
import type { Truth } from '../../src/model/verdict.ts';
import { judgeComparison } from '../../src/verdict/index.ts';
import { summaryOf } from '../../test/analysis/comparison/summary-of.ts';

/** Runs of the baseline that a user makes before asking how many are needed. */
const PILOT = 8;

/** So often somebody goes on when told that more runs are needed. */
const MOST_LOOKS = 4;

export interface PairsJudged {
  readonly pairs: number;
  readonly truths: Readonly<Record<Truth, number>>;
  /** Runs of each group at the last look: the middle of all pairs, and the most. */
  readonly runs: { readonly median: number; readonly most: number };
}

/** Pairs of groups from two pools, each asked for the runs that it needs, and judged with as many as a user would make. */
export function judgePairs(
  pairs: number,
  baseline: readonly Range[],
  changed: readonly Range[],
): PairsJudged {
  const truths: Record<Truth, number> = { pass: 0, fail: 0, unknown: 0 };
  const made: number[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    const random = seededRandom(`pair ${pair}`);
    const [before, after] = deal(baseline, changed, random);
    let runs = PILOT;
    let truth: Truth = 'unknown';
    for (let look = 0; look < MOST_LOOKS; look++) {
      const asked = neededRuns(before.slice(0, runs), { unit: 'ms', slowdown: 1.5, alpha: ALPHA });
      if (typeof asked === 'number') runs = Math.max(runs, asked);
      if (runs > before.length || runs > after.length) break;
      truth = verdictOf(before.slice(0, runs), after.slice(0, runs));
      if (truth !== 'unknown') break;
    }
    truths[truth] += 1;
    made.push(runs);
  }
  made.sort((a, b) => a - b);
  return { pairs, truths, runs: { median: made[made.length >> 1] ?? 0, most: made.at(-1) ?? 0 } };
}

/** Both groups in an order of chance; from one pool they share no run. */
function deal(
  baseline: readonly Range[],
  changed: readonly Range[],
  random: SeededRandom,
): readonly [readonly Range[], readonly Range[]] {
  const before = random.pick(baseline, baseline.length);
  if (baseline !== changed) return [before, random.pick(changed, changed.length)];
  return [before.slice(0, before.length >> 1), before.slice(before.length >> 1)];
}

function verdictOf(before: readonly Range[], after: readonly Range[]): Truth {
  const summaries = (subjectKey: string, ranges: readonly Range[]): readonly RunSummary[] =>
    ranges.map(({ min, max }, n) =>
      summaryOf(`${subjectKey}-${n}`, {
        plan: 'compare-short',
        subjectKey,
        measures: [{ id: 'cut/outage', title: 'longest outage', unit: 'ms', min, max, judged: true }],
      }),
    );
  const [baselineRuns, changedRuns] = [summaries('a', before), summaries('b', after)];
  const group = (runs: readonly RunSummary[]): ComparedGroup => ({
    subjectKey: runs[0]?.subjectKey ?? '',
    runs: runs.map(({ id }) => id),
    left: [],
  });
  const comparison = compareRuns({
    plan: 'compare-short',
    lab: 'rehearsal',
    baseline: group(baselineRuns),
    changed: group(changedRuns),
    baselineRuns,
    changedRuns,
    differences: [],
    notes: [],
    slowdown: 1.5,
  });
  return judgeComparison(comparison).truth;
}
