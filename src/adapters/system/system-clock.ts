import { hostname } from 'node:os';
import type { Duration } from '../../model/duration.ts';
import type { Clock } from '../../ports/clock.ts';
import { bootId } from './process-birth.ts';

/** Node cuts longer timers to 1 ms. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * The host's monotonic clock. Every process and thread of one host reads the same one, so instants of the harness, its probers
 * and the reaper can be compared as they are.
 */
export function createSystemClock(): Clock {
  // It begins anew with each boot, and then says nothing about instants of the one before.
  const boot = bootId()?.slice(0, 8);
  const id = `host:${hostname()}${boot === undefined ? '' : `/${boot}`}`;
  return {
    id,
    now: () => ({ clock: id, ns: Number(process.hrtime.bigint()) }),
    wall: () => new Date().toISOString(),
    after(ms, callback) {
      const timer = setTimeout(callback, Math.min(Math.max(ms, 0), LONGEST_TIMER_MS));
      return () => clearTimeout(timer);
    },
    sleep,
  };
}

function sleep(duration: Duration, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(
      () => {
        signal?.removeEventListener('abort', stop);
        resolve();
      },
      Math.min(duration.ms, LONGEST_TIMER_MS),
    );
    signal?.addEventListener('abort', stop, { once: true });
  });
}
