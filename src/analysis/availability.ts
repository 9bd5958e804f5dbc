import type { Interval } from '../model/analysis.ts';
import type { Sample } from '../model/observation.ts';
import type { Figure } from '../model/verdict.ts';
import { leastNs, sum } from './outages.ts';

/** Normal quantile of a two-sided 95 % interval. */
const Z = 1.959964;

/**
 * Up over up + down, by time. The error comes from the edges; unseen time counts in neither. With nothing seen it is anything
 * from 0 to 1.
 */
export function availabilityByTime(intervals: readonly Interval[]): Figure {
  const seenNs = lengthOf(intervals) - unseenNs(intervals);
  if (seenNs <= 0) return { min: 0, max: 1, unit: 'ratio' };
  const downs = intervals.filter(({ state }) => state === 'down');
  const most = sum(downs.map((down) => mostSeenNs(down, intervals)));
  const least = sum(downs.map(leastNs));
  return { min: clamp(1 - most / seenNs), max: clamp(1 - least / seenNs), unit: 'ratio' };
}

/** The share of the series that nobody saw, without what was away. */
export function unseenRatio(intervals: readonly Interval[]): number {
  const length = lengthOf(intervals);
  return length <= 0 ? 1 : clamp(unseenNs(intervals.filter(({ away }) => away !== true)) / length);
}

/** The share of the series that was away. */
export function awayRatio(intervals: readonly Interval[]): number {
  const length = lengthOf(intervals);
  return length <= 0 ? 0 : clamp(unseenNs(intervals.filter(({ away }) => away === true)) / length);
}

/**
 * Good answers over all answers. Each sample is one draw, so the error is the Wilson interval of 95 % (Wilson 1927), which is
 * honest near 0 and 1 too.
 */
export function requestRatio(samples: readonly Sample[]): Figure {
  const answered = samples.filter(({ outcome }) => outcome !== 'unknown').length;
  const good = samples.filter(({ outcome }) => outcome === 'ok').length;
  if (answered === 0) return { min: 0, max: 1, unit: 'ratio' };
  const ratio = good / answered;
  const z2 = Z * Z;
  const centre = (ratio + z2 / (2 * answered)) / (1 + z2 / answered);
  const half =
    (Z / (1 + z2 / answered)) * Math.sqrt((ratio * (1 - ratio)) / answered + z2 / (4 * answered * answered));
  return {
    min: good === 0 ? 0 : clamp(centre - half),
    max: good === answered ? 1 : clamp(centre + half),
    unit: 'ratio',
  };
}

function lengthOf(intervals: readonly Interval[]): number {
  return (intervals.at(-1)?.end.latestNs ?? 0) - (intervals[0]?.start.earliestNs ?? 0);
}

/** By outermost bounds: see `intervalsOf`. Two unseen stretches always have a seen one between them. */
function unseenNs(intervals: readonly Interval[]): number {
  return sum(
    intervals
      .filter(({ state }) => state === 'unseen')
      .map(({ start, end }) => Math.max(0, end.latestNs - start.earliestNs)),
  );
}

/** How long a down lasted at the most, without the unseen time beside it. */
function mostSeenNs(down: Interval, intervals: readonly Interval[]): number {
  const index = intervals.indexOf(down);
  const from = intervals[index - 1]?.state === 'unseen' ? down.start.latestNs : down.start.earliestNs;
  const to = intervals[index + 1]?.state === 'unseen' ? down.end.earliestNs : down.end.latestNs;
  return Math.max(0, to - from);
}

const clamp = (ratio: number): number => Math.min(1, Math.max(0, ratio));
