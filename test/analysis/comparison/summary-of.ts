import type { RunSummary } from '../../../src/model/comparison.ts';

/** A run that came to its end and passed, as it is kept for comparing; it measured nothing. */
export const summaryOf = (id: string, more: Partial<RunSummary> = {}): RunSummary => ({
  schemaVersion: 1,
  id,
  startedWall: '2026-11-21T12:00:00.000Z',
  plan: 'short',
  planKey: 'p',
  subjectKey: 's',
  lab: 'rehearsal',
  host: 'vm',
  seed: '1',
  squall: '0.1.0',
  truth: 'pass',
  exitCode: 0,
  end: 'complete',
  measures: [],
  ...more,
});
