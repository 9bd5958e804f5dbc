import { z } from 'zod';
import type { Limit } from '../model/catalogue.ts';
import { parseDuration, type Duration } from '../model/duration.ts';
import { shown } from './problem.ts';

const DURATION = /^(\d+(\.\d+)?(ms|s|m|h))+$/;
const PERCENT = /^\d+(\.\d+)?%$/;
const LIMIT = /^((\d+(\.\d+)?(ms|s|m|h))+|\d+(\.\d+)?\s*x\s+predicted)$/;
const NAME = /^[A-Za-z0-9][\w./-]*$/;

/** A timer of Node holds 2^31 ms; anything near it is a slip, and no run lasts a week. */
const LONGEST_MS = 7 * 24 * 3_600_000;

/** Says one sentence for every way to get a value wrong, except leaving it out. */
const saying = (what: string): { error: (issue: { readonly input?: unknown }) => string | undefined } => ({
  error: (issue) => (issue.input === undefined ? undefined : `${shown(issue.input)} is not ${what}`),
});

const durationSaying = saying('a duration such as 30s or 5m30s');
const percentSaying = saying('a percentage such as 99.9%');
const limitSaying = saying('a limit such as 30s or 1.5 x predicted');
const nameSaying = saying('a name: letters, digits, and . _ / - after the first');
const patternSaying = saying('a regular expression');

/** `30s`, `5m30s`; a bare number is refused, for the unit is never guessed. */
export const durationText = z.string(durationSaying).regex(DURATION, durationSaying).transform(readDuration);

function readDuration(text: string, context: z.RefinementCtx): Duration {
  const duration = parseDuration(text);
  if (duration && duration.ms <= LONGEST_MS) return duration;
  context.addIssue({ code: 'custom', message: `${shown(text)} is longer than a week` });
  return z.NEVER;
}

/** A duration between two bounds, both included and written as in a plan. */
export function durationBetween(least: string, most?: string): z.ZodType<Duration, string> {
  const leastMs = parseDuration(least)?.ms ?? 0;
  const mostMs = most === undefined ? LONGEST_MS : (parseDuration(most)?.ms ?? LONGEST_MS);
  return durationText.superRefine((duration, context) => {
    const asked = `${duration.ms} ms`;
    if (duration.ms < leastMs)
      context.addIssue({ code: 'custom', message: `${asked} is shorter than ${least}` });
    if (duration.ms > mostMs)
      context.addIssue({ code: 'custom', message: `${asked} is longer than ${most ?? 'a week'}` });
  });
}

/** `99.9%`, read as a ratio from 0 to 1; the bounds are ratios too. */
export function percentText(minimum = 0, maximum = 1): z.ZodType<number, string> {
  return z
    .string(percentSaying)
    .regex(PERCENT, percentSaying)
    .transform((text, context) => {
      // Read as a decimal number once, so that 99.9% is the 0.999 that people compare with.
      const ratio = Number(`${text.slice(0, -1)}e-2`);
      if (ratio >= minimum && ratio <= maximum) return ratio;
      const bound = ratio < minimum ? `less than ${minimum * 100}%` : `more than ${maximum * 100}%`;
      context.addIssue({ code: 'custom', message: `${text.slice(0, 40)} is ${bound}` });
      return z.NEVER;
    });
}

/** `30s`, or `1.5 x predicted`: so many times the upper edge of the predicted window. */
export const limitText = z
  .string(limitSaying)
  .regex(LIMIT, limitSaying)
  .transform((text, context): Limit => {
    const times = /^(\d+(?:\.\d+)?)\s*x/.exec(text)?.[1];
    return times === undefined ? readDuration(text, context) : { timesPredicted: Number(times) };
  });

export const nameText = z.string(nameSaying).max(100).regex(NAME, nameSaying);

/** A regular expression of JavaScript, kept as text. */
export const patternText = z.string(patternSaying).max(1000).refine(isPattern, patternSaying);

function isPattern(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}

/** Text of any kind, but not megabytes of it. */
export const anyText = z.string().max(10_000);
