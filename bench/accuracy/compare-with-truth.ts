import { intervalsOf } from '../../src/analysis/intervals.ts';
import { outagesOf, type Outage } from '../../src/analysis/outages.ts';
import { nanosecondsOf } from '../../src/model/duration.ts';
import type { ProbeSeries, Stall } from '../../src/model/observation.ts';
import type { Manner } from './outage-schedule.ts';
import type { TrueOutage } from './targets.ts';

/** What became of one true outage. */
export interface Comparison {
  readonly probe: string;
  readonly manner: Manner;
  readonly connection: 'new' | 'reused';
  readonly trueMs: number;
  /** How far the truth itself is known: one pass of the target's event loop. */
  readonly truthWithinMs: number;
  /** The prober was held up at an edge of it, or did not see it all. */
  readonly impaired: boolean;
  readonly found: 'down' | 'unseen' | 'missed';
  readonly inside: boolean;
  readonly errorMs: number;
  readonly bracketMs: number;
  /** How far the truth lies outside, at the edge where it does most; 0 inside. */
  readonly outsideMs: number;
}

export interface ComparedTarget {
  readonly comparisons: readonly Comparison[];
  /** Outages that were reported and were none. */
  readonly invented: number;
  readonly lengthNs: number;
  readonly impairedNs: number;
}

interface Stretch {
  readonly fromNs: number;
  readonly toNs: number;
}

/** One target's samples, through the analysis of a run, beside what the target did. */
export function compareTarget(
  series: ProbeSeries,
  stalls: readonly Stall[],
  truth: readonly TrueOutage[],
): ComparedTarget {
  const intervals = intervalsOf(series);
  const outages = outagesOf(intervals);
  const unseen = intervals
    .filter(({ state }) => state === 'unseen')
    .map(({ start, end }) => ({ fromNs: start.earliestNs, toNs: end.latestNs }));
  const away = [...unseen, ...stalls];
  const claimed = new Set<Outage>();
  const comparisons = truth.map((one) => {
    const near = outages.filter(
      ({ start, end }) => start.earliestNs <= one.end.latestNs && end.latestNs >= one.start.earliestNs,
    );
    for (const outage of near) claimed.add(outage);
    return compareOne(series, one, near, away);
  });
  return {
    comparisons,
    invented: outages.filter((outage) => outage.seenDown && !claimed.has(outage)).length,
    lengthNs: series.endNs - series.startNs,
    impairedNs: lengthOfUnion(away, series),
  };
}

function compareOne(
  { probe }: ProbeSeries,
  truth: TrueOutage,
  near: readonly Outage[],
  away: readonly Stretch[],
): Comparison {
  const trueNs = middle(truth.end) - middle(truth.start);
  const down = near.filter(({ seenDown }) => seenDown);
  const facts = {
    probe: probe.name,
    manner: truth.manner,
    connection: probe.connection,
    trueMs: trueNs / 1e6,
    truthWithinMs: (width(truth.start) + width(truth.end)) / 1e6,
  };
  const [first, last] = [down[0], down.at(-1)];
  const periodNs = nanosecondsOf(probe.every);
  const edges = [truth.start, truth.end, ...(first && last ? [first.start, last.end] : [])].map(
    ({ earliestNs, latestNs }) => ({ fromNs: earliestNs - periodNs, toNs: latestNs + periodNs }),
  );
  const impaired = edges.some((edge) => away.some((stretch) => overlap(edge, stretch)));
  if (first === undefined || last === undefined) {
    const found = near.length > 0 || impaired ? 'unseen' : 'missed';
    return { ...facts, impaired, found, inside: false, errorMs: facts.trueMs, bracketMs: 0, outsideMs: 0 };
  }
  const outsideNs = Math.max(gap(first.start, truth.start), gap(last.end, truth.end));
  const minNs = Math.max(0, last.end.earliestNs - first.start.latestNs);
  const maxNs = last.end.latestNs - first.start.earliestNs;
  return {
    ...facts,
    impaired,
    found: 'down',
    inside: outsideNs === 0,
    errorMs: Math.abs((minNs + maxNs) / 2 - trueNs) / 1e6,
    bracketMs: (maxNs - minNs) / 1e6,
    outsideMs: outsideNs / 1e6,
  };
}

interface Range {
  readonly earliestNs: number;
  readonly latestNs: number;
}

const middle = ({ earliestNs, latestNs }: Range): number => (earliestNs + latestNs) / 2;
const width = ({ earliestNs, latestNs }: Range): number => latestNs - earliestNs;
const overlap = (a: Stretch, b: Stretch): boolean => a.fromNs <= b.toNs && b.fromNs <= a.toNs;

/** How far two ranges lie apart; 0 where they touch. */
const gap = (a: Range, b: Range): number => Math.max(0, a.earliestNs - b.latestNs, b.earliestNs - a.latestNs);

function lengthOfUnion(stretches: readonly Stretch[], { startNs, endNs }: ProbeSeries): number {
  let total = 0;
  let reached = startNs;
  for (const { fromNs, toNs } of [...stretches].sort((a, b) => a.fromNs - b.fromNs)) {
    const from = Math.max(fromNs, reached);
    const to = Math.min(toNs, endNs);
    if (to <= from) continue;
    total += to - from;
    reached = to;
  }
  return total;
}
