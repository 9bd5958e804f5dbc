import type { Duration } from '../model/duration.ts';
import type { HealingEntry } from '../model/injection.ts';
import type { Clock } from '../ports/clock.ts';

/** How long an entry may still hurt; zero once it has expired, or when its clock is not this host's since a reboot. */
export function timeLeft(entry: Pick<HealingEntry, 'expires'>, clock: Clock): Duration {
  const now = clock.now();
  if (now.clock !== entry.expires.clock) return { ms: 0 };
  return { ms: Math.max(0, (entry.expires.ns - now.ns) / 1e6) };
}
