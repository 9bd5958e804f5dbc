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

/** Folders of other runs, where this one's lies too. */
export interface RunsBeside {
  readonly index: RunIndex;
  folders(): readonly RunFolder[];
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

type Kind = Pick<RunSummary, 'planKey' | 'lab'>;

/** Of one plan, on one lab. */
export const alike = (a: Kind, b: Kind): boolean => a.planKey === b.planKey && a.lab === b.lab;

/** Runs like this one: of its plan, subject and lab, up to and with itself. */
export const historyOf = (
  run: Kind & Pick<RunSummary, 'id' | 'subjectKey'>,
  runs: readonly RunSummary[],
): readonly RunSummary[] =>
  runs.filter((one) => one.id <= run.id && one.subjectKey === run.subjectKey && alike(one, run));
