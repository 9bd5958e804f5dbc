import type { LiveState, ProbeState, ShownFault, Turn } from './live-state.ts';
import { aboutSeconds, type Colours } from './progress-line.ts';

/** Lines of the frame that are no probe: the head, faults, cases, last events, and a line for what is above. */
const OTHER_LINES = 10;
const LEAST_PROBES = 3;
const MOST_NAME = 26;

/** A timeline that covers less is drawn over so much, so that the first seconds do not race over the screen. */
const LEAST_SPAN_MS = 20_000;

/** An estimate from fewer cases than this is none. */
const ENOUGH_CASES = 5;

const SIGNS = { up: '●', down: '✗', unseen: '?' } as const;
const CELLS = { up: '━', down: '█', unseen: '·' } as const;
const WORST_FIRST: readonly ProbeState[] = ['down', 'unseen', 'up'];

export const fit = (text: string, columns: number): string =>
  text.length > columns ? `${text.slice(0, Math.max(0, columns - 1))}…` : text;

export function showElapsed(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`;
}

interface Axis {
  readonly fromMs: number;
  readonly msPerCell: number;
  /** Cells up to now; the rest is still to come. */
  readonly cells: number;
}

function axisOf({ probes, faults }: LiveState, nowMs: number, columns: number): Axis {
  const firsts = [...probes.values()].map((turns) => turns[0]?.atMs ?? nowMs);
  const fromMs = Math.min(nowMs, ...firsts, ...faults.map((fault) => fault.fromMs));
  const msPerCell = Math.max(LEAST_SPAN_MS, nowMs - fromMs) / columns;
  return { fromMs, msPerCell, cells: Math.min(columns, Math.floor((nowMs - fromMs) / msPerCell) + 1) };
}

const cellRange = (axis: Axis, cell: number): readonly [from: number, to: number] => [
  axis.fromMs + cell * axis.msPerCell,
  axis.fromMs + (cell + 1) * axis.msPerCell,
];

/** The worst that the probe was in the time of one cell, so that no short outage is lost between two. */
function worstIn(turns: readonly Turn<ProbeState>[], from: number, to: number): ProbeState {
  const before = turns.findLast(({ atMs }) => atMs <= from)?.state ?? 'unseen';
  const inside = turns.filter(({ atMs }) => atMs > from && atMs < to).map(({ state }) => state);
  const seen = before === 'unseen' && inside.length > 0 ? inside : [before, ...inside];
  return WORST_FIRST.find((state) => seen.includes(state)) ?? 'unseen';
}

const paints = (colours: Colours): Readonly<Record<ProbeState, (text: string) => string>> => ({
  up: colours.green,
  down: colours.red,
  unseen: colours.yellow,
});

function laneOf(turns: readonly Turn<ProbeState>[], axis: Axis, colours: Colours): string {
  const paint = paints(colours);
  let text = '';
  let run = '';
  let kind: ProbeState = 'up';
  const flush = (): void => {
    if (run !== '') text += paint[kind](run);
    run = '';
  };
  for (let cell = 0; cell < axis.cells; cell++) {
    const state = worstIn(turns, ...cellRange(axis, cell));
    if (state !== kind) flush();
    kind = state;
    run += CELLS[state];
  }
  flush();
  return text;
}

/** Each fault from its number on for as long as it was held: `1▒▒▒▒`. */
function faultLane(faults: readonly ShownFault[], axis: Axis, colours: Colours): string {
  const cells = Array.from({ length: axis.cells }, () => ' ');
  faults.forEach(({ fromMs, toMs }, index) => {
    const start = Math.floor((fromMs - axis.fromMs) / axis.msPerCell);
    const end = toMs === undefined ? axis.cells - 1 : Math.floor((toMs - axis.fromMs) / axis.msPerCell);
    for (let cell = start; cell <= Math.min(end, axis.cells - 1); cell++) cells[cell] = '▒';
    [...String(index + 1)].forEach((digit, place) => {
      if (start + place < axis.cells) cells[start + place] = digit;
    });
  });
  return colours.magenta(cells.join('').trimEnd());
}

function probeLines(
  state: LiveState,
  nowMs: number,
  columns: number,
  rows: number,
  colours: Colours,
): string[] {
  const { probes, faults } = state;
  if (probes.size === 0) return [];
  const nameWidth = Math.min(MOST_NAME, Math.max(8, ...[...probes.keys()].map((name) => name.length)));
  const room = Math.max(10, columns - nameWidth - 6);
  const axis = axisOf(state, nowMs, room);
  const most = Math.max(LEAST_PROBES, rows - OTHER_LINES);
  const now = (turns: readonly Turn<ProbeState>[]): ProbeState => turns.at(-1)?.state ?? 'unseen';
  const all = [...probes];
  // Those that are down stay in sight; otherwise the order is the one in which they were first heard of.
  const worst = [...all].sort(([, a], [, b]) => WORST_FIRST.indexOf(now(a)) - WORST_FIRST.indexOf(now(b)));
  const shown = new Set(worst.slice(0, most).map(([name]) => name));
  const paint = paints(colours);
  const lines = all
    .filter(([name]) => shown.has(name))
    .map(([name, turns]) => {
      const present = now(turns);
      return `${paint[present](SIGNS[present])} ${fit(name, nameWidth).padEnd(nameWidth)}  ${laneOf(turns, axis, colours)}`;
    });
  const more = all.length - shown.size;
  return [
    ...(faults.length > 0
      ? [`  ${colours.dim('faults'.padEnd(nameWidth))}  ${faultLane(faults, axis, colours)}`]
      : []),
    ...lines,
    ...(more > 0 ? [colours.dim(`  and ${more} more, all of them up or seen above`)] : []),
  ];
}

/** What is left of the stage: by its plan, or by the pace of its cases. Undefined where that cannot be told. */
export function timeLeft({ cases, expectedMs, stageFromMs }: LiveState, nowMs: number): string | undefined {
  if (expectedMs !== undefined) {
    const left = expectedMs - (nowMs - stageFromMs);
    return left > 500 ? `${aboutSeconds(left)} left` : 'longer than expected';
  }
  if (cases === undefined || cases.done < ENOUGH_CASES) return undefined;
  const perCase = (nowMs - cases.fromMs) / cases.done;
  return cases.done >= cases.planned
    ? undefined
    : `${aboutSeconds(perCase * (cases.planned - cases.done))} left`;
}

function caseLine({ cases }: LiveState, columns: number, colours: Colours): string[] {
  if (cases === undefined) return [];
  const { done, planned, failed, unknown } = cases;
  const width = Math.max(10, Math.min(30, columns - 50));
  const full = planned === 0 ? 0 : Math.round((done / planned) * width);
  const bar = `${'━'.repeat(full)}${colours.dim('─'.repeat(width - full))}`;
  const trouble = [
    failed > 0 ? colours.red(`, ${failed} failed`) : '',
    unknown > 0 ? colours.yellow(`, ${unknown} unknown`) : '',
  ].join('');
  return [`${colours.dim('cases'.padEnd(8))}${bar} ${done} of ${planned}${trouble}`];
}

/** The whole live view, never wider than the terminal. */
export function drawFrame(
  state: LiveState,
  nowMs: number,
  { columns, rows }: { readonly columns: number; readonly rows: number },
  colours: Colours,
): string {
  const { faults, last, stage, run } = state;
  const left = timeLeft(state, nowMs);
  const head = `${showElapsed(nowMs)}  ${fit(stage, 30)}${left === undefined ? '' : `, ${left}`}`;
  const active = faults.flatMap(({ step, toMs, state: how }, index) =>
    toMs === undefined ? [`${index + 1} ${step} (${how})`] : [],
  );
  const label = (word: string): string => colours.dim(word.padEnd(8));
  return [
    `${colours.bold(head)}  ${colours.dim(fit(run, Math.max(0, columns - head.length - 3)))}`,
    ...(active.length > 0
      ? [`${label('active')}${colours.magenta(fit(active.join('; '), columns - 10))}`]
      : []),
    ...probeLines(state, nowMs, columns, rows, colours),
    ...caseLine(state, columns, colours),
    ...last.map(
      ({ atMs, says }, index) =>
        `${label(index === 0 ? 'last' : '')}${colours.dim(showElapsed(atMs))} ${fit(says, columns - 16)}`,
    ),
  ].join('\n');
}
