import { createHash } from 'node:crypto';
import { link, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LockHolder, SharedState } from '../../ports/state-store.ts';
import { hasCode } from './has-code.ts';
import { isProvablyGone } from './process-birth.ts';
import { stateTrouble } from './state-trouble.ts';

/** What the newest file of a lock says. */
interface Newest {
  readonly n: number;
  /** undefined when it was let go of. */
  readonly holder: LockHolder | undefined;
}

/** After so many others who were quicker, somebody holds it. */
const TRIES = 50;

let asked = 0;

/**
 * Locks as folders of numbered files; the file with the highest number says who holds the lock. A number is taken by a hard link,
 * which appears whole and once only, so of several who find the same holder gone one takes over. The highest number is never
 * removed, also when the lock is let go of: whoever has looked long ago then finds its number taken, or a higher one.
 */
export function createFileLocks(folder: string): Pick<SharedState, 'lock' | 'renew' | 'unlock' | 'holders'> {
  const folderOf = (identity: string): string =>
    join(folder, createHash('sha256').update(identity).digest('hex').slice(0, 32));
  return {
    async holders() {
      const places = await namesIn(folder);
      const newest = await Promise.all(places.map((name) => newestIn(join(folder, name))));
      return newest.flatMap(({ holder }) => (holder === undefined || isProvablyGone(holder) ? [] : [holder]));
    },
    lock: (identity, holder) =>
      take(folderOf(identity), holder).catch((error: unknown) => {
        throw stateTrouble(folderOf(identity), error);
      }),
    async renew(identity, run) {
      return (await newestIn(folderOf(identity))).holder?.run === run;
    },
    async unlock(identity, run) {
      const place = folderOf(identity);
      const { n, holder } = await newestIn(place);
      if (holder?.run !== run) return;
      const half = join(place, `${process.pid}-${asked++}.half`);
      await writeFile(half, '', { mode: 0o600 });
      await rename(half, join(place, nameOf(n)));
    },
  };
}

async function take(place: string, holder: LockHolder): Promise<LockHolder | undefined> {
  await mkdir(place, { recursive: true, mode: 0o700 });
  const mine = join(place, `${process.pid}-${asked++}.half`);
  await writeFile(mine, JSON.stringify(holder), { mode: 0o600 });
  try {
    for (let tries = 0; tries < TRIES; tries++) {
      const newest = await newestIn(place);
      if (newest.holder !== undefined && !isProvablyGone(newest.holder)) return newest.holder;
      const number = newest.n + 1;
      try {
        await link(mine, join(place, nameOf(number)));
      } catch (error) {
        if (hasCode(error, 'EEXIST')) continue;
        throw error;
      }
      // A number that somebody has passed and tidied away is free again, and worth nothing.
      if ((await newestIn(place)).n === number) {
        await removeBelow(place, number);
        return undefined;
      }
      await rm(join(place, nameOf(number)), { force: true });
    }
    throw new Error(`The lock in ${place} changed hands ${TRIES} times while it was asked for.`);
  } finally {
    await rm(mine, { force: true });
  }
}

async function newestIn(place: string): Promise<Newest> {
  for (;;) {
    const n = (await numbersIn(place)).at(-1) ?? 0;
    if (n === 0) return { n, holder: undefined };
    try {
      return { n, holder: holderIn(await readFile(join(place, nameOf(n)), 'utf8')) };
    } catch (error) {
      // It was passed and tidied away meanwhile.
      if (!hasCode(error, 'ENOENT')) throw error;
    }
  }
}

/** An empty file was let go of; one that is damaged is held by nobody who could be asked. */
function holderIn(text: string): LockHolder | undefined {
  try {
    return JSON.parse(text) as LockHolder;
  } catch {
    return undefined;
  }
}

async function removeBelow(place: string, number: number): Promise<void> {
  const below = (await numbersIn(place)).filter((n) => n < number);
  await Promise.all(below.map((n) => rm(join(place, nameOf(n)), { force: true })));
}

async function numbersIn(place: string): Promise<readonly number[]> {
  return (await namesIn(place))
    .filter((name) => /^\d+\.json$/.test(name))
    .map((name) => Number.parseInt(name, 10))
    .sort((a, b) => a - b);
}

function namesIn(place: string): Promise<readonly string[]> {
  return readdir(place).catch((error: unknown) => {
    // A file of an earlier layout may stand where a lock's folder is looked for.
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return [];
    throw error;
  });
}

const nameOf = (n: number): string => `${String(n).padStart(8, '0')}.json`;
