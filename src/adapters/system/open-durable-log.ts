import { dirname, join } from 'node:path';
import type { DurableLog } from '../../ports/state-store.ts';
import { durableFiles, type DurableFile, type DurableFiles } from './durable-files.ts';
import { hasCode } from './has-code.ts';

/**
 * A new log `<folder>/<writer>-<n>.ndjson` whose name and lines are synced. After one failure it refuses everything that follows,
 * and never touches its file again: what a disk holds after a failed sync is not known, and a second sync that succeeds proves
 * nothing about the first.
 */
export async function openDurableLog(
  folder: string,
  writer: string,
  files: DurableFiles = durableFiles,
): Promise<DurableLog> {
  const made = await files.makeFolder(folder);
  const file = await createNext(folder, writer, files);
  let broken: { readonly error: unknown } | undefined;
  try {
    await files.syncFolder(folder);
    // The folder of a run is itself a name in the folder above it, and so on up to what was there before.
    const last = dirname(made ?? folder);
    for (let above = dirname(folder); ; above = dirname(above)) {
      await files.syncFolder(above);
      if (above === last || above === dirname(above)) break;
    }
  } catch (error) {
    await file.close().catch(() => undefined);
    throw error;
  }
  return {
    async append(line) {
      if (broken !== undefined) throw broken.error as Error;
      try {
        await file.write(`${line}\n`);
        await file.sync();
      } catch (error) {
        broken = { error };
        throw error;
      }
    },
    close: () => file.close(),
  };
}

async function createNext(folder: string, writer: string, files: DurableFiles): Promise<DurableFile> {
  for (let n = 0; ; n++) {
    try {
      return await files.create(join(folder, `${writer}-${String(n).padStart(3, '0')}.ndjson`));
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error;
    }
  }
}
