import type { InstantRange } from '../model/instant.ts';
import type { ProbeSeries } from '../model/observation.ts';
import { answersOf, drawsOf, madeSlower } from './answer-times.ts';
import { largerThan } from './rank-test.ts';

/** Draws in a window: the fewest with which a clear difference is significant among a thousand windows. */
const WINDOW = 12;

/** Draws of the baseline below which nothing can be said. */
const LEAST_BASELINE = 20;

/** Together for all windows of one probe after one fault: the chance to call any of them slow, or any of them back, wrongly. */
const ALPHA = 0.01;

interface Window {
  readonly fromNs: number;
  readonly toNs: number;
  readonly slow: boolean;
  readonly back: boolean;
}

/**
 * When a probe was answered as fast as before the first fault, for good.
 *
 * Answers since the fault are cut into windows of `WINDOW` draws, each the median of `BLOCK` answers, a failed one counting as
 * endless. Two rank-sum tests compare each window with the baseline made slower by the margin: surely slower than that is
 * *slow*, surely faster is *back*, and what cannot be told apart is neither, so too few answers never pass for a return. Each
 * test shares `ALPHA` among all windows (Bonferroni, which holds however windows depend on one another).
 * @returns the range from the last window that was surely slow to the first since that was surely back; undefined where the
 *   baseline is too short, or it was never surely back. Its beginning is `fromNs` when no window was surely slow.
 */
export function backToBaseline(
  series: ProbeSeries,
  baselineEndNs: number,
  fromNs: number,
  untilNs: number,
): InstantRange | undefined {
  const samples = answersOf(series);
  const before = drawsOf(samples.filter((one) => one.completedNs < baselineEndNs));
  const after = drawsOf(samples.filter(({ sentNs }) => sentNs >= fromNs && sentNs < untilNs));
  const count = Math.floor(after.length / WINDOW);
  if (before.length < LEAST_BASELINE || count === 0) return undefined;
  const slower = madeSlower(before);
  const alpha = ALPHA / count;
  const windows = Array.from({ length: count }, (_, index): Window => {
    const inside = after.slice(index * WINDOW, (index + 1) * WINDOW);
    const took = inside.map(({ tookNs }) => tookNs);
    return {
      fromNs: inside[0]?.fromNs ?? 0,
      toNs: inside.at(-1)?.toNs ?? 0,
      slow: largerThan(took, slower) < alpha,
      back: largerThan(slower, took) < alpha,
    };
  });
  const last = windows.findLastIndex(({ slow }) => slow);
  const back = windows.slice(last + 1).find((window) => window.back);
  if (back === undefined) return undefined;
  return {
    clock: series.clock,
    earliestNs: windows[last]?.fromNs ?? fromNs,
    latestNs: back.toNs,
  };
}
