import { link, mkdir, readdir, readFile, rename, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { JournalFile, StateStore } from '../../ports/state-store.ts';
import type { DurableFiles } from './durable-files.ts';
import { createFileLocks } from './file-locks.ts';
import { hasCode } from './has-code.ts';
import { openDurableLog } from './open-durable-log.ts';
import { stateTrouble } from './state-trouble.ts';
import { createStopFile } from './stop-file.ts';

/**
 * The state folder: `<folder>/journals/<run>/<writer>-<n>.ndjson`, `<folder>/closed/<run>/` for those that were put away,
 * `<folder>/locks/<hash of the identity>/`, `<folder>/stop.json`. Every process that writes a journal makes a file of its own, so
 * that none has two writers.
 * @param files where journals are written; default the file system of this machine.
 */
export function createStateFolder(folder: string, files?: DurableFiles): StateStore {
  const journals = join(folder, 'journals');
  const closed = join(folder, 'closed');
  return {
    ...createFileLocks(join(folder, 'locks')),
    ...createStopFile(join(folder, 'stop.json')),
    journal: (run, writer) => openDurableLog(join(journals, run), writer, files),
    async readJournals(run) {
      for (let tries = 1; ; tries++) {
        try {
          return await readJournalFiles(join(journals, run));
        } catch (error) {
          // It was put away between the look at its names and the look into its files; the next look finds it gone.
          if (!hasCode(error, 'ENOENT') || tries === TRIES) throw error;
        }
      }
    },
    runs: async () => [...(await namesIn(journals))].sort(),
    async archive(run) {
      await mkdir(closed, { recursive: true });
      // Two processes may put the same journal away; the second finds it done.
      await unlessAbsent(putAway(join(journals, run), join(closed, run)));
    },
    async reopen(run) {
      if ((await namesIn(journals)).includes(run)) return;
      await mkdir(journals, { recursive: true });
      await unlessAbsent(rename(join(closed, run), join(journals, run)));
    },
  };
}

/** A journal may be put away, brought back and put away again while it is read, but not for ever. */
const TRIES = 10;

async function readJournalFiles(folder: string): Promise<readonly JournalFile[]> {
  const names = (await namesIn(folder)).filter((name) => name.endsWith('.ndjson')).sort();
  return Promise.all(names.map((name) => readJournalFile(folder, name)));
}

async function readJournalFile(folder: string, name: string): Promise<JournalFile> {
  const path = join(folder, name);
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    // Put away meanwhile: whoever asked looks again.
    throw hasCode(error, 'ENOENT') ? error : stateTrouble(path, error);
  });
  const lines = text.split('\n');
  const tail = lines.pop();
  return {
    writer: name.replace(/\.ndjson$/, ''),
    lines,
    ...(tail === undefined || tail === '' ? {} : { tail }),
  };
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return [];
    throw stateTrouble(folder, error);
  });
}

/** A healer may have begun a file just after the rest was put away: then that is put beside it. */
async function putAway(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (!hasCode(error, 'ENOTEMPTY') && !hasCode(error, 'EEXIST')) throw error;
    for (const name of await namesIn(from)) await moveBeside(from, name, to);
    await rmdir(from);
  }
}

/** Under its own number, or the next that is free. */
async function moveBeside(from: string, name: string, to: string): Promise<void> {
  const [, writer = name, first = '0'] = /^(.*)-(\d+)\.ndjson$/.exec(name) ?? [];
  for (let n = Number(first); ; n++) {
    try {
      await link(join(from, name), join(to, `${writer}-${String(n).padStart(3, '0')}.ndjson`));
      await rm(join(from, name));
      return;
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error;
    }
  }
}

async function unlessAbsent(act: Promise<void>): Promise<void> {
  await act.catch((error: unknown) => {
    if (!hasCode(error, 'ENOENT')) throw error;
  });
}
