import { formatDuration, milliseconds, nanosecondsOf, type Duration } from '../model/duration.ts';
import { describeError } from '../model/errors.ts';
import type { Clock } from '../ports/clock.ts';

export interface Limits {
  /** From the call until it is given up. Default: the patience of the case. */
  readonly within?: Duration;
  /** The first pause; each is half as long again as the one before, up to 1 s. Default 25 ms. */
  readonly every?: Duration;
  /**
   * It takes about as long each time: it is not looked at before three quarters of the soonest that it came true in this lane,
   * where that was a second or more. What is waited for is told by `says`.
   */
  readonly steady?: true;
}

const FIRST_PAUSE = milliseconds(25);
const LONGEST_PAUSE_MS = 1000;

/** The pause after one of `ms`, where things are looked at again and again. */
export const nextPause = (ms: number): number => Math.min(ms * 1.5, LONGEST_PAUSE_MS);

/** How soon things came true at the soonest, by what they are: looking before is of no use, and costs the system an answer. */
export class Soonest {
  readonly #ms = new Map<string, number>();

  /** How long to wait before the first look; 0 for what is unknown or quick. */
  restMs(what: string): number {
    const soonest = this.#ms.get(what) ?? 0;
    return soonest < WORTH_WAITING_MS ? 0 : soonest * REST_SHARE;
  }

  came(what: string, ms: number): void {
    this.#ms.set(what, Math.min(ms, this.#ms.get(what) ?? Infinity));
  }
}

/** It may be quicker this time. */
const REST_SHARE = 0.75;
const WORTH_WAITING_MS = 1000;

/**
 * Looks again and again until `look` no longer throws, and returns what it gave.
 * @param says what should come true, as a clause: `the server is active`.
 * @param soonest of the lane; needed for what is steady alone.
 * @throws an error that names the limit and carries the last failure, or the signal's reason.
 */
export async function eventually<T>(
  says: string,
  look: () => Promise<T>,
  limits: Limits & { readonly within: Duration },
  clock: Clock,
  signal: AbortSignal,
  soonest = new Soonest(),
): Promise<T> {
  const { within } = limits;
  const begunNs = clock.now().ns;
  const until = begunNs + nanosecondsOf(within);
  const restMs = limits.steady === true ? Math.min(soonest.restMs(says), within.ms / 2) : 0;
  if (restMs > 0) await clock.sleep(milliseconds(restMs), signal);
  let pauseMs = (limits.every ?? FIRST_PAUSE).ms;
  for (let looks = 1; ; looks++) {
    signal.throwIfAborted();
    try {
      const found = await look();
      // What was true from the start tells nothing of how long it takes.
      if (limits.steady === true && (looks > 1 || restMs > 0))
        soonest.came(says, (clock.now().ns - begunNs) / 1e6);
      return found;
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
    pauseMs = nextPause(pauseMs);
  }
}
