import type { Clock } from '../../../src/ports/clock.ts';

/** A clock whose time jumps to the next timer as soon as nothing else is left to do. */
export class VirtualClock implements Clock {
  readonly id = 'virtual';
  #nowMs = 1000;
  #timers: { at: number; act: () => void }[] = [];
  #pumping = false;

  now = () => ({ clock: this.id, ns: this.#nowMs * 1e6 });
  wall = () => new Date(Date.UTC(2026, 0, 1) + this.#nowMs).toISOString();

  after = (ms: number, callback: () => void): (() => void) => {
    const timer = { at: this.#nowMs + Math.max(0, ms), act: callback };
    this.#timers.push(timer);
    this.#pump();
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  };

  sleep = (duration: { ms: number }, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason as Error);
        return;
      }
      const stop = (): void => {
        cancel();
        reject(signal?.reason as Error);
      };
      const cancel = this.after(duration.ms, () => {
        signal?.removeEventListener('abort', stop);
        resolve();
      });
      signal?.addEventListener('abort', stop, { once: true });
    });

  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    // A whole turn of the event loop, so that every promise that can go on has gone on.
    setImmediate(() =>
      setImmediate(() => {
        this.#pumping = false;
        const next = this.#timers.reduce<{ at: number; act: () => void } | undefined>(
          (first, timer) => (first === undefined || timer.at < first.at ? timer : first),
          undefined,
        );
        if (next === undefined) return;
        this.#timers = this.#timers.filter((timer) => timer !== next);
        this.#nowMs = Math.max(this.#nowMs, next.at);
        next.act();
        if (this.#timers.length > 0) this.#pump();
      }),
    );
  }
}
