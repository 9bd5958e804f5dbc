import type { ProgressEvent } from '../ports/progress.ts';
import { lineOf, oneLine, type Colours } from './progress-line.ts';

const LAST_EVENTS = 3;

export type ProbeState = 'up' | 'down' | 'unseen';

/** From when on something was so, in milliseconds since the start. */
export interface Turn<State> {
  readonly atMs: number;
  readonly state: State;
}

export interface ShownFault {
  readonly step: string;
  readonly fromMs: number;
  /** Absent while it is held. */
  toMs?: number;
  state: string;
}

export interface Cases {
  done: number;
  planned: number;
  failed: number;
  unknown: number;
  readonly fromMs: number;
}

/** All that the live view shows. */
export interface LiveState {
  run: string;
  stage: string;
  stageFromMs: number;
  expectedMs: number | undefined;
  cases: Cases | undefined;
  readonly faults: ShownFault[];
  readonly probes: Map<string, Turn<ProbeState>[]>;
  readonly last: { readonly atMs: number; readonly says: string }[];
}

export const emptyState = (): LiveState => ({
  run: '',
  stage: 'starting',
  stageFromMs: 0,
  expectedMs: undefined,
  cases: undefined,
  faults: [],
  probes: new Map(),
  last: [],
});

/** Takes an event into the state; returns a line that must stay on the screen, if there is one. */
export function take(
  state: LiveState,
  event: ProgressEvent,
  atMs: number,
  colours: Colours,
): string | undefined {
  switch (event.kind) {
    case 'run':
      state.run = `${oneLine(event.plan)}, seed ${oneLine(event.seed)}`;
      return lineOf(event, colours);
    case 'stage':
      state.expectedMs = undefined;
      if (event.state === 'ended') {
        // What follows may take its time, such as the sweep and the last look, and is not the stage any more.
        state.stage = `${oneLine(event.stage)} ended`;
        return lineOf(event, colours);
      }
      state.stage = oneLine(event.stage);
      state.stageFromMs = atMs;
      state.cases = undefined;
      return undefined;
    case 'expect':
      state.expectedMs = event.tookMs;
      return undefined;
    case 'note':
      return lineOf(event, colours);
    case 'case':
      countCase(state, event, atMs);
      return lineOf(event, colours);
    case 'fault':
      takeFault(state, event, atMs);
      return lineOf(event, colours);
    case 'probe':
      takeProbe(state, event, atMs);
      remember(state, `probe ${oneLine(event.probe)} ${event.state}`, atMs);
      return undefined;
    case 'event':
      remember(state, oneLine(event.says), atMs);
      return undefined;
  }
}

function takeFault(
  { faults }: LiveState,
  { step, state }: Extract<ProgressEvent, { kind: 'fault' }>,
  atMs: number,
): void {
  const name = oneLine(step);
  const known = faults.findLast((fault) => fault.step === name && fault.toMs === undefined);
  const fault = known ?? { step: name, fromMs: atMs, state };
  if (known === undefined) faults.push(fault);
  fault.state = state;
  if (state === 'healed' || state === 'failed') fault.toMs = atMs;
}

function takeProbe(
  { probes }: LiveState,
  { probe, state }: Extract<ProgressEvent, { kind: 'probe' }>,
  atMs: number,
): void {
  const name = oneLine(probe);
  const turns = probes.get(name) ?? [];
  turns.push({ atMs, state });
  probes.set(name, turns);
}

function countCase(
  state: LiveState,
  { result, done, planned }: Extract<ProgressEvent, { kind: 'case' }>,
  atMs: number,
): void {
  const { failed = 0, unknown = 0, fromMs = atMs } = state.cases ?? {};
  state.cases = {
    done,
    planned,
    failed: failed + (result.outcome === 'failed' ? 1 : 0),
    unknown: unknown + (result.outcome === 'unknown' ? 1 : 0),
    fromMs: Math.min(fromMs, state.stageFromMs),
  };
}

function remember(state: LiveState, says: string, atMs: number): void {
  state.last.push({ atMs, says });
  if (state.last.length > LAST_EVENTS) state.last.shift();
}
