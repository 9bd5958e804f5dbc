import type { Duration } from '../model/duration.ts';
import type { Schedule, ScheduledStep } from '../model/schedule.ts';

/** Injecting and healing are looked at from outside, which takes about so long each. */
const LOOK_MS = 1000;

/**
 * How long a schedule should take: its faults for as long as they are held, waits for *recovered* for as long as the fault before
 * them needs at the least by its prediction. For people who wait; nothing is decided by it.
 */
export function expectedDuration({ steps }: Pick<Schedule, 'steps'>): Duration {
  return { ms: expectedMs(steps) };
}

function expectedMs(steps: readonly ScheduledStep[]): number {
  let total = 0;
  let backMs = 0;
  const begun = new Map<string, number>();
  for (const step of steps) {
    begun.set(step.id, total);
    switch (step.kind) {
      case 'fault':
        total += step.duration.ms + 2 * LOOK_MS;
        backMs = Math.max(0, (step.predicted?.redundancy.min.ms ?? 0) - step.duration.ms);
        break;
      case 'wait':
        total +=
          step.wait.for === 'duration'
            ? step.wait.duration.ms
            : Math.min(step.wait.ceiling.ms, backMs + LOOK_MS);
        break;
      case 'parallel':
        total += Math.max(0, ...step.branches.map(expectedMs));
        break;
      case 'pause':
        total = Math.max(total, (begun.get(step.sinceStartOf) ?? 0) + step.every.ms);
        break;
      case 'suites':
        break;
    }
  }
  return total;
}
