import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ConformanceResults } from '../model/conformance.ts';
import { cacheFolder } from './places.ts';

/** Milliseconds by the name of a suite. */
export type SuiteDurations = Readonly<Record<string, number>>;

const file = (lab: string): string => join(cacheFolder(process.env), 'suite-durations', `${lab}.json`);

/** What earlier runs on such a lab recorded. Nothing depends on it: what cannot be read is as if it were not there. */
export async function readSuiteDurations(lab: string): Promise<SuiteDurations> {
  try {
    return JSON.parse(await readFile(file(lab), 'utf8')) as SuiteDurations;
  } catch {
    return {};
  }
}

/** Keeps the newest time of each suite; a stage beside faults says nothing about how long a suite takes. */
export async function writeSuiteDurations(lab: string, stages: readonly ConformanceResults[]): Promise<void> {
  const newest: Record<string, number> = { ...(await readSuiteDurations(lab)) };
  for (const { results } of stages.filter(
    ({ stage, engine }) => stage !== 'during' && engine === undefined,
  )) {
    for (const suite of new Set(results.map((result) => result.suite))) {
      const own = results.filter((result) => result.suite === suite);
      const from = Math.min(...own.map(({ started }) => started.ns));
      newest[suite] = Math.round((Math.max(...own.map(({ ended }) => ended.ns)) - from) / 1e6);
    }
  }
  try {
    await mkdir(dirname(file(lab)), { recursive: true });
    const half = `${file(lab)}.${process.pid}`;
    await writeFile(half, JSON.stringify(newest));
    await rename(half, file(lab));
  } catch {
    // A cache that cannot be written costs some seconds next time, and nothing else.
  }
}
