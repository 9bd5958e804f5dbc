import type { MeasureUnit, Range } from '../../model/comparison.ts';
import { seededRandom, type SeededRandom } from '../../model/seeded-random.ts';
import { moved, POWER, slowed, tolerated } from './margins.ts';
import { surelyMore } from './surely-more.ts';

/** Runs of the baseline from which its spread is estimated at all. */
export const LEAST_RUNS = 5;

/** More runs of each side than this nobody makes. */
export const MOST_RUNS = 60;

/** Comparisons that are played for each number of runs. */
const PLAYED = 400;

/** Above this many runs the chance is approximated while playing: the answer is an estimate anyway. */
const COUNTED_WHILE_PLAYING = 24;

/** The quantile of the normal distribution for an upper bound of the spread that holds in four of five cases. */
const Z_ASSURANCE = -0.8416;

/** What it is to be found in, and how. */
export interface Search {
  readonly unit: MeasureUnit;
  readonly slowdown: number;
  /** For this one measure, after its share of the correction. */
  readonly alpha: number;
}

/**
 * How many runs each group needs so that a slowdown is found as surely as promised: comparisons are played with values drawn
 * from the baseline, and again from the baseline slowed down, until a number of runs finds it often enough.
 *
 * A spread that was estimated from few runs is often too small, so the values are drawn apart to an upper bound of it (Browne
 * 1995), which comes down to the estimate as runs are added: whoever has more of the baseline is asked for fewer.
 * @returns 'unknown' with too few runs of the baseline; 'none' where no number would do, for its ranges are too wide to be told
 *   from those of the slowdown.
 */
export function neededRuns(baseline: readonly Range[], search: Search): number | 'unknown' | 'none' {
  if (baseline.length < LEAST_RUNS) return 'unknown';
  const values = drawnApart(baseline);
  const enough = (runs: number): boolean => playedPower(values, runs, search) >= POWER;
  let [low, high] = [leastForAlpha(search.alpha) - 1, LEAST_RUNS];
  while (high <= low) high += 1;
  while (!enough(high)) {
    if (high >= MOST_RUNS) return 'none';
    low = high;
    high = Math.min(MOST_RUNS, Math.ceil(high * 1.6));
  }
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (enough(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** With fewer runs than this even the clearest difference is not clear enough: there are too few ways to deal them out. */
function leastForAlpha(alpha: number): number {
  let ways = 1;
  for (let runs = 1; ; runs++) {
    ways *= (2 * (2 * runs - 1)) / runs;
    if (1 / ways <= alpha) return runs;
  }
}

function playedPower(values: readonly Range[], runs: number, { unit, slowdown, alpha }: Search): number {
  // The same draws for every number of runs and every call: the same baseline is asked for the same number.
  const random = seededRandom('needed-runs');
  let found = 0;
  for (let game = 0; game < PLAYED; game++) {
    const before = draw(values, runs, random).map((range) => tolerated(range, unit));
    const after = draw(values, runs, random).map((range) => slowed(range, unit, slowdown));
    if (surelyMore(after, before, COUNTED_WHILE_PLAYING) <= alpha) found += 1;
  }
  return found / PLAYED;
}

function draw(values: readonly Range[], count: number, random: SeededRandom): readonly Range[] {
  return Array.from({ length: count }, () => values[random.integer(values.length)] ?? { min: 0, max: 0 });
}

/** The values as far from their median as an upper bound of the spread allows. */
function drawnApart(values: readonly Range[]): readonly Range[] {
  const middles = values.map(middleOf).sort((x, y) => x - y);
  const median = middles[middles.length >> 1] ?? 0;
  if (!Number.isFinite(median)) return values;
  const freedom = values.length - 1;
  // The quantile of chi-squared by Wilson and Hilferty (1931).
  const part = 2 / (9 * freedom);
  const chi = freedom * (1 - part + Z_ASSURANCE * Math.sqrt(part)) ** 3;
  const factor = Math.sqrt(freedom / chi);
  return values.map((range) => {
    const by = (middleOf(range) - median) * (factor - 1);
    return Number.isFinite(by) ? moved(range, (value) => Math.max(0, value + by)) : range;
  });
}

/** Of an open range: infinite. */
export const middleOf = ({ min, max }: Range): number => (min + max) / 2;
