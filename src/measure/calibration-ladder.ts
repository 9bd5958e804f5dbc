import { milliseconds } from '../model/duration.ts';
import type { CalibrationPlan, ProbeSpec } from '../model/plan.ts';
import { probeRegistry } from './probe-registry.ts';

/** The lowest rate, with which all others are compared: so low that it cannot be what makes a system slow. */
const LOWEST = 0.25;

/** No probe is planned more often than timers can tell. */
const SHORTEST_MS = 1;

/** One rate of a calibration. */
export interface Rung {
  /** As a multiple of the plan's own rate. */
  readonly times: number;
  readonly specs: readonly ProbeSpec[];
  /** How long until the slowest probe has had its answers. */
  readonly lastsMs: number;
}

/**
 * The rates of a calibration, doubling from a quarter of the plan's own. Probes that create something keep out of it: what they
 * would leave behind is in no ledger, and is read back by nobody.
 */
export function calibrationLadder(
  { upTo, answers }: CalibrationPlan,
  specs: readonly ProbeSpec[],
): readonly Rung[] {
  const reading = specs.filter(
    (spec) => probeRegistry.find(({ name }) => name === spec.probe)?.mayCreate === undefined,
  );
  const fastest = Math.min(...reading.map(({ every }) => every.ms));
  const slowest = Math.max(...reading.map(({ every }) => every.ms));
  const rungs: Rung[] = [];
  for (let times = LOWEST; times <= Math.max(1, upTo) && fastest / times >= SHORTEST_MS; times *= 2) {
    rungs.push({
      times,
      specs: reading.map((spec) => ({ ...spec, every: milliseconds(spec.every.ms / times) })),
      lastsMs: ((answers + 1) * slowest) / times,
    });
  }
  return reading.length === 0 ? [] : rungs;
}
