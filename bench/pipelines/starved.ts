import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Analysis } from '../../src/model/analysis.ts';
import type { RunEnd } from '../../src/model/evidence.ts';

/** A prober that was held up for more of its samples than this had no processor, and neither had the rehearsal. */
const MOST_IMPAIRED = 0.02;

function read<T>(file: string): T | undefined {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as T) : undefined;
}

/**
 * Why a try says nothing of the pipeline: its own evidence tells that the host was too busy. undefined when it was not. Whoever
 * tries again for it tries a limited number of times, so a pipeline that is always refused is not green.
 * @param reports the folder that the run was written into.
 */
export function starved(reports: string): string | undefined {
  const [run] = existsSync(reports) ? readdirSync(reports) : [];
  if (run === undefined) return undefined;
  const analysis = read<Analysis>(join(reports, run, 'analysis.json'));
  const worst = Math.max(0, ...(analysis?.probes ?? []).map(({ impairedRatio }) => impairedRatio));
  if (worst > MOST_IMPAIRED) return `the prober was held up in ${(worst * 100).toFixed(0)} % of its samples`;
  const { reason, error } = read<RunEnd>(join(reports, run, 'end.json')) ?? {};
  // The model is always there and steady, unless its processes wait for a processor.
  return reason === 'complete' || error === undefined ? undefined : error.says;
}
