import type { ProbeSeries, Sample } from '../../src/model/observation.ts';

/** Ways to measure worse on purpose, so that the bench is seen to notice. */
export const DEGRADATIONS = {
  'closed-loop': 'one request in flight at a time, so that each waits for the answer before it',
  'wall-clock': 'samples on a calendar clock that is set by 40 ms every ten seconds',
  'verdict-time': 'edges at the time of the verdict instead of the time of sending',
} as const;

export type Degradation = keyof typeof DEGRADATIONS;

export const isDegradation = (name: string): name is Degradation => Object.hasOwn(DEGRADATIONS, name);

const STEP_NS = 40e6;
const STEP_EVERY_NS = 10e9;

/** What the analysis gets to see. A closed loop is made while measuring, so here it changes nothing. */
export function degrade(series: ProbeSeries, how: Degradation | undefined): ProbeSeries {
  if (how === 'verdict-time')
    return change(series, (sample) => ({ ...sample, sentNs: Math.max(sample.sentNs, sample.completedNs) }));
  if (how !== 'wall-clock') return series;
  const wall = (ns: number): number =>
    Math.floor((ns - series.startNs) / STEP_EVERY_NS) % 2 === 1 ? ns - STEP_NS : ns;
  return change(series, (sample) => ({
    ...sample,
    sentNs: wall(sample.sentNs),
    completedNs: wall(sample.completedNs),
  }));
}

const change = (series: ProbeSeries, to: (sample: Sample) => Sample): ProbeSeries => ({
  ...series,
  samples: series.samples.map(to),
});
