import { describeError, HarnessError } from '../model/errors.ts';
import type { HealingEntry } from '../model/injection.ts';
import type { Clock } from '../ports/clock.ts';
import type { HealingJournal } from '../ports/healing-journal.ts';
import type { DurableLog, StateStore } from '../ports/state-store.ts';
import { writeLine, type JournalEvent, type JournalOwner } from './journal-line.ts';

export interface JournalOptions {
  readonly run: string;
  readonly clock: Pick<Clock, 'wall'>;
  /** The process that injects; the reaper and `squall heal` look whether it still lives. */
  readonly self?: JournalOwner;
  /** Default `harness`. */
  readonly writer?: 'harness' | 'reaper' | 'heal';
}

/**
 * Opens a journal of a run and registers the run in it. After a failed line nothing may be intended any more, and that file is
 * not written again: what its disk holds is not known. That something was healed is then written to a second file, for an entry
 * that any writer closed is closed.
 * @throws SQ_JOURNAL
 */
export async function openJournal(store: StateStore, options: JournalOptions): Promise<HealingJournal> {
  const { run, clock, self, writer = 'harness' } = options;
  const open = new Map<string, HealingEntry>();
  const main = await openChain(store, run, writer);
  let second: Chain | undefined;

  /** What is owed no longer must be told even when the first file can no longer be trusted. */
  const tellClosing = async (event: JournalEvent): Promise<void> => {
    if (main.broken === undefined) {
      try {
        await main.append(event);
        return;
      } catch {
        // The second file is the remedy; its own failure is thrown below.
      }
    }
    second ??= await openChain(store, run, 'heal');
    await second.append(event);
  };

  const owner = self === undefined ? {} : { owner: ownerOf(self) };
  await main.append({ kind: 'opened', ...owner, wall: clock.wall() });
  return {
    async intend(entry) {
      if (main.broken !== undefined) throw failed(main.broken);
      await main.append({ kind: 'intend', entry });
      open.set(entry.id, entry);
    },
    async verified(id, verification) {
      await main.append({ kind: 'verified', id, verification });
    },
    async abandoned(id, says) {
      await tellClosing({ kind: 'abandoned', id, says });
      open.delete(id);
    },
    async healed(id, verification) {
      await tellClosing({ kind: 'healed', id, verification });
      if (verification.ok) open.delete(id);
    },
    open: () => [...open.values()],
    async close() {
      try {
        await tellClosing({ kind: 'closed' });
      } finally {
        await main.close();
        await second?.close();
      }
    },
  };
}

interface Chain {
  readonly broken: unknown;
  append(event: JournalEvent): Promise<void>;
  close(): Promise<void>;
}

async function openChain(
  store: StateStore,
  run: string,
  writer: 'harness' | 'reaper' | 'heal',
): Promise<Chain> {
  const log = await openLog(store, run, writer);
  let seq = 0;
  let previous = '';
  let broken: unknown;
  // Lines of parallel faults must not overtake each other, or the chain would be theirs no more.
  let last: Promise<unknown> = Promise.resolve();
  const append = async (event: JournalEvent): Promise<void> => {
    if (broken !== undefined) throw failed(broken);
    const { text, sha256 } = writeLine({ version: 1, run, seq, previous, event });
    try {
      await log.append(text);
    } catch (error) {
      broken = error;
      throw failed(error);
    }
    seq += 1;
    previous = sha256;
  };
  return {
    get broken() {
      return broken;
    },
    append(event) {
      const mine = last.then(() => append(event));
      last = mine.catch(() => undefined);
      return mine;
    },
    close: () => log.close().catch(() => undefined),
  };
}

async function openLog(
  store: StateStore,
  run: string,
  writer: 'harness' | 'reaper' | 'heal',
): Promise<DurableLog> {
  try {
    return await store.journal(run, writer);
  } catch (error) {
    throw failed(error);
  }
}

const failed = (cause: unknown): HarnessError =>
  new HarnessError('SQ_JOURNAL', `The healing journal cannot be written: ${describeError(cause)}.`, {
    cause,
  });

/** Only what the next process needs of whoever it was. */
function ownerOf({ host, pid, lab }: JournalOwner): JournalOwner {
  return { host, pid, ...(lab === undefined ? {} : { lab }) };
}
