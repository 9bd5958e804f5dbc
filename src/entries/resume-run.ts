import { HarnessError } from '../model/errors.ts';
import { EXIT } from '../model/exit-code.ts';
import { RUN_SCHEMA_VERSION, type RunRecord } from '../model/evidence.ts';
import type { Plan } from '../model/plan.ts';
import { mergeJournals } from '../custody/index.ts';
import { RunFolderOnDisk } from '../adapters/system/run-folder-on-disk.ts';
import { createStateFolder } from '../adapters/system/state-folder.ts';
import { goOn } from '../run/run.ts';
import { openLab } from './compose-world.ts';
import { findRunFolder } from './find-run-folder.ts';
import { guardExisting } from './guard-existing.ts';
import { inARun } from './in-a-run.ts';
import { bundledSuites, stateFolder } from './places.ts';
import type { Settings } from './settings.ts';

/**
 * Goes on with a run that was cut short, with its own plan, seed and lab, in its own folder. With `--dry-run` it only says so.
 * @throws SQ_CONTEXT_REFUSED on an existing lab that its user may not act on now.
 */
export async function resumeRun(run: string, settings: Settings, lanes: number): Promise<number> {
  const folder = new RunFolderOnDisk(findRunFolder(run, settings.outputDir));
  const [record, plan, planText] = await Promise.all([
    folder.readJson<RunRecord>('run.json'),
    folder.readJson<Plan>('plan.json'),
    folder.readText('plan.yaml'),
  ]);
  if (record === undefined || plan === undefined || planText === undefined) {
    throw new HarnessError(
      'SQ_RUN_UNREADABLE',
      `${folder.path} does not say what run it is, or of which plan.`,
    );
  }
  const version: unknown = record.schemaVersion;
  if (version !== RUN_SCHEMA_VERSION) {
    throw new HarnessError(
      'SQ_RUN_UNREADABLE',
      `The run in ${folder.path} is of version ${String(version)}; this Squall goes on with version ${RUN_SCHEMA_VERSION}.`,
    );
  }
  const { id, lab, seed } = record;
  if (settings.dryRun) {
    process.stderr.write(`squall: would go on with run ${id} on the lab ${lab}\n`);
    return EXIT.pass;
  }
  const opened = await openLab(await guardExisting({ ...(await wayTo(id, settings)), lab }));
  const suites = { files: bundledSuites(), loaders: [] };
  return inARun(
    settings,
    opened,
    suites,
    (_, world, stop) => goOn({ id, plan, planText, seed, lanes }, world, stop),
    { id, folder: folder.path },
  );
}

/** By the files that the run's own journal names, unless others are given. */
async function wayTo(run: string, settings: Settings): Promise<Settings> {
  const store = createStateFolder(stateFolder(process.env));
  await store.reopen(run);
  const { owner } = mergeJournals(await store.readJournals(run));
  const { kubeconfig, context, cloud } = owner?.connection ?? {};
  return {
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
    ...(cloud === undefined ? {} : { osCloud: cloud }),
    ...settings,
  };
}
