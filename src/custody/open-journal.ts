import { describeError, HarnessError } from '../model/errors.ts';
import type { HealingEntry } from '../model/injection.ts';
import type { Clock } from '../ports/clock.ts';
import type { HealingJournal } from '../ports/healing-journal.ts';
import type { DurableLog, StateStore } from '../ports/state-store.ts';
import { JOURNAL_SCHEMA_VERSION, writeLine, type JournalEvent, type JournalOwner } from './journal-line.ts';

export interface JournalOptions {
  readonly run: string;
  readonly clock: Pick<Clock, 'wall' | 'now'>;
  /** The process that injects; the reaper and `squall heal` look whether it still lives. */
  readonly self?: JournalOwner;
  /** Default `harness`. */
  readonly writer?: Writer;
  /** Asked before each intent; throws when nothing may be injected any more. Default: it may. */
  readonly mayIntend?: () => void;
}

type Writer = 'harness' | 'reaper' | 'heal';

/**
 * Opens a journal of a run and registers the run in it. After a failed line nothing may be intended any more, and that file is
 * not written again: what its disk holds is not known. That something was healed is then written to a second file, for an entry
 * that any writer closed is closed.
 * @throws SQ_JOURNAL
 */
export async function openJournal(store: StateStore, options: JournalOptions): Promise<HealingJournal> {
  const { run, clock, self, writer = 'harness', mayIntend } = options;
  const open = new Map<string, HealingEntry>();
  const owner = self === undefined ? {} : { owner: ownerOf(self) };
  const main = await openChain(store, run, writer, clock);
  const closing = new Closing(main, async () => {
    const chain = await openChain(store, run, 'heal', clock);
    await chain.append({ kind: 'opened', ...owner, wall: clock.wall(), insteadOf: writer });
    return chain;
  });
  try {
    await main.append({ kind: 'opened', ...owner, wall: clock.wall() });
  } catch (error) {
    await main.close();
    throw error;
  }
  return {
    async intend(entry) {
      if (main.broken !== undefined) throw failed(main.broken);
      mayIntend?.();
      try {
        await main.append({ kind: 'intend', entry });
      } catch (error) {
        // The line may be on the disk all the same; whoever reads it should know that nothing was touched on its word.
        const says = `Never injected: ${describeError(error)}`;
        await closing.tell({ kind: 'abandoned', id: entry.id, says }).catch(() => undefined);
        throw error;
      }
      open.set(entry.id, entry);
    },
    async verified(id, verification) {
      await main.append({ kind: 'verified', id, verification });
    },
    async abandoned(id, says) {
      await closing.tell({ kind: 'abandoned', id, says });
      open.delete(id);
    },
    async healed(id, verification) {
      await closing.tell({ kind: 'healed', id, verification });
      if (verification.ok) open.delete(id);
    },
    open: () => [...open.values()],
    async close() {
      try {
        await closing.tell({ kind: 'closed' });
      } finally {
        await main.close();
        await closing.close();
      }
    },
  };
}

/**
 * What is owed no longer must be told even when the first file can no longer be trusted: then a second one is begun. Told in turn,
 * so that one second file does.
 */
class Closing {
  readonly #main: Chain;
  readonly #begin: () => Promise<Chain>;
  #second: Chain | undefined;
  #told: Promise<unknown> = Promise.resolve();

  constructor(main: Chain, begin: () => Promise<Chain>) {
    this.#main = main;
    this.#begin = begin;
  }

  tell(event: JournalEvent): Promise<void> {
    const mine = this.#told.then(() => this.#tellNow(event));
    this.#told = mine.catch(() => undefined);
    return mine;
  }

  async close(): Promise<void> {
    await this.#second?.close();
  }

  async #tellNow(event: JournalEvent): Promise<void> {
    if (this.#main.broken === undefined) {
      try {
        await this.#main.append(event);
        return;
      } catch {
        // The second file is the remedy; its own failure is thrown below.
      }
    }
    // A second file that breaks as well is given up like the first, and the next line begins another.
    if (this.#second?.broken !== undefined) {
      await this.#second.close();
      this.#second = undefined;
    }
    this.#second ??= await this.#begin();
    await this.#second.append(event);
  }
}

interface Chain {
  readonly broken: unknown;
  append(event: JournalEvent): Promise<void>;
  close(): Promise<void>;
}

async function openChain(
  store: StateStore,
  run: string,
  writer: Writer,
  clock: Pick<Clock, 'now'>,
): Promise<Chain> {
  const log = await openLog(store, run, writer);
  let seq = 0;
  let previous = '';
  let broken: unknown;
  // Lines of parallel faults must not overtake each other, or the chain would be theirs no more.
  let last: Promise<unknown> = Promise.resolve();
  const append = async (event: JournalEvent): Promise<void> => {
    if (broken !== undefined) throw failed(broken);
    const { text, sha256 } = writeLine({
      schemaVersion: JOURNAL_SCHEMA_VERSION,
      run,
      seq,
      at: clock.now(),
      previous,
      event,
    });
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

async function openLog(store: StateStore, run: string, writer: Writer): Promise<DurableLog> {
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

/** Only what the next process needs of whoever it was; callers hand in more than that. */
function ownerOf({ host, pid, birth, lab, connection, folder }: JournalOwner): JournalOwner {
  return {
    host,
    pid,
    ...(birth === undefined ? {} : { birth }),
    ...(lab === undefined ? {} : { lab }),
    ...(connection === undefined ? {} : { connection }),
    ...(folder === undefined ? {} : { folder }),
  };
}
