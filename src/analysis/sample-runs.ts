import type { ProbeSeries, Sample } from '../model/observation.ts';

/** Good answers before a failure from which the usual way to the system is taken. */
const REACH_FROM = 32;

/** A sample with the latest instant at which it can have arrived at the system. */
export interface Point {
  readonly sample: Sample;
  readonly byNs: number;
  /** Who asked, by place among the series. */
  readonly prober: number;
}

/** Neighbouring samples of one outcome. */
export interface Run {
  readonly good: boolean;
  readonly points: readonly Point[];
  readonly firstSentNs: number;
  readonly lastSentNs: number;
  /** The change to this outcome was over when the first of them arrived, so by now at the latest. */
  readonly firstByNs: number;
}

/** Says something about the system. */
export const isUsable = ({ outcome }: Sample): boolean => outcome !== 'unknown';

const isGood = ({ outcome }: Sample): boolean => outcome === 'ok';

/** All usable samples of all series, by when they were sent. */
export const pointsOf = (all: readonly ProbeSeries[]): readonly Point[] =>
  all.flatMap(pointsOfOne).sort((a, b) => a.sample.sentNs - b.sample.sentNs || a.sample.n - b.sample.n);

function pointsOfOne({ samples }: ProbeSeries, prober: number): readonly Point[] {
  const lately: number[] = [];
  return samples
    .filter(isUsable)
    .sort((a, b) => a.sentNs - b.sentNs || a.n - b.n)
    .map((sample) => {
      if (!isGood(sample)) return { sample, byNs: arrivedBy(sample, lately), prober };
      lately.push(sample.completedNs - sample.sentNs);
      if (lately.length > REACH_FROM) lately.shift();
      return { sample, byNs: sample.completedNs, prober };
    });
}

/** Within the longest that one of the last good answers took; where there was none, only its own end says anything. */
const arrivedBy = ({ sentNs, completedNs }: Sample, lately: readonly number[]): number =>
  lately.length === 0 ? completedNs : Math.min(completedNs, sentNs + Math.max(...lately));

/**
 * Samples by outcome, in order. Requests of two probers may arrive in another order than they were sent in: where a run may have
 * arrived after the one behind it, which another prober sent, and the two would join their likes, they change places, for one
 * change of the system explains what would otherwise be three.
 */
export function runsOf(points: readonly Point[]): readonly Run[] {
  const runs: Run[] = [];
  for (const point of points) {
    const good = isGood(point.sample);
    const last = runs.at(-1);
    if (last?.good === good) runs[runs.length - 1] = extend(last, point);
    else runs.push(runOf(good, [point]));
    while (turnedRound(runs));
  }
  return runs.map(({ good, points: inside }) => runOf(good, inside));
}

/** Of the last four runs, the middle two change places where they may: then two are left. */
function turnedRound(runs: Run[]): boolean {
  const [a, b, c, d] = runs.slice(-4);
  if (a === undefined || b === undefined || c === undefined || d === undefined) return false;
  if (b.firstByNs < c.lastSentNs) return false;
  const senders = new Set(b.points.map(({ prober }) => prober));
  if (c.points.some(({ prober }) => senders.has(prober))) return false;
  runs.splice(-4, 4, runOf(a.good, [...a.points, ...c.points]), runOf(b.good, [...b.points, ...d.points]));
  return true;
}

function runOf(good: boolean, points: readonly Point[]): Run {
  let [firstSentNs, lastSentNs, firstByNs] = [Infinity, -Infinity, Infinity];
  for (const { sample, byNs } of points) {
    firstSentNs = Math.min(firstSentNs, sample.sentNs);
    lastSentNs = Math.max(lastSentNs, sample.sentNs);
    firstByNs = Math.min(firstByNs, byNs);
  }
  return { good, points, firstSentNs, lastSentNs, firstByNs };
}

/** In place, so that a run of a million samples costs no more than its length. */
function extend(run: Run, point: Point): Run {
  (run.points as Point[]).push(point);
  return {
    ...run,
    lastSentNs: Math.max(run.lastSentNs, point.sample.sentNs),
    firstByNs: Math.min(run.firstByNs, point.byNs),
  };
}
