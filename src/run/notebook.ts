import { describeError, HarnessError } from '../model/errors.ts';
import type { RunEnd } from '../model/evidence.ts';
import type { Instant } from '../model/instant.ts';
import type { Clock } from '../ports/clock.ts';
import type { Progress } from '../ports/progress.ts';
import type { Earlier } from './earlier.ts';
import { StopRequest } from './stop-signal.ts';

/** Keeps the first error of a run apart from those that follow from it or come after. */
export class Notebook {
  readonly #clock: Clock;
  readonly #progress: Progress;
  #first: HarnessError | undefined;
  readonly #further: string[] = [];

  readonly #resumed: readonly Instant[];

  /** @param earlier of a run that is gone on with: what was noted before. */
  constructor(clock: Clock, progress: Progress, earlier?: Pick<Earlier, 'resumed'>) {
    this.#resumed = earlier === undefined ? [] : [...earlier.resumed, clock.now()];
    this.#clock = clock;
    this.#progress = progress;
  }

  get failed(): boolean {
    return this.#first !== undefined;
  }

  note(error: unknown): void {
    const known =
      error instanceof HarnessError
        ? error
        : new HarnessError('SQ_INTERNAL', describeError(error), { cause: error });
    if (this.#first === undefined) this.#first = known;
    else if (known !== this.#first) this.#further.push(`${known.code}: ${known.message}`);
    this.#progress.report({ kind: 'note', level: 'warning', says: known.message });
  }

  /** Does something whose failure must not keep the rest from being done. */
  async attempt(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      this.note(error);
    }
  }

  /** One named part of the story, shown while it goes on. */
  readonly stage = async <T>(stage: string, act: () => Promise<T>): Promise<T> => {
    this.#progress.report({ kind: 'stage', stage, state: 'started' });
    try {
      return await act();
    } finally {
      this.#progress.report({ kind: 'stage', stage, state: 'ended' });
    }
  };

  end(): RunEnd {
    const error = this.#first;
    return {
      ended: this.#clock.now(),
      reason: reasonOf(error),
      ...(error instanceof StopRequest ? { signal: error.signal } : {}),
      ...(error === undefined
        ? {}
        : {
            error: { code: error.code, says: error.message, remedy: error.remedy, exitCode: error.exitCode },
          }),
      furtherErrors: this.#further,
      ...(this.#resumed.length === 0 ? {} : { resumed: this.#resumed }),
    };
  }
}

function reasonOf(error: HarnessError | undefined): RunEnd['reason'] {
  if (error === undefined) return 'complete';
  if (error instanceof StopRequest) return 'stopped';
  if (error.code === 'SQ_NOT_STEADY') return 'not-steady';
  return error.exitCode === 2 || error.exitCode === 3 ? 'refused' : 'broken';
}
