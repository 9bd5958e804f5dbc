import { formatDuration, type Duration } from '../model/duration.ts';
import type { Clock } from '../ports/clock.ts';

/** A signal of its own that aborts after `duration`, counted from now. `release` lets its timer go. */
export interface Deadline {
  readonly signal: AbortSignal;
  release(): void;
}

export function deadlineAfter(clock: Clock, duration: Duration, what: string): Deadline {
  const controller = new AbortController();
  const cancel = clock.after(duration.ms, () => {
    controller.abort(new Error(`${what} took longer than ${formatDuration(duration)}`));
  });
  return { signal: controller.signal, release: cancel };
}

/** The promise, or the signal's reason as soon as that comes; whatever the promise does later is not waited for. */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  // It goes on by itself when it is given up; its late failure is nobody's any more.
  promise.catch(() => undefined);
  signal.throwIfAborted();
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
