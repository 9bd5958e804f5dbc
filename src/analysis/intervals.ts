import type { Interval } from '../model/analysis.ts';
import { nanosecondsOf } from '../model/duration.ts';
import type { InstantRange } from '../model/instant.ts';
import type { ProbeSeries, Sample } from '../model/observation.ts';

/** Longer than so many periods without a usable sample is *unseen*: an outage of two periods could hide in it. */
const UNSEEN_AFTER_PERIODS = 2;

/** Good answers before a failure from which the usual way to the system is taken. */
const REACH_FROM = 32;

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
export function intervalsOf(series: ProbeSeries): readonly Interval[] {
  const points = usable(series.samples);
  const { clock, startNs } = series;
  const endNs = Math.max(series.endNs, points.at(-1)?.sentNs ?? startNs);
  const pieces = new Pieces(clock, startNs, endNs);
  const limitNs = UNSEEN_AFTER_PERIODS * nanosecondsOf(series.probe.every);
  const [first] = points;
  if (first === undefined) {
    pieces.turn('unseen', startNs, startNs);
    return pieces.finish();
  }
  begin(pieces, first, startNs, limitNs);
  for (const [index, sample] of points.entries()) {
    const before = points[index - 1];
    if (before !== undefined) step(pieces, before, sample, limitNs, () => reachNs(points, index));
    pieces.count(sample);
  }
  const last = points.at(-1) ?? first;
  if (endNs - last.sentNs > limitNs) pieces.turn('unseen', last.sentNs, isGood(last) ? last.sentNs : endNs);
  return pieces.finish();
}

/** Samples that say something about the system, by when they were sent. */
function usable(samples: readonly Sample[]): readonly Sample[] {
  return samples
    .filter(({ outcome }) => outcome !== 'unknown')
    .sort((a, b) => a.sentNs - b.sentNs || a.n - b.n);
}

const isGood = (sample: Sample): boolean => sample.outcome === 'ok';
const stateOf = (sample: Sample): State => (isGood(sample) ? 'up' : 'down');

function begin(pieces: Pieces, first: Sample, startNs: number, limitNs: number): void {
  if (first.sentNs - startNs <= limitNs) {
    pieces.turn(stateOf(first), startNs, startNs);
    return;
  }
  pieces.turn('unseen', startNs, startNs);
  if (isGood(first)) pieces.turn('up', first.sentNs, first.sentNs);
  else pieces.turn('down', startNs, first.sentNs);
}

function step(pieces: Pieces, a: Sample, b: Sample, limitNs: number, wayNs: () => number): void {
  const fallsNs = (): number => Math.min(b.completedNs, b.sentNs + wayNs());
  if (b.sentNs - a.sentNs <= limitNs) {
    if (isGood(a) && !isGood(b)) pieces.turn('down', a.sentNs, fallsNs());
    if (!isGood(a) && isGood(b)) pieces.turn('up', a.sentNs, b.completedNs);
    return;
  }
  const outerNs = isGood(b) ? b.completedNs : b.sentNs;
  pieces.turn('unseen', a.sentNs, isGood(a) ? a.sentNs : outerNs);
  if (isGood(b)) pieces.turn('up', b.sentNs, isGood(a) ? b.sentNs : outerNs);
  else pieces.turn('down', a.sentNs, fallsNs());
}

/** The longest that one of the last good answers before `index` took. */
function reachNs(points: readonly Sample[], index: number): number {
  let longest = 0;
  let seen = 0;
  for (let i = index - 1; i >= 0 && seen < REACH_FROM; i--) {
    const sample = points[i];
    if (sample === undefined || !isGood(sample)) continue;
    seen += 1;
    longest = Math.max(longest, sample.completedNs - sample.sentNs);
  }
  return longest;
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
