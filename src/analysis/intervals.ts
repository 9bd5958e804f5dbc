import type { Interval } from '../model/analysis.ts';
import { nanosecondsOf } from '../model/duration.ts';
import type { InstantRange } from '../model/instant.ts';
import type { ProbeSeries, Sample } from '../model/observation.ts';
import { isUsable, pointsOf, runsOf, type Point, type Run } from './sample-runs.ts';

/** Longer than so many periods without a usable sample is *unseen*: an outage of two periods could hide in it. */
const UNSEEN_AFTER_PERIODS = 2;

type State = Interval['state'];

/**
 * The stretches in which a probe was up, down or unseen, on the axis of when requests were *sent*. They follow one another
 * without a gap from the start of the series to its end; each begins with the very range in which the one before it ends.
 *
 * - up to down lies in [last good sent, first bad sent + the way to the system]: a request is bad when the outage begins before
 *   it arrives, and it arrives within the longest time that lately a whole answer took.
 * - down to up lies in [last bad sent, first good answered].
 * - Samples without an outcome are as if they had not been sent. Where more than two periods pass between two usable samples,
 *   the time between them is unseen. An edge of *down* next to it may lie anywhere in it, so the ranges say so; an unseen
 *   stretch is therefore all that lies between its earliest start and its latest end.
 */
export const intervalsOf = (series: ProbeSeries): readonly Interval[] => intervalsTogether([series]);

/**
 * The same of several probers that asked the same of the same endpoint, on one clock: every edge lies between the last good and
 * the first bad sample of *any* of them, so each further prober narrows it, and only what none of them saw is unseen.
 */
export function intervalsTogether(all: readonly ProbeSeries[]): readonly Interval[] {
  const points = pointsOf(all);
  const startNs = Math.min(...all.map((series) => series.startNs));
  const endNs = Math.max(
    startNs,
    ...all.map((series) => series.endNs),
    points.at(-1)?.sample.sentNs ?? startNs,
  );
  const pieces = new Pieces(all[0]?.clock ?? '', startNs, endNs);
  const seen = seenStretches(all);
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) {
    pieces.turn('unseen', startNs, startNs);
    return pieces.finish();
  }
  let before: Run | undefined;
  for (const stretch of splitUnseen(points, seen)) {
    for (const [index, run] of runsOf(stretch).entries()) {
      if (before === undefined) begin(pieces, run, startNs, covers(seen, startNs, first.sample.sentNs));
      else if (index === 0) overUnseen(pieces, before, run);
      else if (run.good) pieces.turn('up', before.lastSentNs, run.firstByNs);
      else pieces.turn('down', before.lastSentNs, run.firstByNs);
      for (const { sample } of run.points) pieces.count(sample);
      before = run;
    }
  }
  const lastNs = last.sample.sentNs;
  if (!covers(seen, lastNs, endNs)) pieces.turn('unseen', lastNs, before?.good === true ? lastNs : endNs);
  return pieces.finish();
}

function begin(pieces: Pieces, run: Run, startNs: number, seen: boolean): void {
  const state: State = run.good ? 'up' : 'down';
  if (seen) {
    pieces.turn(state, startNs, startNs);
    return;
  }
  pieces.turn('unseen', startNs, startNs);
  pieces.turn(state, run.good ? run.firstSentNs : startNs, run.firstSentNs);
}

function overUnseen(pieces: Pieces, a: Run, b: Run): void {
  const outerNs = b.good ? b.firstByNs : b.firstSentNs;
  pieces.turn('unseen', a.lastSentNs, a.good ? a.lastSentNs : outerNs);
  if (b.good) pieces.turn('up', b.firstSentNs, a.good ? b.firstSentNs : outerNs);
  else pieces.turn('down', a.lastSentNs, b.firstByNs);
}

interface Stretch {
  readonly fromNs: number;
  readonly toNs: number;
}

