import { createStateFolder } from '../adapters/system/state-folder.ts';
import { readJournal } from '../custody/index.ts';
import { stateFolder } from './places.ts';

/** Runs on a lab whose journal is still in its place. */
export async function readOpenRuns(
  lab: string,
): Promise<readonly { readonly run: string; archive(): Promise<void> }[]> {
  const store = createStateFolder(stateFolder(process.env));
  const found = await Promise.all(
    (await store.runs()).map(async (run) => ({ run, journal: await readJournal(store, run) })),
  );
  return found
    .filter(({ journal }) => journal.owner?.lab === lab)
    .map(({ run }) => ({ run, archive: () => store.archive(run) }));
}
