import type { Duration } from '../model/duration.ts';
import type { Clock } from '../ports/clock.ts';
import type { SharedState } from '../ports/state-store.ts';
import { StopRequest } from './stop-signal.ts';

/** The file of this machine costs nothing to look at; a cluster is asked as often as a run must notice. */
export const LOOK_EVERY = { file: { ms: 250 }, cluster: { ms: 1000 } };

/** Looks whether somebody stopped all runs, until it is released. */
export class StopWatch {
  readonly #clock: Clock;
  readonly #controller = new AbortController();
  readonly #released = new AbortController();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Aborted with a `StopRequest` that says who and why. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Looks there too, from now on. What cannot be asked now is asked again. */
  watch(state: Pick<SharedState, 'stopped'>, every: Duration): void {
    void this.#look(state, every);
  }

  release(): void {
    this.#released.abort();
  }

  async #look(state: Pick<SharedState, 'stopped'>, every: Duration): Promise<void> {
    const over = (): boolean => this.#released.signal.aborted || this.signal.aborted;
    while (!over()) {
      const order = await state.stopped().catch(() => undefined);
      if (order !== undefined && !over()) this.#controller.abort(new StopRequest('stop', order));
      await this.#clock.sleep(every, this.#released.signal).catch(() => undefined);
    }
  }
}