/** Where any of them had usable samples so close together that no outage of two of its periods could hide. */
function seenStretches(all: readonly ProbeSeries[]): readonly Stretch[] {
  const parts = all.flatMap((series): Stretch[] => {
    const limitNs = UNSEEN_AFTER_PERIODS * nanosecondsOf(series.probe.every);
    const result: { fromNs: number; toNs: number }[] = [];
    const sent = series.samples.filter(isUsable).map(({ sentNs }) => sentNs);
    if (sent.length === 0) return [];
    for (const ns of [series.startNs, ...sent.sort((a, b) => a - b), series.endNs]) {
      const last = result.at(-1);
      if (last !== undefined && ns - last.toNs <= limitNs) last.toNs = Math.max(last.toNs, ns);
      else result.push({ fromNs: ns, toNs: ns });
    }
    return result;
  });
  const united: Stretch[] = [];
  for (const part of parts.sort((a, b) => a.fromNs - b.fromNs)) {
    const last = united.at(-1);
    if (last === undefined || part.fromNs > last.toNs) united.push(part);
    else united[united.length - 1] = { fromNs: last.fromNs, toNs: Math.max(last.toNs, part.toNs) };
  }
  return united;
}

const covers = (seen: readonly Stretch[], fromNs: number, toNs: number): boolean =>
  fromNs >= toNs || seen.some((one) => one.fromNs <= fromNs && one.toNs >= toNs);

function splitUnseen(points: readonly Point[], seen: readonly Stretch[]): readonly (readonly Point[])[] {
  const result: Point[][] = [];
  let at = 0;
  let before: Point | undefined;
  for (const point of points) {
    const { sentNs } = point.sample;
    while ((seen[at]?.toNs ?? Infinity) < sentNs) at += 1;
    const fromNs = seen[at]?.fromNs ?? Infinity;
    if (before !== undefined && (fromNs <= before.sample.sentNs || sentNs === before.sample.sentNs))
      result.at(-1)?.push(point);
    else result.push([point]);
    before = point;
  }
  return result;
}

interface Piece {
  readonly state: State;
  readonly start: InstantRange;
  samples: number;
  impaired: boolean;
  readonly phases: Map<string, number>;
}

/** Intervals as they are found, from left to right. */
class Pieces {
  readonly #clock: string;
  readonly #endNs: number;
  #latestNs: number;
  readonly #pieces: Piece[] = [];

  constructor(clock: string, startNs: number, endNs: number) {
    this.#clock = clock;
    this.#endNs = endNs;
    this.#latestNs = startNs;
  }

  /** From here on it is in another state. Ranges never run backwards, nor out of the series. */
  turn(state: State, earliestNs: number, latestNs: number): void {
    this.#latestNs = Math.min(this.#endNs, Math.max(this.#latestNs, latestNs));
    const start = { clock: this.#clock, earliestNs, latestNs: this.#latestNs };
    this.#pieces.push({ state, start, samples: 0, impaired: state === 'unseen', phases: new Map() });
  }

  count(sample: Sample): void {
    const piece = this.#pieces.at(-1);
    if (piece === undefined) return;
    piece.samples += 1;
    piece.impaired ||= sample.impaired;
    const { phase } = sample;
    if (phase !== undefined) piece.phases.set(phase, (piece.phases.get(phase) ?? 0) + 1);
  }

  finish(): readonly Interval[] {
    return this.#pieces.map((piece, index) => {
      const [before, after] = [this.#pieces[index - 1], this.#pieces[index + 1]];
      const phase = mostFrequent(piece.phases);
      return {
        state: piece.state,
        start: piece.start,
        end: after?.start ?? { clock: this.#clock, earliestNs: this.#endNs, latestNs: this.#endNs },
        impaired: piece.impaired || before?.state === 'unseen' || after?.state === 'unseen',
        samples: piece.samples,
        ...(phase === undefined ? {} : { phase }),
      };
    });
  }
}

/** Of several that are as frequent, the first in the alphabet: the order of samples decides nothing. */
function mostFrequent(counts: ReadonlyMap<string, number>): string | undefined {
  return [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))[0]?.[0];
}
