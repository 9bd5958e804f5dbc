import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { durableFiles } from './durable-files.ts';

let written = 0;

/** Replaces a file as a whole or leaves it as it was, and returns once that is on the disk. */
export async function writeWholeFile(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const half = `${path}.${process.pid}-${written++}.half`;
  try {
    const file = await open(half, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(half, path);
  } catch (error) {
    await rm(half, { force: true }).catch(() => undefined);
    throw error;
  }
  await durableFiles.syncFolder(dirname(path));
}
