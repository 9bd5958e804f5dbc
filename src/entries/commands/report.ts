import { RunFolderOnDisk } from '../../adapters/system/run-folder-on-disk.ts';
import { EXIT } from '../../model/exit-code.ts';
import { conclude } from '../../run/conclude.ts';
import { readEvidence } from '../../run/read-evidence.ts';
import type { RunFolder } from '../../ports/run-folder.ts';
import type { SharedArguments } from '../shared-arguments.ts';
import { findRunFolder } from '../find-run-folder.ts';
import { showPath } from '../places.ts';
import { resolveSettings } from '../settings.ts';

/** Like `judge`, but it ends with 0 whatever the verdict is: its work is the files. */
export async function reportCommand(
  argv: SharedArguments & { readonly run: string; readonly parquet?: boolean },
): Promise<number> {
  const settings = await resolveSettings(argv);
  const folder = new RunFolderOnDisk(findRunFolder(argv.run, settings.outputDir));
  const evidence = await readEvidence(folder);
  const { files } = await conclude(evidence, folder);
  const tables = argv.parquet === true ? await exportSamples(folder) : [];
  for (const file of [...files, ...tables])
    process.stdout.write(`${showPath(`${folder.path}/${file}`, process.cwd())}\n`);
  return EXIT.pass;
}

async function exportSamples(folder: RunFolder): Promise<readonly string[]> {
  const { exportParquet, readSeries } = await import('../../measure/index.ts');
  return exportParquet(folder, (await readSeries(folder)).series);
}
