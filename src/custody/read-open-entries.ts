import type { HealingEntry } from '../model/injection.ts';
import type { StateStore } from '../ports/state-store.ts';
import { readLine, type JournalLine, type JournalOwner } from './journal-line.ts';

/** All journals of one run, taken together. */
export interface JournalReading {
  /** False when the run has no journal, or its journal was put away. */
  readonly exists: boolean;
  /** Not closed by any writer, oldest first. */
  readonly open: readonly HealingEntry[];
  /** Every entry, oldest first. */
  readonly entries: readonly HealingEntry[];
  /** The harness said that no fault follows. */
  readonly closed: boolean;
  readonly owner?: JournalOwner;
  /** Files whose last line was torn: their writer died while it wrote, before it touched anything. */
  readonly torn: readonly string[];
  /** Damage inside a file, as sentences: lines that are missing, out of order or changed. */
  readonly troubles: readonly string[];
}

/**
 * Merges the journals of all writers. Every line vouches for itself, so a line that says *healed* counts wherever it stands;
 * damage elsewhere can only make more to heal, never less.
 */
export async function readJournal(store: StateStore, run: string): Promise<JournalReading> {
  const journals = await store.readJournals(run);
  const entries = new Map<string, HealingEntry>();
  const gone = new Set<string>();
  const torn: string[] = [];
  const troubles: string[] = [];
  let closed = false;
  let owner: JournalOwner | undefined;
  for (const { writer, lines } of journals) {
    const reading = readChain(writer, lines);
    torn.push(...reading.torn);
    troubles.push(...reading.troubles);
    for (const { event } of reading.lines) {
      if (event.kind === 'intend') entries.set(event.entry.id, event.entry);
      else if (event.kind === 'abandoned') gone.add(event.id);
      else if (event.kind === 'healed' && event.verification.ok) gone.add(event.id);
      else if (event.kind === 'closed') closed = true;
      else if (event.kind === 'opened') owner ??= event.owner;
    }
  }
  const all = [...entries.values()];
  return {
    exists: journals.length > 0,
    entries: all,
    open: all.filter(({ id }) => !gone.has(id)),
    closed,
    ...(owner === undefined ? {} : { owner }),
    torn,
    troubles,
  };
}

/** Faults of a run that nobody has healed yet, oldest first. */
export async function readOpenEntries(store: StateStore, run: string): Promise<readonly HealingEntry[]> {
  return (await readJournal(store, run)).open;
}

interface Chain {
  readonly lines: readonly JournalLine[];
  readonly torn: readonly string[];
  readonly troubles: readonly string[];
}

function readChain(writer: string, texts: readonly string[]): Chain {
  const lines: JournalLine[] = [];
  const torn: string[] = [];
  const troubles: string[] = [];
  let previous = '';
  let seq = 0;
  texts.forEach((text, n) => {
    const read = readLine(text);
    if (read === undefined) {
      if (n === texts.length - 1) torn.push(writer);
      else troubles.push(`${writer}: line ${n + 1} is damaged.`);
      return;
    }
    if (read.line.seq !== seq || read.line.previous !== previous) {
      troubles.push(
        `${writer}: line ${n + 1} does not follow the line before it; some are missing or out of order.`,
      );
    }
    seq = read.line.seq + 1;
    previous = read.sha256;
    lines.push(read.line);
  });
  return { lines, torn, troubles };
}
