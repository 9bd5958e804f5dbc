import type { ClockRelation, Interval } from '../model/analysis.ts';
import type { ClockExchange, ClockId, InstantRange } from '../model/instant.ts';
import type { ProbeSeries } from '../model/observation.ts';

/**
 * Two clocks run apart by at most so much: what NTP lets a kernel correct by (RFC 5905, 500 parts in a million), on top of what
 * quartz does, is never exceeded by a clock that anybody would use.
 */
const DRIFT = 500e-6;

interface Known {
  readonly theirsNs: number;
  readonly minNs: number;
  readonly maxNs: number;
}

/** What is added to another clock's reading to have ours. */
export interface Offset {
  readonly minNs: number;
  readonly maxNs: number;
}

/** How another clock relates to ours, at any instant of it. */
export interface Relation {
  /** At a reading of the other clock. */
  readonly offsetAt: (theirsNs: number) => Offset;
  readonly exchanges: number;
}

/**
 * Each exchange says that the other clock was read between our sending and our receiving, so the offset lies in a range. All of
 * them must hold at once, each widened by what clocks may drift until then, so every further exchange narrows it.
 * @returns undefined without an exchange, or where they contradict one another: then one of the clocks was set meanwhile.
 */
export function relateClocks(
  exchanges: readonly ClockExchange[],
  ours: ClockId,
  theirs: ClockId,
): Relation | undefined {
  const told = exchanges
    .filter(({ sent, read }) => sent.clock === ours && read.clock === theirs)
    .map(({ sent, read, received }) => ({
      theirsNs: read.ns,
      minNs: sent.ns - read.ns,
      maxNs: received.ns - read.ns,
    }))
    .sort((a, b) => a.theirsNs - b.theirsNs);
  const known = told.map((at) => ({ theirsNs: at.theirsNs, ...inCommon(told, at.theirsNs) }));
  if (known.length === 0 || known.some(({ minNs, maxNs }) => minNs > maxNs)) return undefined;
  return {
    exchanges: known.length,
    offsetAt: (theirsNs) => inCommon(neighbours(known, theirsNs), theirsNs),
  };
}

function inCommon(known: readonly Known[], theirsNs: number): Offset {
  let [minNs, maxNs] = [-Infinity, Infinity];
  for (const one of known) {
    const drift = DRIFT * Math.abs(theirsNs - one.theirsNs);
    minNs = Math.max(minNs, one.minNs - drift);
    maxNs = Math.min(maxNs, one.maxNs + drift);
  }
  return { minNs, maxNs };
}

function neighbours(known: readonly Known[], theirsNs: number): readonly Known[] {
  let [low, high] = [0, known.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((known[middle]?.theirsNs ?? 0) < theirsNs) low = middle + 1;
    else high = middle;
  }
  return known.slice(Math.max(0, low - 1), low + 1);
}

/** A series on our clock. `errorNs` is the most by which any of its instants may be wrong, either way. */
export interface OnOurClock {
  readonly series: ProbeSeries;
  readonly errorNs: number;
  readonly relation?: ClockRelation;
}

/** Moves a series to our clock where the two are related; one that is not stays as it is. */
export function toOurClock(
  series: ProbeSeries,
  exchanges: readonly ClockExchange[],
  ours: ClockId,
): OnOurClock {
  if (series.clock === ours) return { series, errorNs: 0 };
  const relation = relateClocks(exchanges, ours, series.clock);
  if (relation === undefined) return { series, errorNs: 0 };
  let errorNs = 0;
  const move = (ns: number): number => {
    const { minNs, maxNs } = relation.offsetAt(ns);
    errorNs = Math.max(errorNs, (maxNs - minNs) / 2);
    return ns + (minNs + maxNs) / 2;
  };
  const moved = {
    ...series,
    clock: ours,
    startNs: move(series.startNs),
    endNs: move(series.endNs),
    samples: series.samples.map((sample) => {
      const sentNs = move(sample.sentNs);
      const byNs = sentNs - sample.sentNs;
      return {
        ...sample,
        plannedNs: sample.plannedNs + byNs,
        sentNs,
        completedNs: sample.completedNs + byNs,
      };
    }),
  };
  return {
    series: moved,
    errorNs,
    relation: { clock: series.clock, to: ours, exchanges: relation.exchanges, errorMs: errorNs / 1e6 },
  };
}

/** Every edge but the first and the last may be wrong by so much, either way. */
export function widenEdges(intervals: readonly Interval[], errorNs: number): readonly Interval[] {
  if (errorNs === 0) return intervals;
  const [fromNs, toNs] = [intervals[0]?.start.earliestNs ?? 0, intervals.at(-1)?.end.latestNs ?? 0];
  const within = (ns: number): number => Math.min(toNs, Math.max(fromNs, ns));
  const widen = ({ clock, earliestNs, latestNs }: InstantRange): InstantRange => ({
    clock,
    earliestNs: within(earliestNs - errorNs),
    latestNs: within(latestNs + errorNs),
  });
  return intervals.map((one, index) => ({
    ...one,
    start: index === 0 ? one.start : widen(one.start),
    end: index === intervals.length - 1 ? one.end : widen(one.end),
  }));
}
