import { availableParallelism } from 'node:os';
import { HarnessError } from '../model/errors.ts';

/** More lanes than this only queue up at the APIs. */
const MOST_LANES = 4;

/**
 * @param asked what `--lanes` says; absent: one for each processor, at most four.
 * @throws SQ_USAGE when it is no whole number from 1.
 */
export function howManyLanes(asked: number | undefined): number {
  if (asked === undefined) return Math.max(1, Math.min(MOST_LANES, availableParallelism()));
  if (Number.isInteger(asked) && asked >= 1) return asked;
  throw new HarnessError('SQ_USAGE', `--lanes takes a whole number from 1, not ${numberShown(asked)}.`);
}

/** The parser has made a number of it already. */
const numberShown = (asked: number): string => (Number.isNaN(asked) ? 'a word' : String(asked));
