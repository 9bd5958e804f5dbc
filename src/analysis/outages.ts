import type { Interval } from '../model/analysis.ts';
import type { InstantRange } from '../model/instant.ts';
import type { Figure } from '../model/verdict.ts';

/** One stretch in which a probe was not proved up. */
export interface Outage {
  readonly start: InstantRange;
  readonly end: InstantRange;
  /** From the edge to the edge of what was seen down at the least, and of what was not seen up at the most, in ns. */
  readonly minNs: number;
  readonly maxNs: number;
  /** False where it was only unseen: an outage may have hidden there. */
  readonly seenDown: boolean;
  /** It was not over when the series ended. */
  readonly open: boolean;
}

/** What one probe lost to one fault. */
export interface Felt {
  readonly probe: string;
  /** Its outages that belong to the fault, stretches that were only unseen among them. */
  readonly outages: readonly Outage[];
}

/**
 * Neighbouring intervals that are not *up*, each run as one outage: what was unseen between two downs may have been down as well.
 * What was away is no outage, nor a part of one.
 */
export function outagesOf(intervals: readonly Interval[]): readonly Outage[] {
  const runs: Interval[][] = [];
  for (const [index, interval] of intervals.entries()) {
    if (!isLacking(interval)) continue;
    const before = intervals[index - 1];
    const run = runs.at(-1);
    if (run !== undefined && before !== undefined && isLacking(before)) run.push(interval);
    else runs.push([interval]);
  }
  return runs.flatMap((run) => {
    const [first, last] = [run[0], run.at(-1)];
    if (first === undefined || last === undefined) return [];
    const downs = run.filter(({ state }) => state === 'down');
    return [
      {
        start: first.state === 'down' ? first.start : wideStart(first, downs[0]),
        end: last.end,
        minNs: Math.max(0, ...downs.map(({ start, end }) => end.earliestNs - start.latestNs)),
        maxNs: Math.max(0, last.end.latestNs - first.start.earliestNs),
        seenDown: downs.length > 0,
        open: last === intervals.at(-1),
      },
    ];
  });
}

const isLacking = ({ state, away }: Interval): boolean => state !== 'up' && away !== true;

/** The longest of some outages; what was only unseen counts in the upper end. */
export function longest(outages: readonly Outage[]): Figure {
  return milliseconds(
    Math.max(0, ...outages.map(({ minNs }) => minNs)),
    Math.max(0, ...outages.map(({ maxNs }) => maxNs)),
  );
}

/** All time down: what was seen down at the least, what was not seen up at the most. */
export function totalDown(intervals: readonly Interval[], outages: readonly Outage[]): Figure {
  const min = sum(intervals.filter(({ state }) => state === 'down').map(leastNs));
  return milliseconds(min, Math.max(min, sum(outages.map(({ maxNs }) => maxNs))));
}

export const milliseconds = (minNs: number, maxNs: number): Figure => ({
  min: minNs / 1e6,
  max: maxNs / 1e6,
  unit: 'ms',
});

/** How long an interval lasted at the least. */
export const leastNs = ({ start, end }: Interval): number => Math.max(0, end.earliestNs - start.latestNs);

export const sum = (numbers: readonly number[]): number =>
  numbers.reduce((total, number) => total + number, 0);

/** An outage that begins unseen may have begun anywhere from there to where it was first seen. */
function wideStart(first: Interval, down: Interval | undefined): InstantRange {
  return { ...first.start, latestNs: down?.start.latestNs ?? first.end.latestNs };
}
