import { RunFolderOnDisk } from '../../adapters/system/run-folder-on-disk.ts';
import { EXIT } from '../../model/exit-code.ts';
import { HarnessError } from '../../model/errors.ts';
import { historyOf as besideOthers } from '../../analysis/index.ts';
import { cleanText, historyRows } from '../../report/index.ts';
import { historyOf, readRuns } from '../../run/history.ts';
import { summariseRun } from '../../run/summarise-run.ts';
import { findRunFolder } from '../find-run-folder.ts';
import { printRows } from '../print-rows.ts';
import { openRunIndex, runFoldersIn } from '../run-index.ts';
import { resolveSettings } from '../settings.ts';
import type { SharedArguments } from '../shared-arguments.ts';

/** More runs than this make no better picture. */
const MOST_RUNS = 20;

/** The last runs like one that is named, or like the newest, with their spread. */
export async function historyCommand(argv: SharedArguments & { readonly run?: string }): Promise<number> {
  const { outputDir, output } = await resolveSettings(argv);
  const runs = await readRuns(runFoldersIn(outputDir), openRunIndex(outputDir));
  const run =
    argv.run === undefined
      ? runs.at(-1)
      : await summariseRun(new RunFolderOnDisk(findRunFolder(argv.run, outputDir)));
  if (run === undefined) throw new HarnessError('SQ_RUN_UNREADABLE', `There are no runs in ${outputDir}.`);
  const earlier = historyOf(run, runs)
    .filter(({ id }) => id !== run.id)
    .slice(-MOST_RUNS);
  const history = besideOthers(run.measures, run.end === 'complete', { schemaVersion: 1, runs: earlier });
  if (output === 'json') {
    process.stdout.write(
      `${JSON.stringify({ schemaVersion: 1, plan: run.plan, run: run.id, history }, null, 2)}\n`,
    );
    return EXIT.pass;
  }
  printRows(
    historyRows(history).map(({ measure, runs: bars, now, earlier: before, change }) => ({
      measure: cleanText(measure),
      runs: bars,
      'this run': now,
      'middle and range before': before,
      '': change,
    })),
    'table',
  );
  return EXIT.pass;
}
