import { appendFile } from 'node:fs/promises';
import { RunFolderOnDisk } from '../../adapters/system/run-folder-on-disk.ts';
import { DEFAULT_SLOWDOWN } from '../../analysis/index.ts';
import { describeError, HarnessError } from '../../model/errors.ts';
import { comparisonMarkdown, comparisonRows, comparisonText } from '../../report/index.ts';
import { compare } from '../../run/compare.ts';
import { findRunFolder } from '../find-run-folder.ts';
import { printRows } from '../print-rows.ts';
import { resolveSettings } from '../settings.ts';
import type { SharedArguments } from '../shared-arguments.ts';

export interface CompareArguments extends SharedArguments {
  readonly run?: readonly string[];
  readonly baseline?: readonly string[];
  readonly slowdown?: number;
  readonly markdown?: string;
}

/** Below this a slowdown is within what is tolerated, and no number of runs would find it. */
const LEAST_SLOWDOWN = 1.2;

/** @returns 0 no slowdown, 1 slower, 4 unknown. */
export async function compareCommand(argv: CompareArguments): Promise<number> {
  const settings = await resolveSettings(argv);
  const slowdown = argv.slowdown ?? DEFAULT_SLOWDOWN;
  if (!(slowdown >= LEAST_SLOWDOWN))
    throw new HarnessError('SQ_USAGE', `--slowdown takes a factor from ${LEAST_SLOWDOWN}, not ${slowdown}.`);
  const open = (run: string): RunFolderOnDisk => new RunFolderOnDisk(findRunFolder(run, settings.outputDir));
  const { comparison, verdict } = await compare({
    folders: (argv.run ?? []).map(open),
    ...(argv.baseline === undefined ? {} : { baseline: argv.baseline.map(open) }),
    slowdown,
  });
  if (argv.markdown !== undefined) await append(argv.markdown, comparisonMarkdown(comparison, verdict));
  if (settings.output === 'json') {
    process.stdout.write(`${JSON.stringify({ ...comparison, verdict }, finite, 2)}\n`);
    return verdict.exitCode;
  }
  const { head, tail } = comparisonText(comparison, verdict);
  process.stdout.write(`${head}\n`);
  printRows(comparisonRows(comparison), 'table');
  process.stdout.write(`\n${tail}`);
  return verdict.exitCode;
}

/** JSON has no infinity: what has no upper end has no such field. */
const finite = (_key: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isFinite(value) ? undefined : value;

/** To the end of a file, as CI servers ask for it (`$GITHUB_STEP_SUMMARY`). */
async function append(file: string, text: string): Promise<void> {
  try {
    await appendFile(file, text);
  } catch (error) {
    throw new HarnessError('SQ_USAGE', `The summary cannot be written: ${describeError(error)}.`, {
      cause: error,
    });
  }
}
