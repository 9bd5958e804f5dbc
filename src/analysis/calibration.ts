import type { CalibratedRung, Calibration, Resolution } from '../model/analysis.ts';
import { formatDuration, nanosecondsOf } from '../model/duration.ts';
import type { CalibrationRung, ProbeSeries } from '../model/observation.ts';
import { answersOf, drawsOf, madeSlower } from './answer-times.ts';
import { quantiles } from './quantiles.ts';
import { largerThan } from './rank-test.ts';

/** Together for all probes at all rates: the chance to call any of them slower, or any of them as fast, wrongly. */
const ALPHA = 0.01;

/** More rates than a calibration has, so that a rate that is added changes nothing that was said of the others. */
const MOST_RUNGS = 10;

/** With fewer draws of a probe nothing can be said: three answers each. */
const LEAST_DRAWS = 12;

/** A rate at which more answers than this fail is not borne, however fast the others are. */
const MOST_FAILED = 0.01;

/** Where more samples than this cannot be used, it is the prober that cannot keep up. */
const MOST_UNKNOWN = 0.02;

type State = CalibratedRung['state'];
type Judged = Pick<CalibratedRung, 'state' | 'says'>;

/**
 * Compares every rate with the lowest one, probe by probe, with the same two tests as the return to the baseline: a probe is
 * slower, or as fast, only when that is sure.
 * @param rungs by rate, lowest first.
 */
export function calibrationOf(rungs: readonly CalibrationRung[]): Calibration {
  const [reference] = rungs;
  const judged = rungs.map((rung): CalibratedRung => {
    const { state, says } =
      rung === reference || reference === undefined
        ? { state: 'reference' as const, says: '' }
        : judge(rung, reference);
    return { times: rung.times, perSecond: rateOf(rung), state, says };
  });
  const planned: State = judged.find(({ times }) => times === 1)?.state ?? 'unknown';
  const firstBad = judged.findIndex(({ state }) => state === 'not-flat' || state === 'unknown');
  const at = (firstBad < 0 ? judged.length : firstBad) - 1;
  const [highest, rung] = [judged[at], rungs[at]];
  if (highest === undefined || rung === undefined || highest.state !== 'flat')
    return { rungs: judged, planned };
  const { times, perSecond } = highest;
  return { rungs: judged, planned, flatUpTo: { times, perSecond, probes: rung.series.map(resolutionOf) } };
}

function judge(rung: CalibrationRung, reference: CalibrationRung): Judged {
  const alpha = ALPHA / (MOST_RUNGS * Math.max(1, rung.series.length));
  const each = rung.series.map((series) => {
    const { name } = series.probe;
    const before = reference.series.find(({ probe }) => probe.name === name);
    return judgeProbe(series, before, alpha);
  });
  return (
    each.find(({ state }) => state === 'not-flat') ??
    each.find(({ state }) => state === 'unknown') ??
    (each.length === 0
      ? { state: 'unknown', says: 'No probe can be calibrated.' }
      : { state: 'flat', says: 'Every probe was answered as fast as at the lowest rate.' })
  );
}

function judgeProbe(series: ProbeSeries, reference: ProbeSeries | undefined, alpha: number): Judged {
  const { name } = series.probe;
  const answers = answersOf(series);
  if (series.samples.length - answers.length > MOST_UNKNOWN * series.samples.length)
    return { state: 'unknown', says: `The prober could not keep up with ${name}.` };
  const failed = answers.filter(({ outcome }) => outcome === 'failed').length;
  if (failed > MOST_FAILED * answers.length)
    return { state: 'not-flat', says: `${failed} of ${answers.length} answers of ${name} failed.` };
  const [draws, before] = [drawsOf(answers), drawsOf(reference === undefined ? [] : answersOf(reference))];
  if (draws.length < LEAST_DRAWS || before.length < LEAST_DRAWS)
    return { state: 'unknown', says: `There are too few answers of ${name}.` };
  const took = draws.map(({ tookNs }) => tookNs);
  const slower = madeSlower(before);
  const medians = `${middle(before.map(({ tookNs }) => tookNs))} at the lowest rate, ${middle(took)} at this`;
  if (largerThan(took, slower) < alpha)
    return { state: 'not-flat', says: `${name} was answered more slowly: ${medians}.` };
  if (largerThan(slower, took) < alpha) return { state: 'flat', says: `${name}: ${medians}.` };
  return { state: 'unknown', says: `Whether ${name} was answered more slowly cannot be told: ${medians}.` };
}

const middle = (tookNs: readonly number[]): string => {
  const ns = quantiles(tookNs, [0.5])[0] ?? 0;
  return ns < 100e6 ? `${(ns / 1e6).toFixed(1)}ms` : formatDuration({ ms: ns / 1e6 });
};

/** What was planned, not what came of it: the rate that the system would have to bear. */
const rateOf = ({ series }: CalibrationRung): number =>
  Number(series.reduce((sum, { probe }) => sum + 1000 / probe.every.ms, 0).toFixed(3));

/** An edge is known to one period, the time in which a request was late and the time that its answer took. */
function resolutionOf(series: ProbeSeries): Resolution {
  const periodNs = nanosecondsOf(series.probe.every);
  const answers = answersOf(series);
  const [lateNs = 0] = quantiles(
    answers.map(({ plannedNs, sentNs }) => Math.max(0, sentNs - plannedNs)),
    [0.99],
  );
  const [tookNs = 0] = quantiles(
    answers.filter(({ outcome }) => outcome === 'ok').map(({ sentNs, completedNs }) => completedNs - sentNs),
    [0.99],
  );
  const ms = (ns: number): number => Number((ns / 1e6).toFixed(3));
  return {
    probe: series.probe.name,
    everyMs: series.probe.every.ms,
    surelySeenMs: ms(2 * periodNs + lateNs),
    bracketMs: ms(2 * (periodNs + lateNs + tookNs)),
  };
}
