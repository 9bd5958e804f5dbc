import { describeError } from '../model/errors.ts';
import type { Subject } from '../model/evidence.ts';
import type { EarlierRuns, OtherSubject } from '../model/history.ts';
import type { RunFolder } from '../ports/run-folder.ts';
import { alike, historyOf, readRuns, type RunsBeside } from './history.ts';
import { subjectDifferences } from './subject-differences.ts';
import { keysOf, NO_SUBJECT } from './summarise-run.ts';
import type { World } from './world.ts';

/** More runs than this make no better picture. */
const MOST_RUNS = 20;

/** So many folders are looked through, the newest: a run must not end later because a thousand lie beside it. */
const MOST_FOLDERS = 300;

/** Sets the run beside the last ones like it; a history that cannot be read is none, and no reason to fail. */
export async function writeHistory({ folder, beside, lab, progress }: World, id: string): Promise<void> {
  if (beside === undefined) return;
  try {
    const keys = await keysOf(folder);
    if (keys === undefined || keys.subjectKey === NO_SUBJECT) return;
    const run = { id, lab: lab.name, ...keys };
    const folders = await judgedFolders(beside, folder);
    const runs = (await readRuns(folders, beside.index)).filter((one) => one.id < id);
    const last = runs.findLast((one) => alike(one, run));
    const other =
      last === undefined || last.subjectKey === run.subjectKey
        ? undefined
        : await otherSubject(last, folder, folders);
    const history: EarlierRuns = {
      schemaVersion: 1,
      runs: historyOf(run, runs).slice(-MOST_RUNS),
      ...(other === undefined ? {} : { otherSubject: other }),
    };
    await folder.write('history.json', history);
  } catch (error) {
    const says = `The runs before this one could not be read, so it is set beside none: ${describeError(error)}`;
    progress.report({ kind: 'note', level: 'warning', says });
  }
}

/** One that was never judged may still be going on, and to judge it would take long. */
async function judgedFolders(beside: RunsBeside, own: RunFolder): Promise<readonly RunFolder[]> {
  const others = beside
    .folders()
    .filter(({ path }) => path !== own.path)
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .slice(-MOST_FOLDERS);
  const judged = await Promise.all(
    others.map(async (one) => beside.index.get(one.path) ?? (await one.readText('analysis.json'))),
  );
  return others.filter((_, index) => judged[index] !== undefined);
}

async function otherSubject(
  { id, truth }: { readonly id: string; readonly truth: OtherSubject['truth'] },
  own: RunFolder,
  folders: readonly RunFolder[],
): Promise<OtherSubject | undefined> {
  const other = folders.find(({ path }) => path.endsWith(`/${id}`));
  const [before, after] = await Promise.all(
    [other, own].map(async (folder) => folder?.readJson<Subject>('subject.json')),
  );
  if (before === undefined || after === undefined) return undefined;
  return { run: id, truth, differences: subjectDifferences(before, after) };
}
