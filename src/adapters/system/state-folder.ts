import { mkdir, open, readdir, readFile, rename, rm, writeFile, link, unlink } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import type { DurableLog, LockHolder, StateStore } from '../../ports/state-store.ts';

/**
 * The state folder: `<folder>/journals/<run>/<writer>-<n>.ndjson`, `<folder>/locks/<hash of the identity>.json`,
 * `<folder>/stop.json`. Every process that writes a journal makes a file of its own, so that none has two writers.
 */
export function createStateFolder(folder: string): StateStore {
  const journals = join(folder, 'journals');
  const lockFile = (identity: string): string =>
    join(folder, 'locks', `${createHash('sha256').update(identity).digest('hex').slice(0, 32)}.json`);
  return {
    journal: (run, writer) => openDurableLog(join(journals, run), writer),
    async readJournals(run) {
      const names = (await namesIn(join(journals, run))).filter((name) => name.endsWith('.ndjson')).sort();
      return Promise.all(
        names.map(async (name) => {
          const lines = (await readFile(join(journals, run, name), 'utf8')).split('\n');
          lines.pop();
          return { writer: name.replace(/\.ndjson$/, ''), lines };
        }),
      );
    },
    runs: async () => [...(await namesIn(journals))].sort(),
    async archive(run) {
      await mkdir(join(folder, 'closed'), { recursive: true });
      await rename(join(journals, run), join(folder, 'closed', run)).catch((error: unknown) => {
        // Two processes may put the same journal away; the second finds it done.
        if (!hasCode(error, 'ENOENT')) throw error;
      });
    },
    lock: (identity, holder) => takeLock(lockFile(identity), holder),
    async unlock(identity, run) {
      const holder = await readHolder(lockFile(identity));
      if (holder?.run === run) await rm(lockFile(identity), { force: true });
    },
    async stopped() {
      const text = await readFile(join(folder, 'stop.json'), 'utf8').catch(() => undefined);
      return text === undefined ? undefined : (JSON.parse(text) as { by: string; why: string });
    },
  };
}

/** A log whose folder entry and lines are synced; after one failure it refuses everything that follows. */
export async function openDurableLog(folder: string, writer: string): Promise<DurableLog> {
  await mkdir(folder, { recursive: true });
  const file = await createNext(folder, writer);
  await syncFolder(folder);
  await syncFolder(dirname(folder));
  let broken: unknown;
  return {
    async append(line) {
      if (broken !== undefined) throw broken as Error;
      try {
        await file.writeFile(`${line}\n`);
        await file.datasync();
      } catch (error) {
        broken = error;
        throw error;
      }
    },
    close: () => file.close(),
  };
}

async function createNext(folder: string, writer: string): ReturnType<typeof open> {
  for (let n = 0; ; n++) {
    try {
      return await open(join(folder, `${writer}-${String(n).padStart(3, '0')}.ndjson`), 'ax', 0o600);
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error;
    }
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function takeLock(file: string, holder: LockHolder): Promise<LockHolder | undefined> {
  await mkdir(dirname(file), { recursive: true });
  const mine = `${file}.${holder.run}`;
  await writeFile(mine, JSON.stringify(holder), { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < 3; attempt++) {
      try {
        // A hard link appears whole or not at all, whoever else tries at the same time.
        await link(mine, file);
        return undefined;
      } catch (error) {
        if (!hasCode(error, 'EEXIST')) throw error;
      }
      const other = await readHolder(file);
      if (other !== undefined && !isGone(other)) return other;
      await rm(file, { force: true });
    }
    return await readHolder(file);
  } finally {
    await unlink(mine).catch(() => undefined);
  }
}

async function readHolder(file: string): Promise<LockHolder | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as LockHolder;
  } catch {
    return undefined;
  }
}

/** Only a process of this host can be known to be gone. */
function isGone(holder: LockHolder): boolean {
  if (holder.host !== hostname()) return false;
  try {
    process.kill(holder.pid, 0);
    return false;
  } catch (error) {
    return hasCode(error, 'ESRCH');
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  });
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
