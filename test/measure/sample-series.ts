import { milliseconds } from '../../src/model/duration.ts';
import type { ProbeSeries, Sample } from '../../src/model/observation.ts';
import type { ProbeSpec } from '../../src/model/plan.ts';

export const spec = (over: Partial<ProbeSpec> = {}): ProbeSpec => ({
  name: 'keystone',
  probe: 'http',
  endpoint: 'keystone',
  every: milliseconds(10),
  timeout: milliseconds(100),
  connection: 'reused',
  vantage: 'host',
  parameters: {},
  ...over,
});

/** A sample of a 10 ms probe that began at 0, in milliseconds. */
export function sample(
  n: number,
  over: Partial<Sample> & { readonly sentMs?: number; readonly tookMs?: number } = {},
): Sample {
  const { sentMs = n * 10, tookMs = 1, ...rest } = over;
  return {
    n,
    plannedNs: n * 10e6,
    sentNs: sentMs * 1e6,
    completedNs: (sentMs + tookMs) * 1e6,
    outcome: 'ok',
    impaired: false,
    status: 200,
    ...rest,
  };
}

export const seriesOf = (
  samples: readonly Sample[],
  endMs: number,
  over: Partial<ProbeSpec> = {},
): ProbeSeries => ({
  probe: spec(over),
  clock: 'host:test',
  startNs: 0,
  endNs: endMs * 1e6,
  samples,
});
