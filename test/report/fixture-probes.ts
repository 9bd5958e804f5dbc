import type { Interval, ProbeAnalysis } from '../../src/model/analysis.ts';
import type { InstantRange } from '../../src/model/instant.ts';
import type { ProbeSeries, Sample } from '../../src/model/observation.ts';
import type { ProbeSpec } from '../../src/model/plan.ts';
import { at, CLOCK, FROM_MS, ms, PERIOD_MS, range, TO_MS } from './fixture-time.ts';

/** What each probe saw: stretches that were not up, in milliseconds since the start of the run. */
const STRETCHES: Readonly<Record<string, readonly (readonly [number, number, 'down' | 'unseen'])[]>> = {
  'keystone-token': [[16_300, 18_400, 'down']],
  'nova-servers': [[16_300, 18_200, 'down']],
  'neutron-networks': [[16_400, 18_400, 'down']],
  'kubernetes-read': [[16_200, 17_400, 'down']],
  'api-address-tcp': [
    [16_200, 17_300, 'down'],
    [45_000, 45_900, 'unseen'],
  ],
  'configmap-write-and-read-back': [
    [16_300, 18_100, 'down'],
    [34_300, 34_600, 'down'],
  ],
};

export const PROBES: readonly ProbeSpec[] = Object.keys(STRETCHES).map((name) => ({
  name,
  probe: name.includes('tcp') ? 'tcp' : 'http',
  endpoint: name.split('-')[0] ?? 'kubernetes',
  every: { ms: PERIOD_MS },
  timeout: { ms: 1000 },
  connection: 'new',
  vantage: 'host',
  parameters: {},
}));

function sampleAt(name: string, n: number): Sample {
  const plannedMs = FROM_MS + n * PERIOD_MS;
  const stretch = (STRETCHES[name] ?? []).find(([from, to]) => plannedMs >= from && plannedMs < to);
  const outcome = stretch === undefined ? 'ok' : stretch[2] === 'down' ? 'failed' : 'unknown';
  return {
    n,
    plannedNs: at(plannedMs).ns,
    sentNs: at(plannedMs + 0.2 + (n % 7) / 20).ns,
    completedNs: at(plannedMs + 4 + (n % 11)).ns,
    outcome,
    impaired: plannedMs >= 45_900 && plannedMs < 46_400 && name === 'api-address-tcp',
    status: outcome === 'ok' ? 200 : 0,
    ...(outcome === 'failed' ? { phase: 'connect' as const } : {}),
    ...(outcome === 'unknown' ? { phase: 'harness' as const } : {}),
  };
}

export function seriesOf(probe: ProbeSpec): ProbeSeries {
  const count = (TO_MS - FROM_MS) / PERIOD_MS;
  const samples = Array.from({ length: count }, (_, n) => sampleAt(probe.name, n));
  return { probe, clock: CLOCK, startNs: at(FROM_MS).ns, endNs: at(TO_MS).ns, samples };
}

function intervalsOf({ probe, samples }: ProbeSeries): Interval[] {
  const stateOf = (sample: Sample): Interval['state'] =>
    sample.outcome === 'ok' ? 'up' : sample.outcome === 'failed' ? 'down' : 'unseen';
  const intervals: Interval[] = [];
  for (const sample of samples) {
    const last = intervals.at(-1);
    const state = stateOf(sample);
    const edge: InstantRange = {
      clock: CLOCK,
      earliestNs: last === undefined ? sample.plannedNs : sample.plannedNs - PERIOD_MS * 1e6,
      latestNs: sample.plannedNs,
    };
    if (last?.state === state && last.impaired === sample.impaired) {
      intervals[intervals.length - 1] = { ...last, samples: last.samples + 1 };
      continue;
    }
    if (last !== undefined) intervals[intervals.length - 1] = { ...last, end: edge };
    intervals.push({
      state,
      start: edge,
      end: range(TO_MS, TO_MS),
      impaired: sample.impaired,
      samples: 1,
      ...(sample.phase === undefined || probe.name === '' ? {} : { phase: sample.phase }),
    });
  }
  return intervals;
}

export function analyseProbe(series: ProbeSeries): ProbeAnalysis {
  const intervals = intervalsOf(series);
  const down = intervals.filter((interval) => interval.state === 'down');
  const shortest = down.map(({ start, end }) => (end.earliestNs - start.latestNs) / 1e6);
  const longest = down.map(({ start, end }) => (end.latestNs - start.earliestNs) / 1e6);
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const unseenMs = intervals
    .filter(({ state }) => state === 'unseen')
    .reduce((total, { samples }) => total + samples * PERIOD_MS, 0);
  const seenMs = TO_MS - FROM_MS - unseenMs;
  const failures = series.samples.filter((sample) => sample.outcome === 'failed').length;
  const good = series.samples.filter((sample) => sample.outcome === 'ok').length / (seenMs / PERIOD_MS);
  return {
    probe: series.probe.name,
    endpoint: series.probe.endpoint,
    intervals,
    availability: { min: 1 - sum(longest) / seenMs, max: 1 - sum(shortest) / seenMs, unit: 'ratio' },
    requestRatio: { min: good, max: good, unit: 'ratio' },
    windows: [1_000, 10_000].map((windowMs) => ({
      windowMs,
      worst: {
        min: Math.max(0, 1 - Math.max(0, ...longest) / windowMs),
        max: Math.max(0, 1 - Math.max(0, ...shortest) / windowMs),
        unit: 'ratio' as const,
      },
    })),
    longestOutage: ms(Math.max(0, ...shortest), Math.max(0, ...longest)),
    totalOutage: ms(sum(shortest), sum(longest)),
    outages: down.length,
    unseenRatio: unseenMs / (TO_MS - FROM_MS),
    impairedRatio: series.samples.filter((sample) => sample.impaired).length / series.samples.length,
    samples: series.samples.length,
    failures,
    latencyMs: { p50: 8.4, p95: 13.2, p99: 14.1, max: 38.7 },
    latenessMs: { p50: 0.31, p99: 0.62, max: 4.8 },
  };
}
