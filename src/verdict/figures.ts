import { formatDuration } from '../model/duration.ts';
import type { Figure, Truth } from '../model/verdict.ts';

/** Pass or fail only when the whole error range lies on one side of the limit. */
export function atMost(figure: Figure, limit: number): Truth {
  if (figure.max <= limit) return 'pass';
  return figure.min > limit ? 'fail' : 'unknown';
}

/** Pass or fail only when the whole error range lies on one side of the limit. */
export function atLeast(figure: Figure, limit: number): Truth {
  if (figure.min >= limit) return 'pass';
  return figure.max < limit ? 'fail' : 'unknown';
}

/** A figure with its error, as people read it: `1.2s to 1.3s`, `99.1%`. */
export function writeFigure(figure: Figure): string {
  const [least, most] = [writeValue(figure.min, figure.unit), writeValue(figure.max, figure.unit)];
  return least === most ? least : `${least} to ${most}`;
}

function writeValue(value: number, unit: Figure['unit']): string {
  if (unit === 'ratio') return writeRatio(value);
  return unit === 'ms' ? formatDuration({ ms: value }) : String(value);
}

/** Rounded to a thousandth of a percent: one bad answer in a hundred thousand still shows. */
export const writeRatio = (ratio: number): string => `${Number((ratio * 100).toFixed(3))}%`;
