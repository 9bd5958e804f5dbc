import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { HarnessError } from '../model/errors.ts';

/** By path, or by the id of a run below the output folder. @throws SQ_RUN_UNREADABLE when neither is there. */
export function findRunFolder(run: string, outputDir: string): string {
  const found = [resolve(run), join(outputDir, run)].find((path) => existsSync(path));
  if (found === undefined)
    throw new HarnessError('SQ_RUN_UNREADABLE', `There is no run ${run}, neither here nor in ${outputDir}.`, {
      remedy:
        'Give the path of a run folder, or the id of a run with the `--output-dir` that it was written to.',
    });
  return found;
}
