import type { RunSummary } from '../model/comparison.ts';
import { HarnessError } from '../model/errors.ts';
import type { RunFolder } from '../ports/run-folder.ts';
import { summariseRun } from './summarise-run.ts';

/** Summaries that were made before, by the path of their folder; a cache, which nothing depends on. */
export interface RunIndex {
  get(path: string): RunSummary | undefined;
  /** Keeps what was read anew. */
  add(path: string, summary: RunSummary): void;
}

/** All runs of the folders, oldest first. What is no run, or not whole, is left out: history is no reason to fail. */
export async function readRuns(
  folders: readonly RunFolder[],
  index: RunIndex,
): Promise<readonly RunSummary[]> {
  const runs: RunSummary[] = [];
  for (const folder of folders) {
    const known = index.get(folder.path);
    if (known !== undefined) {
      runs.push(known);
      continue;
    }
    try {
      const summary = await summariseRun(folder);
      // A run that has no verdict yet may still be going on.
      if (summary.end === 'complete') index.add(folder.path, summary);
      runs.push(summary);
    } catch (error) {
      if (!(error instanceof HarnessError)) throw error;
    }
  }
  return runs.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Runs like this one: of its plan, subject and lab, up to and with itself. */
export const historyOf = (run: RunSummary, runs: readonly RunSummary[]): readonly RunSummary[] =>
  runs.filter(
    ({ id, planKey, subjectKey, lab }) =>
      id <= run.id && planKey === run.planKey && subjectKey === run.subjectKey && lab === run.lab,
  );
