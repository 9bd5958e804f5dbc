import type { createLogUpdate as CreateLogUpdate } from 'log-update';
import type { Instant } from '../model/instant.ts';
import type { Clock } from '../ports/clock.ts';
import type { Progress } from '../ports/progress.ts';
import { drawFrame, showElapsed } from './live-frame.ts';
import { emptyState, take } from './live-state.ts';
import { lineOf, type Colours } from './progress-line.ts';

export interface ProgressOptions {
  readonly stream: NodeJS.WritableStream & { readonly columns?: number; readonly rows?: number };
  /** True on a terminal that redraws; false where lines are kept, such as CI. */
  readonly interactive: boolean;
  readonly colour: boolean;
  readonly clock: Clock;
}

export type TerminalProgress = Progress & {
  /** Leaves the last state on the screen and stops every timer; nothing is shown after it. */
  close(): void;
};

/** Redrawing faster than this only costs time: nobody reads faster. */
const REDRAW_MS = 100;

/** Shows progress live on a terminal, and as plain lines everywhere else. The libraries are loaded only when they are needed. */
export async function createProgress(options: ProgressOptions): Promise<TerminalProgress> {
  const { default: picocolors } = await import('picocolors');
  const colours = picocolors.createColors(options.colour);
  if (!options.interactive) return plainProgress(options, colours);
  const { createLogUpdate } = await import('log-update');
  return liveProgress(options, colours, createLogUpdate(options.stream));
}

function stopwatch(clock: Clock): () => number {
  const start: Instant = clock.now();
  return () => (clock.now().ns - start.ns) / 1e6;
}

function plainProgress({ stream, clock }: ProgressOptions, colours: Colours): TerminalProgress {
  const elapsedMs = stopwatch(clock);
  let open = true;
  return {
    report(event) {
      const line = open ? lineOf(event, colours) : undefined;
      if (line === undefined) return;
      stream.write(`${colours.dim(`${(elapsedMs() / 1000).toFixed(1).padStart(7)}s`)}  ${line}\n`);
    },
    close() {
      open = false;
    },
  };
}

type LogUpdate = ReturnType<typeof CreateLogUpdate>;

function liveProgress(
  { stream, clock }: ProgressOptions,
  colours: Colours,
  update: LogUpdate,
): TerminalProgress {
  const elapsedMs = stopwatch(clock);
  const state = emptyState();
  let cancel: (() => void) | undefined;
  let open = true;
  const draw = (): void => {
    const size = { columns: stream.columns ?? 80, rows: stream.rows ?? 24 };
    update(drawFrame(state, elapsedMs(), size, colours));
  };
  const tick = (): void => {
    draw();
    cancel = clock.after(REDRAW_MS, tick);
  };
  tick();
  return {
    report(event) {
      if (!open) return;
      const line = take(state, event, elapsedMs(), colours);
      if (line !== undefined) update.persist(`${colours.dim(showElapsed(elapsedMs()))}  ${line}`);
    },
    close() {
      if (!open) return;
      open = false;
      cancel?.();
      update.clear();
      update.done();
    },
  };
}
