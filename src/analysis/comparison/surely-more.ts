import type { Range } from '../../model/comparison.ts';
import { upperTail } from '../rank-test.ts';

/** Runs of both groups up to which every way to deal them out is counted. */
const EXACT_UP_TO = 40;

/**
 * The chance that `b` would be more than `a` as clearly as it is, or more clearly, if the runs had been dealt out to the two
 * groups by chance: a permutation test, one-sided.
 *
 * What is compared is the score of Gehan (1965) in the form of Mantel (1967): each run counts the runs that it is surely more
 * than, less those that it is surely less than. Two ranges that overlap count nothing either way, so an outage whose edges are
 * not known is not taken for its middle, and one that was not over when the run ended is more than all that surely ended
 * before. It asks nothing of how the values are spread, and the chance is exact for any number of runs, ties among them: every
 * way to deal out the scores is counted (up to 40 runs; the normal approximation with a continuity correction beyond).
 * @param exactUpTo runs of both groups together up to which it counts.
 * @returns 1 where one of them is empty, or no two ranges can be told apart.
 */
export function surelyMore(b: readonly Range[], a: readonly Range[], exactUpTo = EXACT_UP_TO): number {
  if (a.length === 0 || b.length === 0) return 1;
  const scores = scoresOf([...b, ...a]);
  const found = scores.slice(0, b.length).reduce((sum, score) => sum + score, 0);
  if (scores.every((score) => score === 0)) return 1;
  return scores.length <= exactUpTo
    ? countedTail(scores, b.length, found)
    : normalTail(scores, b.length, found);
}

/** How many of the others each is surely more than, less how many it is surely less than. Two searches in sorted edges. */
function scoresOf(ranges: readonly Range[]): readonly number[] {
  const lows = Float64Array.from(ranges, ({ min }) => min).sort();
  const highs = Float64Array.from(ranges, ({ max }) => max).sort();
  return ranges.map(({ min, max }) => countBelow(highs, min) - (lows.length - countUpTo(lows, max)));
}

/** How many of the sorted numbers are below the limit. */
function countBelow(sorted: Float64Array, limit: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** How many of the sorted numbers are at most the limit. */
function countUpTo(sorted: Float64Array, limit: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The share of all choices of `size` scores whose sum is at least what was found. Whole numbers, so nothing is rounded. */
function countedTail(scores: readonly number[], size: number, found: number): number {
  // Counted from the lowest score, sums are not negative and can be places of an array.
  const lowest = Math.min(...scores);
  const raised = scores.map((score) => score - lowest).sort((x, y) => x - y);
  const top = raised.slice(-size).reduce((sum, score) => sum + score, 0);
  const width = top + 1;
  const ways = new Float64Array((size + 1) * width);
  ways[0] = 1;
  for (const [index, score] of raised.entries()) {
    for (let chosen = Math.min(size, index + 1); chosen > 0; chosen--) {
      const into = chosen * width;
      const from = into - width;
      for (let sum = top; sum >= score; sum--)
        ways[into + sum] = (ways[into + sum] ?? 0) + (ways[from + sum - score] ?? 0);
    }
  }
  const all = ways.subarray(size * width);
  let total = 0;
  let tail = 0;
  for (const [sum, count] of all.entries()) {
    total += count;
    if (sum + size * lowest >= found) tail += count;
  }
  return tail / total;
}

function normalTail(scores: readonly number[], size: number, found: number): number {
  const n = scores.length;
  const squares = scores.reduce((sum, score) => sum + score * score, 0);
  const variance = ((size * (n - size)) / (n * (n - 1))) * squares;
  return upperTail((found - 1) / Math.sqrt(variance));
}
