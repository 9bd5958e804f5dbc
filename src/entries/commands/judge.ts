import { RunFolderOnDisk } from '../../adapters/system/run-folder-on-disk.ts';
import { conclude } from '../../run/conclude.ts';
import { readEvidence } from '../../run/read-evidence.ts';
import type { SharedArguments } from '../shared-arguments.ts';
import { findRunFolder } from '../find-run-folder.ts';
import { resolveSettings } from '../settings.ts';
import { showOutcome } from '../show-outcome.ts';

export async function judgeCommand(argv: SharedArguments & { readonly run: string }): Promise<number> {
  const settings = await resolveSettings(argv);
  const folder = new RunFolderOnDisk(findRunFolder(argv.run, settings.outputDir));
  const outcome = await conclude(await readEvidence(folder), folder);
  await showOutcome(outcome, folder, settings);
  return outcome.verdict.exitCode;
}
