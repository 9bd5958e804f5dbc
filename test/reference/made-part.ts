import { join } from 'node:path';
import { ensureParts, goBuild, loadLock, releaseDownload } from '../../src/adapters/parts/index.ts';
import { cacheFolder, packageFolder } from '../../src/entries/places.ts';
import { clock, say } from './the-lab.ts';

/** @returns the path of the program of a part of the lab, made where it is not there yet, as `lab up` does it. */
export async function madePart(name: string): Promise<string> {
  const found = await ensureParts(
    [name],
    {
      lock: loadLock(join(packageFolder(), 'reference', 'versions.lock.yaml')),
      cacheFolder: cacheFolder(process.env),
      sources: [releaseDownload(), goBuild()],
      clock,
      report: say,
    },
    new AbortController().signal,
  );
  const path = found.get(name)?.path;
  if (path === undefined) throw new Error(`The lock has no part ${name}.`);
  return path;
}
