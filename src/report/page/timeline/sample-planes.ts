import type { ProbeSeries, Sample } from '../../../model/observation.ts';
import { MOST_TENTHS, OUTCOMES, PHASES, type SamplePlanes, type SampleRun } from './sample-code.ts';

/** Beyond this the page would no longer be small; the samples are in the run folder all the same. */
export const MOST_SAMPLES = 200_000;

/** Moments are written to the microsecond; what is nearer than this to a whole number of periods is on it. */
const ON_PERIOD_NS = 1000;

const codeOf = ({ outcome, impaired, phase }: Sample): number =>
  OUTCOMES.indexOf(outcome) |
  (impaired ? 4 : 0) |
  ((phase === undefined ? 0 : PHASES.indexOf(phase) + 1) << 3);

function runsOf(samples: readonly Sample[], everyNs: number, zeroNs: number): SampleRun[] {
  const runs: { fromMs: number; everyMs: number; first: number; count: number }[] = [];
  let expectedNs = Number.NaN;
  for (const { plannedNs, n } of samples) {
    const last = runs.at(-1);
    if (last !== undefined && Math.abs(plannedNs - expectedNs) <= ON_PERIOD_NS) last.count += 1;
    else {
      const fromMs = Math.round((plannedNs - zeroNs) / 1000) / 1000;
      runs.push({ fromMs, everyMs: everyNs / 1e6, first: n, count: 1 });
    }
    expectedNs = plannedNs + everyNs;
  }
  return runs;
}

/** @param zeroNs the start of the run, from which all moments of a page are counted. */
export function samplePlanes({ probe, samples }: ProbeSeries, zeroNs: number): SamplePlanes {
  const inOrder = [...samples].sort((a, b) => a.plannedNs - b.plannedNs);
  const codes = Buffer.alloc(inOrder.length);
  const took = Buffer.alloc(inOrder.length * 2);
  inOrder.forEach((sample, index) => {
    codes[index] = codeOf(sample);
    const tenths = Math.round((sample.completedNs - sample.sentNs) / 100_000);
    took.writeUInt16LE(Math.min(MOST_TENTHS, Math.max(0, tenths)), index * 2);
  });
  return {
    probe: probe.name,
    runs: runsOf(inOrder, probe.every.ms * 1e6, zeroNs),
    codes: codes.toString('base64'),
    took: took.toString('base64'),
  };
}
