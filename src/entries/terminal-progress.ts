import type { createLogUpdate as CreateLogUpdate } from 'log-update';
import type { Instant } from '../model/instant.ts';
import type { Clock } from '../ports/clock.ts';
import type { Progress, ProgressEvent } from '../ports/progress.ts';
import { cleanText } from '../report/clean-input.ts';

export interface ProgressOptions {
  readonly stream: NodeJS.WritableStream & { readonly columns?: number };
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
const LAST_EVENTS = 3;
const LINE_LENGTH = 500;

type Paint = (text: string) => string;

interface Colours {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly cyan: Paint;
}

/** Shows progress live on a terminal, and as plain lines everywhere else. The libraries are loaded only when they are needed. */
export async function createProgress(options: ProgressOptions): Promise<TerminalProgress> {
  const { default: picocolors } = await import('picocolors');
  const colours = picocolors.createColors(options.colour);
  if (!options.interactive) return plainProgress(options, colours);
  const { createLogUpdate } = await import('log-update');
  return liveProgress(options, colours, createLogUpdate(options.stream));
}

const oneLine = (text: string): string => {
  const line = cleanText(text).replace(/\s+/g, ' ').trim();
  return line.length > LINE_LENGTH ? `${line.slice(0, LINE_LENGTH - 1)}…` : line;
};

function stopwatch(clock: Clock): () => number {
  const start: Instant = clock.now();
  return () => (clock.now().ns - start.ns) / 1e6;
}

/** One line for an event that matters, or undefined for one that need not be kept, such as a case that passed. */
function lineOf(event: ProgressEvent, colours: Colours): string | undefined {
  switch (event.kind) {
    case 'run':
      return `run ${colours.bold(oneLine(event.id))}: plan ${oneLine(event.plan)}, seed ${oneLine(event.seed)}, folder ${oneLine(event.folder)}`;
    case 'stage':
      return `${colours.bold(`stage ${oneLine(event.stage)}`)} ${event.state}${event.says === undefined ? '' : `: ${oneLine(event.says)}`}`;
    case 'note':
      return event.level === 'warning'
        ? colours.yellow(`warning: ${oneLine(event.says)}`)
        : oneLine(event.says);
    case 'case':
      return caseLine(event.result, colours);
    case 'fault': {
      const paint = event.state === 'failed' ? colours.red : colours.cyan;
      return `${paint(`fault ${oneLine(event.step)} ${event.state}`)}: ${oneLine(event.says)}`;
    }
    case 'probe': {
      const paint = { up: colours.green, down: colours.red, unseen: colours.yellow }[event.state];
      return `probe ${oneLine(event.probe)} ${paint(event.state)}`;
    }
    case 'event':
      return colours.dim(`saw ${oneLine(event.says)}`);
  }
}

function caseLine({ outcome, id, reason }: CaseEvent['result'], colours: Colours): string | undefined {
  if (outcome === 'passed' || outcome === 'skipped') return undefined;
  const paint = outcome === 'failed' ? colours.red : colours.yellow;
  return `${paint(`case ${outcome}`)} ${oneLine(id)}: ${oneLine(reason ?? 'no reason was given')}`;
}

type CaseEvent = Extract<ProgressEvent, { kind: 'case' }>;

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

/** All that the live view shows. */
interface LiveState {
  stage: string;
  run: string;
  cases: { done: number; planned: number; failed: number; unknown: number } | undefined;
  readonly faults: Map<string, string>;
  readonly probes: Map<string, 'up' | 'down' | 'unseen'>;
  readonly last: string[];
}

/** Takes an event into the state; returns a line that must stay on the screen, if there is one. */
function take(state: LiveState, event: ProgressEvent, colours: Colours): string | undefined {
  switch (event.kind) {
    case 'run':
      state.run = `${oneLine(event.plan)}, seed ${oneLine(event.seed)}`;
      return lineOf(event, colours);
    case 'stage':
      state.stage = event.state === 'started' ? oneLine(event.stage) : state.stage;
      if (event.state === 'started') state.cases = undefined;
      return event.state === 'ended' ? lineOf(event, colours) : undefined;
    case 'note':
      return lineOf(event, colours);
    case 'case':
      countCase(state, event);
      return lineOf(event, colours);
    case 'fault':
      if (event.state === 'healed' || event.state === 'failed') state.faults.delete(event.step);
      else state.faults.set(event.step, `${event.state} ${oneLine(event.step)}`);
      return lineOf(event, colours);
    case 'probe':
      state.probes.set(oneLine(event.probe), event.state);
      remember(state, `probe ${oneLine(event.probe)} ${event.state}`);
      return undefined;
    case 'event':
      remember(state, oneLine(event.says));
      return undefined;
  }
}

function countCase(state: LiveState, { result, done, planned }: CaseEvent): void {
  const { failed = 0, unknown = 0 } = state.cases ?? {};
  state.cases = {
    done,
    planned,
    failed: failed + (result.outcome === 'failed' ? 1 : 0),
    unknown: unknown + (result.outcome === 'unknown' ? 1 : 0),
  };
}

function remember(state: LiveState, line: string): void {
  state.last.push(line);
  if (state.last.length > LAST_EVENTS) state.last.shift();
}

const fit = (text: string, columns: number): string =>
  text.length > columns ? `${text.slice(0, Math.max(0, columns - 1))}…` : text;

function showElapsed(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`;
}

/** Each probe as a sign and its name; the sign tells the state without the colour. As many as fit, those that are down first. */
function probeCells(probes: LiveState['probes'], columns: number, colours: Colours): string {
  const signs = {
    up: ['●', colours.green],
    down: ['✗', colours.red],
    unseen: ['?', colours.yellow],
  } as const;
  const order = ['down', 'unseen', 'up'];
  const sorted = [...probes].sort(([, a], [, b]) => order.indexOf(a) - order.indexOf(b));
  const cells: string[] = [];
  let used = 0;
  for (const [name, probeState] of sorted) {
    const short = fit(name, 28);
    if (used + short.length + 4 > columns - 8 && cells.length > 0) {
      cells.push(`and ${sorted.length - cells.length} more`);
      break;
    }
    const [sign, paint] = signs[probeState];
    cells.push(`${paint(sign)} ${short}`);
    used += short.length + 4;
  }
  return cells.join('  ');
}

function drawFrame(state: LiveState, elapsedMs: number, columns: number, colours: Colours): string {
  const label = (word: string): string => colours.dim(word.padEnd(8));
  const room = columns - 10;
  const { cases, faults, probes, last, stage, run } = state;
  const trouble = [
    cases !== undefined && cases.failed > 0 ? colours.red(`, ${cases.failed} failed`) : '',
    cases !== undefined && cases.unknown > 0 ? colours.yellow(`, ${cases.unknown} unknown`) : '',
  ].join('');
  return [
    `${colours.bold(showElapsed(elapsedMs))}  ${colours.bold(fit(stage, 30))}  ${colours.dim(fit(run, Math.max(0, room - stage.length - 2)))}`,
    ...(faults.size > 0
      ? [`${label('faults')}${colours.cyan(fit([...faults.values()].join('; '), room))}`]
      : []),
    ...(probes.size > 0 ? [`${label('probes')}${probeCells(probes, columns, colours)}`] : []),
    ...(cases === undefined ? [] : [`${label('cases')}${cases.done} of ${cases.planned}${trouble}`]),
    ...last.map((line, index) => `${label(index === 0 ? 'last' : '')}${fit(line, room)}`),
  ].join('\n');
}

type LogUpdate = ReturnType<typeof CreateLogUpdate>;

function liveProgress(
  { stream, clock }: ProgressOptions,
  colours: Colours,
  update: LogUpdate,
): TerminalProgress {
  const elapsedMs = stopwatch(clock);
  const state: LiveState = {
    stage: 'starting',
    run: '',
    cases: undefined,
    faults: new Map(),
    probes: new Map(),
    last: [],
  };
  let cancel: (() => void) | undefined;
  let open = true;
  const draw = (): void => update(drawFrame(state, elapsedMs(), stream.columns ?? 80, colours));
  const tick = (): void => {
    draw();
    cancel = clock.after(REDRAW_MS, tick);
  };
  tick();
  return {
    report(event) {
      if (!open) return;
      const line = take(state, event, colours);
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
