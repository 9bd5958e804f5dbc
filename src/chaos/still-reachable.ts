import { HarnessError } from '../model/errors.ts';
import type { Clock } from '../ports/clock.ts';
import { deadlineAfter, unlessAborted } from './deadline.ts';

/** A fault of a parallel branch may hide the API for as long as its address takes to move; three looks that hang. */
const PATIENCE = { ms: 45_000 };

/**
 * A request that went down with its server may never be answered: so long is one look waited for before the next. A host of two
 * processors on which a whole control node starts again answers a look after more than five seconds.
 */
const LOOK_PATIENCE = { ms: 15_000 };

const ASK_EVERY = { ms: 500 };

/**
 * Looks at the live state while a fault of ours may hide the API for a moment: only what was not reached or not answered is asked
 * again, and a look that hangs is given up for a new one: its signal ends the requests that it waits for.
 * @throws the last error when the patience is over, the signal's reason, and any other error at once.
 */
export async function stillReachable<T>(
  look: (signal: AbortSignal) => Promise<T>,
  clock: Clock,
  stop: AbortSignal,
): Promise<T> {
  const patience = deadlineAfter(clock, PATIENCE, 'Looking at the live state');
  const signal = AbortSignal.any([stop, patience.signal]);
  let last: unknown;
  try {
    for (;;) {
      const one = deadlineAfter(clock, LOOK_PATIENCE, 'One look at the live state');
      try {
        const given = AbortSignal.any([signal, one.signal]);
        return await unlessAborted(look(given), given);
      } catch (error) {
        stop.throwIfAborted();
        if (signal.aborted) throw last ?? error;
        if (one.signal.aborted) {
          last = error;
          continue;
        }
        if (!(error instanceof HarnessError) || !['SQ_UNREACHABLE', 'SQ_BAD_ANSWER'].includes(error.code))
          throw error;
        last = error;
      } finally {
        one.release();
      }
      await clock.sleep(ASK_EVERY, signal).catch(() => undefined);
    }
  } finally {
    patience.release();
  }
}
