import type { Figure, Truth } from '../model/verdict.ts';

/** The longest name that is shown whole to people; `report.json` always has all of it. */
const SHOWN_LENGTH = 120;

/** A text on one line and short enough for a table; the end is kept, for there ids differ most often. */
export function shorten(text: string, length: number = SHOWN_LENGTH): string {
  const line = text.replace(/\s+/g, ' ').trim();
  if (line.length <= length) return line;
  const tail = Math.floor(length / 4);
  // A cut may fall between the halves of a surrogate pair.
  return `${line.slice(0, length - tail - 1)}…${line.slice(-tail)}`.replace(/\p{Cs}/gu, '');
}

function digits(value: number, decimals: number): string {
  return String(Number(value.toFixed(decimals)));
}

/** Milliseconds for people: `420 ms`, `2.14 s`, `3 min 5 s`. */
export function formatMs(ms: number): string {
  const size = Math.abs(ms);
  if (size < 1) return `${digits(ms, 2)} ms`;
  if (size < 999.5) return `${digits(ms, size < 10 ? 1 : 0)} ms`;
  if (size < 59_995) return `${digits(ms / 1000, 2)} s`;
  const seconds = Math.round(size / 1000);
  const rest = seconds % 60 === 0 ? '' : ` ${seconds % 60} s`;
  return `${ms < 0 ? '-' : ''}${Math.floor(seconds / 60)} min${rest}`;
}

/** A share for people. It reads 100 % only when it is exactly one: four nines must not be rounded up to none lost. */
export function formatRatio(ratio: number): string {
  const percent = ratio * 100;
  for (const decimals of [2, 4, 6]) {
    const text = digits(percent, decimals);
    if ((text !== '100' || ratio >= 1) && (text !== '0' || ratio <= 0)) return `${text} %`;
  }
  return ratio > 0.5 ? 'just under 100 %' : 'just over 0 %';
}

const FORMATS: Readonly<Record<Figure['unit'], (value: number) => string>> = {
  ms: formatMs,
  ratio: formatRatio,
  count: (value) => digits(value, 2),
};

/** One number with its unit. */
export function formatNumber(value: number, unit: Figure['unit']): string {
  return Number.isFinite(value) ? FORMATS[unit](value) : 'not known';
}

/** A figure with its error, as the range in which the truth lies: `2.1 – 2.3 s`. One number when the edges read the same. */
export function formatFigure(figure: Figure): string {
  const low = formatNumber(figure.min, figure.unit);
  const high = formatNumber(figure.max, figure.unit);
  if (low === high) return low;
  const [lowNumber, lowUnit] = low.split(' ');
  const [, highUnit] = high.split(' ');
  const oneUnit = lowUnit === highUnit && low.split(' ').length === 2 && high.split(' ').length === 2;
  return oneUnit && lowNumber !== undefined ? `${lowNumber} – ${high}` : `${low} – ${high}`;
}

/** Half of the width of a figure: how far its middle may be off. */
export function formatError(figure: Figure): string {
  return `± ${formatNumber((figure.max - figure.min) / 2, figure.unit)}`;
}

/** Milliseconds since the start of the run, for reading along the timeline: `12.3 s`. */
export function formatMoment(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

export const TRUTH_WORDS: Readonly<Record<Truth, string>> = {
  pass: 'Pass',
  fail: 'Fail',
  unknown: 'Unknown',
};

/** `1 case`, `2 cases`. */
export function plural(count: number, one: string, many: string = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
