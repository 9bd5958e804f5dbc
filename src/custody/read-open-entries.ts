import type { HealingEntry, Verification } from '../model/injection.ts';
import type { Instant } from '../model/instant.ts';
import type { JournalFile, StateStore } from '../ports/state-store.ts';
import {
  JOURNAL_SCHEMA_VERSION,
  readLine,
  type JournalEvent,
  type JournalLine,
  type JournalOwner,
} from './journal-line.ts';

/** What the journals tell of one fault. */
export interface EntryStory {
  readonly entry: HealingEntry;
  /** When the intent was handed to the disk. */
  readonly intended?: Instant;
  readonly verified?: Verification;
  /** The last look after a heal. */
  readonly healed?: Verification;
  readonly abandoned?: string;
  /** Nothing of it is owed any more. */
  readonly closed: boolean;
}

/** All journals of one run, taken together. */
export interface JournalReading {
  /** False when the run has no journal, or its journal was put away. */
  readonly exists: boolean;
  /** Not closed by any writer, oldest first. */
  readonly open: readonly HealingEntry[];
  /** Every entry, oldest first. */
  readonly entries: readonly HealingEntry[];
  readonly stories: readonly EntryStory[];
  /** The harness said that no fault follows. */
  readonly closed: boolean;
  /** The process that injected last. */
  readonly owner?: JournalOwner;
  /** Files whose last line has no end: their writer died while it wrote, before it touched anything. */
  readonly torn: readonly string[];
  /**
   * Damage inside a file, as sentences: lines that are missing, out of order, changed, or of a later version. An intent may have
   * stood there, so what is open may be more than `open`.
   */
  readonly troubles: readonly string[];
  /** Some lines are of a later version, so only a later Squall can tell that nothing is open. */
  readonly later: boolean;
}

/**
 * Merges the journals of all writers. Every line vouches for itself, so a line that says *healed* counts wherever it stands;
 * damage elsewhere can only make more to heal, never less.
 */
export async function readJournal(
  store: Pick<StateStore, 'readJournals'>,
  run: string,
): Promise<JournalReading> {
  return mergeJournals(await store.readJournals(run));
}

export function mergeJournals(journals: readonly JournalFile[]): JournalReading {
  const stories = new Map<string, { -readonly [K in keyof EntryStory]: EntryStory[K] }>();
  const chains = journals.map(readChain);
  const lines = chains.flatMap((chain) => chain.lines);
  for (const { event, at } of lines) {
    if (event.kind !== 'intend') continue;
    const intended = at === undefined ? {} : { intended: at };
    stories.set(event.entry.id, { entry: event.entry, ...intended, closed: false });
  }
  for (const { event } of lines) {
    const story = 'id' in event ? stories.get(event.id) : undefined;
    if (story === undefined) continue;
    if (event.kind === 'abandoned') Object.assign(story, { abandoned: event.says, closed: true });
    if (event.kind === 'verified') story.verified = event.verification;
    if (event.kind === 'healed' && !(story.healed?.ok ?? false)) story.healed = event.verification;
    if (event.kind === 'healed' && event.verification.ok) story.closed = true;
  }
  const { closed, owner } = lastHarness(chains);
  const all = [...stories.values()];
  return {
    exists: journals.length > 0,
    entries: all.map(({ entry }) => entry),
    open: all.filter((story) => !story.closed).map(({ entry }) => entry),
    stories: all,
    closed,
    ...(owner === undefined ? {} : { owner }),
    torn: chains.flatMap(({ torn }) => torn),
    troubles: chains.flatMap(({ troubles }) => troubles),
    later: chains.some(({ later }) => later),
  };
}

/** Who injected last, and whether it said that nothing follows. Reapers and healers close for themselves alone. */
function lastHarness(chains: readonly Chain[]): { readonly closed: boolean; readonly owner?: JournalOwner } {
  let closed = false;
  let owner: JournalOwner | undefined;
  for (const { event } of harnessesInTime(chains).flatMap(({ lines }) => lines)) {
    if (event.kind === 'closed') closed = true;
    if (event.kind !== 'opened') continue;
    owner = event.owner ?? owner;
    // A run that is gone on with is registered once more, and is open again; a second file of the same process is not that.
    if (event.insteadOf === undefined) closed = false;
  }
  return { closed, ...(owner === undefined ? {} : { owner }) };
}

/**
 * Files of harnesses by their numbers, which are handed out one after the other, and not by what the clock of people said: that may
 * have been set back in between. A second file follows the one that it stands in for, by its process.
 */
function harnessesInTime(chains: readonly Chain[]): readonly Chain[] {
  const numberOf = ({ writer }: Chain): number => Number(writer.split('-').at(-1));
  const firsts = chains
    .filter(({ writer }) => writer.startsWith('harness'))
    .sort((a, b) => numberOf(a) - numberOf(b));
  const seconds = chains.filter(
    (chain) => !firsts.includes(chain) && openedBy(chain)?.insteadOf === 'harness',
  );
  const ofFirst = (first: Chain): readonly Chain[] =>
    seconds.filter((second) => firsts.findLast((one) => processOf(one) === processOf(second)) === first);
  const placed = firsts.flatMap((first) => [first, ...ofFirst(first)]);
  // Of one whose first file lost its beginning nobody knows when it was, so it has the last word over nothing.
  return [...seconds.filter((second) => !placed.includes(second)), ...placed];
}

const openedBy = ({ lines }: Chain): Extract<JournalEvent, { readonly kind: 'opened' }> | undefined =>
  lines.map(({ event }) => event).find((event) => event.kind === 'opened');

function processOf(chain: Chain): string {
  const { host, pid, birth } = openedBy(chain)?.owner ?? {};
  return [host, pid, birth].join(' ');
}

/** Faults of a run that nobody has healed yet, oldest first. */
export async function readOpenEntries(store: StateStore, run: string): Promise<readonly HealingEntry[]> {
  return (await readJournal(store, run)).open;
}

interface Chain {
  readonly writer: string;
  readonly lines: readonly JournalLine[];
  readonly torn: readonly string[];
  readonly troubles: readonly string[];
  readonly later: boolean;
}

function readChain({ writer, lines: texts, tail }: JournalFile): Chain {
  const lines: JournalLine[] = [];
  const torn: string[] = [];
  const troubles: string[] = [];
  let previous = '';
  let seq = 0;
  let later = false;
  const all = tail === undefined ? texts : [...texts, tail];
  all.forEach((text, n) => {
    const read = readLine(text);
    if (read === undefined) {
      // One that was written to its newline may have been acted on before it was damaged.
      if (n === texts.length) torn.push(writer);
      else troubles.push(`${writer}: line ${n + 1} is damaged.`);
      return;
    }
    if ('newer' in read) {
      later = true;
      troubles.push(
        `${writer}: line ${n + 1} is of version ${read.newer}; this Squall reads up to ${JOURNAL_SCHEMA_VERSION}, so heal with the one that wrote it.`,
      );
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
  return { writer, lines, torn, troubles, later };
}
