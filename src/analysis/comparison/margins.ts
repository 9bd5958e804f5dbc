import type { MeasureUnit, Range } from '../../model/comparison.ts';

/** A slowdown up to this is no matter: hosts differ by as much from one day to the next. */
export const TOLERATED_FACTOR = 1.1;

/** So many milliseconds are no matter, however short the baseline is; and twice as many are a slowdown that must be found. */
const TOLERATED_MS = 50;

/** The chance of a false alarm, over all judged measures of a comparison together. */
export const ALPHA = 0.01;

/** How surely the slowdown that is looked for is found with the runs that are asked for. */
export const POWER = 0.95;

/** The slowdown that is looked for unless the user says otherwise. */
export const DEFAULT_SLOWDOWN = 1.5;

/** The baseline at the most that is tolerated. A count has no tolerance: half a case more is between none and one. */
export function tolerated(range: Range, unit: MeasureUnit): Range {
  return unit === 'count'
    ? moved(range, (value) => value + 0.5)
    : moved(range, (value) => Math.max(value * TOLERATED_FACTOR, value + TOLERATED_MS));
}

/** The baseline slowed down by what must be found. */
export function slowed(range: Range, unit: MeasureUnit, slowdown: number): Range {
  return unit === 'count'
    ? moved(range, (value) => value + 1)
    : moved(range, (value) => Math.max(value * slowdown, value + 2 * TOLERATED_MS));
}

export const moved = ({ min, max }: Range, by: (value: number) => number): Range => ({
  min: by(min),
  max: by(max),
});
