import { formatDuration, milliseconds, nanosecondsOf, type Duration } from '../model/duration.ts';
import { describeError } from '../model/errors.ts';
import type { Clock } from '../ports/clock.ts';

export interface Limits {
  /** From the call until it is given up. Default: the patience of the case. */
  readonly within?: Duration;
  /** The first pause; each is half as long again as the one before, up to 1 s. Default 25 ms. */
  readonly every?: Duration;
}

const FIRST_PAUSE = milliseconds(25);
const LONGEST_PAUSE_MS = 1000;

/**
 * Looks again and again until `look` no longer throws, and returns what it gave.
 * @param says what should come true, as a clause: `the server is active`.
 * @throws an error that names the limit and carries the last failure, or the signal's reason.
 */
export async function eventually<T>(
  says: string,
  look: () => Promise<T>,
  limits: Limits & { readonly within: Duration },
  clock: Clock,
  signal: AbortSignal,
): Promise<T> {
  const { within } = limits;
  const until = clock.now().ns + nanosecondsOf(within);
  let pauseMs = (limits.every ?? FIRST_PAUSE).ms;
  for (;;) {
    signal.throwIfAborted();
    try {
      return await look();
    } catch (error) {
      signal.throwIfAborted();
      if (clock.now().ns + pauseMs * 1e6 >= until) {
        throw new Error(
          `It did not come true within ${formatDuration(within)} that ${says}: ${describeError(error)}`,
          { cause: error },
        );
      }
    }
    await clock.sleep(milliseconds(pauseMs), signal);
    pauseMs = Math.min(pauseMs * 1.5, LONGEST_PAUSE_MS);
  }
}
