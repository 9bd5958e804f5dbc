import type { Dirent } from 'node:fs';
import { readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const ROOT = '/sys/fs/cgroup';

/** Every folder of a control group of that name, in each hierarchy that this host has. */
async function foldersOf(name: string): Promise<readonly string[]> {
  const hierarchies = (await readdir(ROOT, { withFileTypes: true }).catch((): Dirent[] => []))
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(ROOT, entry.name));
  const found = await Promise.all(
    [ROOT, ...hierarchies].map(async (folder) => {
      const names = await readdir(folder).catch((): string[] => []);
      return names.includes(name) ? [join(folder, name)] : [];
    }),
  );
  return found.flat();
}

/** The weight of all that lies in a group together, 1024 being that of one ordinary process of this host. */
export async function setGroupShares(name: string, shares: number): Promise<void> {
  for (const folder of await foldersOf(name)) {
    // Either version has one of these; the other write finds no file.
    const weight = Math.max(1, Math.round((shares * 100) / 1024));
    await writeFile(join(folder, 'cpu.shares'), String(shares), { flag: 'r+' }).catch(() => undefined);
    await writeFile(join(folder, 'cpu.weight'), String(weight), { flag: 'r+' }).catch(() => undefined);
  }
}

/** Removes a group that holds no process any more, with the empty groups below it. @returns what could not be removed. */
export async function removeGroup(name: string): Promise<readonly string[]> {
  const left: string[] = [];
  for (const folder of await foldersOf(name)) if (!(await removeEmpty(folder))) left.push(folder);
  return left;
}

async function removeEmpty(folder: string): Promise<boolean> {
  const processes = await readFile(join(folder, 'cgroup.procs'), 'utf8').catch(() => '');
  if (processes.trim() !== '') return false;
  const below = (await readdir(folder, { withFileTypes: true }).catch((): Dirent[] => [])).filter((entry) =>
    entry.isDirectory(),
  );
  for (const entry of below) if (!(await removeEmpty(join(folder, entry.name)))) return false;
  return rmdir(folder).then(
    () => true,
    (error: unknown) => (error as NodeJS.ErrnoException).code === 'ENOENT',
  );
}
