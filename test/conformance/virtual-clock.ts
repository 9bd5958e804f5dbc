import type { Duration } from '../../src/model/duration.ts';
import type { Clock } from '../../src/ports/clock.ts';

/** A clock that stands still until it is moved on; what was due meanwhile happens in the order of time. */
export class VirtualClock implements Clock {
  readonly id = 'virtual';
  #ns = 1e9;
  #timers: { readonly due: number; readonly callback: () => void }[] = [];

  now(): { clock: string; ns: number } {
    return { clock: this.id, ns: this.#ns };
  }

  wall(): string {
    return '2026-01-01T00:00:00.000Z';
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { due: this.#ns + ms * 1e6, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer);
    };
  }

  sleep(duration: Duration, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const cancel = this.after(duration.ms, resolve);
      signal?.addEventListener('abort', () => (cancel(), reject(signal.reason as Error)), { once: true });
    });
  }

  get hasTimers(): boolean {
    return this.#timers.length > 0;
  }

  /** Moves on to the next thing that is due; false when nothing is. */
  step(): boolean {
    const next = this.#timers.toSorted((a, b) => a.due - b.due)[0];
    if (next === undefined) return false;
    this.#timers = this.#timers.filter((one) => one !== next);
    this.#ns = Math.max(this.#ns, next.due);
    next.callback();
    return true;
  }
}
