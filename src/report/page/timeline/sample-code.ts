import type { FailurePhase } from '../../../model/observation.ts';

/** Samples planned one period after the other without a gap, so that only the first moment is written down. */
export interface SampleRun {
  readonly fromMs: number;
  readonly everyMs: number;
  /** The number of its first sample. */
  readonly first: number;
  readonly count: number;
}

/** Every sample of one probe, in few bytes: a page holds a hundred thousand of them. */
export interface SamplePlanes {
  readonly probe: string;
  readonly runs: readonly SampleRun[];
  /** One byte a sample, in the order of the runs, in base64: two bits outcome, one impaired, four phase (plus one; zero is none). */
  readonly codes: string;
  /** Two bytes a sample, little-endian, in base64: from sent to completed in tenths of a millisecond, up to `MOST_TENTHS`. */
  readonly took: string;
}

export const OUTCOMES = ['ok', 'failed', 'unknown'] as const;
export const PHASES: readonly FailurePhase[] = [
  'resolve',
  'connect',
  'tls',
  'send',
  'wait',
  'answer',
  'harness',
  'status',
  'body',
  'build',
  'active',
  'answers',
  'delete',
];
export const MOST_TENTHS = 65_535;
