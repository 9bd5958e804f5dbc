import type { ProbeAnalysis } from '../model/analysis.ts';
import type { InjectionRecord } from '../model/injection.ts';
import type { ProbeSeries } from '../model/observation.ts';
import { availabilityByTime, awayRatio, requestRatio, unseenRatio } from './availability.ts';
import { widenEdges } from './clock-relation.ts';
import { intervalsOf } from './intervals.ts';
import { longest, outagesOf, totalDown } from './outages.ts';
import { quantiles } from './quantiles.ts';
import { markAway } from './settle-pairs.ts';
import { windowsOf } from './user-uptime.ts';

/**
 * All that the samples of one probe amount to.
 * @param errorNs by which its clock may be wrong, either way; default 0.
 * @param injections of the run; default none.
 */
export function analyseProbe(
  series: ProbeSeries,
  errorNs = 0,
  injections: readonly Pick<InjectionRecord, 'injected' | 'targets'>[] = [],
): ProbeAnalysis {
  const intervals = markAway(widenEdges(intervalsOf(series), errorNs), series, injections);
  const away = awayRatio(intervals);
  const outages = outagesOf(intervals);
  const { samples, probe } = series;
  const answered = samples.filter(({ outcome, status }) => outcome === 'ok' || status > 0);
  const latency = quantiles(
    answered.map(({ sentNs, completedNs }) => (completedNs - sentNs) / 1e6),
    [0.5, 0.95, 0.99, 1],
  );
  const lateness = quantiles(
    samples.map(({ plannedNs, sentNs }) => Math.max(0, sentNs - plannedNs) / 1e6),
    [0.5, 0.99, 1],
  );
  return {
    probe: probe.name,
    endpoint: probe.endpoint,
    ...(probe.part === undefined ? {} : { part: probe.part }),
    intervals,
    availability: availabilityByTime(intervals),
    requestRatio: requestRatio(samples),
    windows: windowsOf([intervals]),
    longestOutage: longest(outages),
    totalOutage: totalDown(intervals, outages),
    outages: outages.filter(({ seenDown }) => seenDown).length,
    unseenRatio: unseenRatio(intervals),
    ...(away > 0 ? { awayRatio: away } : {}),
    impairedRatio:
      samples.length === 0 ? 0 : samples.filter(({ impaired }) => impaired).length / samples.length,
    samples: samples.length,
    failures: samples.filter(({ outcome }) => outcome === 'failed').length,
    latencyMs: { p50: latency[0] ?? 0, p95: latency[1] ?? 0, p99: latency[2] ?? 0, max: latency[3] ?? 0 },
    latenessMs: { p50: lateness[0] ?? 0, p99: lateness[1] ?? 0, max: lateness[2] ?? 0 },
  };
}
