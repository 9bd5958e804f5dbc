import type { Interval } from '../model/analysis.ts';
import { nanosecondsOf } from '../model/duration.ts';
import type { InjectionRecord } from '../model/injection.ts';
import type { ProbeSeries, Sample } from '../model/observation.ts';
import { isControl } from '../model/plan.ts';
import { isUsable } from './sample-runs.ts';

/**
 * A way between two pods of ours, as the controls of both let it be read: where the pod that is asked did not answer each of its
 * controls from one timeout and period before to one after, a failure says nothing of the way: its node went, or came back. (Of the
 * pod that asks the prober knows that itself.) A series of anything else stays as it is.
 */
export function settlePairs(all: readonly ProbeSeries[]): readonly ProbeSeries[] {
  const controls = new Map(
    all
      .filter(({ probe }) => isControl(probe.part))
      .map((series) => [keyOf(series, series.probe.part?.to ?? ''), inOrder(series)]),
  );
  return all.map((series) => {
    const { part } = series.probe;
    if (part?.from === undefined) return series;
    const control = controls.get(keyOf(series, part.to)) ?? [];
    const marginNs = nanosecondsOf(series.probe.timeout) + nanosecondsOf(series.probe.every);
    return { ...series, samples: series.samples.map((sample) => settled(sample, control, marginNs)) };
  });
}

const keyOf = ({ clock, probe }: ProbeSeries, node: string): string =>
  JSON.stringify([clock, probe.part?.of, node]);

/** Those that say something, by when they were sent. */
const inOrder = ({ samples }: ProbeSeries): readonly Sample[] =>
  samples.filter(isUsable).sort((a, b) => a.sentNs - b.sentNs);

function settled(sample: Sample, control: readonly Sample[], marginNs: number): Sample {
  if (sample.outcome !== 'failed') return sample;
  const around = control.slice(
    firstAfter(control, sample.sentNs - marginNs),
    firstAfter(control, sample.sentNs + marginNs),
  );
  if (around.length > 0 && around.every(({ outcome }) => outcome === 'ok')) return sample;
  return { ...sample, outcome: 'unknown', phase: 'harness', cause: 'vantage' };
}

function firstAfter(control: readonly Sample[], ns: number): number {
  let [low, high] = [0, control.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((control[middle]?.sentNs ?? 0) <= ns) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Tells what was unseen because one of the two nodes had been hurt from what was unseen for any other reason: the first is what
 * the plan wanted, the second is time that nobody can answer for.
 */
export function markAway(
  intervals: readonly Interval[],
  { samples, probe, clock }: ProbeSeries,
  injections: readonly Pick<InjectionRecord, 'injected' | 'targets'>[],
): readonly Interval[] {
  const { part } = probe;
  if (part?.from === undefined) return intervals;
  const nodes = [part.from, part.to];
  const hurtNs = injections.flatMap(({ injected, targets }) =>
    injected?.clock === clock && targets.some(({ node }) => nodes.includes(node))
      ? [injected.earliestNs]
      : [],
  );
  // What is unseen begins with the last usable sample before the first that was on its way when the node was hurt.
  const fromNs = Math.min(...hurtNs) - nanosecondsOf(probe.timeout) - 2 * nanosecondsOf(probe.every);
  return intervals.map((interval): Interval => {
    const { state, start, end } = interval;
    if (state !== 'unseen' || start.earliestNs < fromNs) return interval;
    const inside = samples.filter(({ sentNs }) => sentNs > start.earliestNs && sentNs < end.latestNs);
    const ours = inside.every((sample) => isUsable(sample) || sample.cause === 'vantage');
    return ours ? { ...interval, away: true } : interval;
  });
}
