import { nanosecondsOf, milliseconds, type Duration } from '../model/duration.ts';
import { describeError } from '../model/errors.ts';
import type { Instant } from '../model/instant.ts';
import type { WatchedEvent } from '../model/observation.ts';
import type { Clock } from '../ports/clock.ts';

/** How often the way back to *recovered* is looked at. */
const LOOK_EVERY = milliseconds(500);

export interface RecoveredLook {
  readonly clock: Clock;
  /** True when every probe was up since `sinceNs`. */
  allUp(sinceNs: number): boolean;
  /** What full redundancy lacks; empty when it is back. Throws when it cannot look. */
  lacks(signal: AbortSignal): Promise<readonly string[]>;
  /** Told when it is over, of when full redundancy was first seen: it ends a recovery that no watcher saw the end of. */
  emit(event: WatchedEvent): void;
  report(says: string): void;
}

/** Every probe up again and full redundancy back, at two looks in a row; false when the ceiling comes first. */
export async function waitForRecovered(
  look: RecoveredLook,
  ceiling: Duration,
  signal: AbortSignal,
): Promise<boolean> {
  const { clock } = look;
  // What was measured before this wait began says nothing about a silence that has just begun.
  const since = clock.now().ns;
  const until = since + nanosecondsOf(ceiling);
  let lackedNs = 0;
  let back: WatchedEvent | undefined;
  while (clock.now().ns < until) {
    if (look.allUp(since)) {
      try {
        const asked = clock.now().ns;
        const complete = (await look.lacks(signal)).length === 0;
        const seen = clock.now();
        if (!complete) {
          lackedNs = asked;
          back = undefined;
        } else if (back === undefined) back = redundant(seen, lackedNs);
        // What starts again may be told ready for a moment, by what was true before it ended.
        else if (look.allUp(since)) {
          look.emit(back);
          return true;
        }
      } catch (error) {
        signal.throwIfAborted();
        look.report(`not recovered yet: ${describeError(error)}`);
      }
    }
    await clock.sleep(LOOK_EVERY, signal);
  }
  return false;
}

const redundant = ({ clock, ns }: Instant, lackedNs: number): WatchedEvent => ({
  watcher: 'recovered',
  clock,
  afterNs: lackedNs,
  seenNs: ns,
  change: 'full-redundancy',
  about: 'topology',
});
