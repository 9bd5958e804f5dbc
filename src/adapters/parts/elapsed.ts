import type { Duration } from '../../model/duration.ts';
import type { Clock } from '../../ports/clock.ts';

/** Starts a stopwatch: each call tells the time since then, in whole milliseconds. */
export function elapsed(clock: Clock): () => Duration {
  const start = clock.now().ns;
  return () => ({ ms: Math.round((clock.now().ns - start) / 1e6) });
}
