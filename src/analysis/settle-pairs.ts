import type { ProbeAnalysis } from '../model/analysis.ts';
import { nanosecondsOf } from '../model/duration.ts';
import type { InjectionRecord } from '../model/injection.ts';
import type { ProbeSeries, Sample } from '../model/observation.ts';
import { isControl } from '../model/plan.ts';
import { isUsable } from './sample-runs.ts';

/**
 * A way between two pods of ours, as the controls of both let it be read: where the pod that is asked did not answer its control
 * either, just before or just after, a failure says nothing of the way. (Of the pod that asks the prober knows that itself.) A
 * series of anything else stays as it is.
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
    return { ...series, samples: series.samples.map((sample) => settled(sample, control)) };
  });
}

const keyOf = ({ clock, probe }: ProbeSeries, node: string): string =>
  JSON.stringify([clock, probe.part?.of, node]);

/** Those that say something, by when they were sent. */
const inOrder = ({ samples }: ProbeSeries): readonly Sample[] =>
  samples.filter(isUsable).sort((a, b) => a.sentNs - b.sentNs);

function settled(sample: Sample, control: readonly Sample[]): Sample {
  if (sample.outcome !== 'failed') return sample;
  const after = firstAfter(control, sample.sentNs);
  const around = [control[after - 1], control[after]].filter((one) => one !== undefined);
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
export function setAside(
  analysis: ProbeAnalysis,
  { samples, probe: { part, every }, clock }: ProbeSeries,
  injections: readonly Pick<InjectionRecord, 'injected' | 'targets'>[],
): ProbeAnalysis {
  if (part?.from === undefined) return analysis;
  const nodes = [part.from, part.to];
  const hurtFromNs = Math.min(
    ...injections.flatMap(({ injected, targets }) =>
      injected?.clock === clock && targets.some(({ node }) => nodes.includes(node))
        ? [injected.earliestNs]
        : [],
    ),
  );
  // What is unseen begins with the last usable sample before.
  const fromNs = hurtFromNs - 2 * nanosecondsOf(every);
  const { intervals } = analysis;
  const lengthNs = (intervals.at(-1)?.end.latestNs ?? 0) - (intervals[0]?.start.earliestNs ?? 0);
  const awayNs = intervals
    .filter(({ state, end }) => state === 'unseen' && end.latestNs > fromNs)
    .filter(({ start, end }) =>
      samples
        .filter(({ sentNs }) => sentNs > start.earliestNs && sentNs < end.latestNs)
        .every((sample) => isUsable(sample) || sample.cause === 'vantage'),
    )
    .reduce((sum, { start, end }) => sum + end.latestNs - Math.max(start.earliestNs, fromNs), 0);
  if (awayNs <= 0 || lengthNs <= 0) return analysis;
  const awayRatio = Math.min(analysis.unseenRatio, awayNs / lengthNs);
  return { ...analysis, awayRatio, unseenRatio: analysis.unseenRatio - awayRatio };
}
