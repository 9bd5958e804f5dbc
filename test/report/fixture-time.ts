import type { Instant, InstantRange } from '../../src/model/instant.ts';
import type { Figure } from '../../src/model/verdict.ts';

export const CLOCK = 'host';
const ZERO_NS = 7_000_000_000_000;
export const PERIOD_MS = 100;
export const FROM_MS = 2_000;
export const TO_MS = 52_000;

export const at = (ms: number): Instant => ({ clock: CLOCK, ns: ZERO_NS + Math.round(ms * 1e6) });
export const range = (fromMs: number, toMs: number): InstantRange => ({
  clock: CLOCK,
  earliestNs: at(fromMs).ns,
  latestNs: at(toMs).ns,
});
export const ms = (min: number, max: number): Figure => ({ min, max, unit: 'ms' });
