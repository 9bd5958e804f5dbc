import {
  appendFileSync,
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { DocumentImage, Operation } from './document-state.ts';

export interface LogEntry {
  readonly term: number;
  readonly operation: Operation;
}

/** The state up to and with the entry `index` of the log. */
export interface Snapshot {
  readonly index: number;
  readonly term: number;
  readonly image: DocumentImage;
}

export interface Remembered {
  readonly term: number;
  readonly vote: string | undefined;
  readonly snapshot: Snapshot;
  /** Those that follow the snapshot. */
  readonly entries: readonly LogEntry[];
}

/** What a member must not forget when it is killed. Every method returns when the kernel has it. */
export interface MemberDisk {
  read(): Remembered;
  vote(term: number, vote: string | undefined): void;
  /** Puts `entries` at `index` and after it; what was there before is forgotten. */
  write(index: number, entries: readonly LogEntry[]): void;
  replace(state: Remembered): void;
}

const NOTHING: Snapshot = { index: 0, term: 0, image: { revision: 0, documents: [] } };

type Line =
  | { readonly vote: string | null; readonly term: number }
  | { readonly at: number; readonly entries: readonly LogEntry[] };

/** For tests of the protocol; what it holds outlives the member. */
export function diskInMemory(): MemberDisk {
  let state: Remembered = { term: 0, vote: undefined, snapshot: NOTHING, entries: [] };
  return {
    read: () => state,
    vote: (term, vote) => void (state = { ...state, term, vote }),
    write: (index, entries) => {
      const kept = state.entries.slice(0, index - state.snapshot.index - 1);
      state = { ...state, entries: [...kept, ...entries] };
    },
    replace: (next) => void (state = next),
  };
}

/**
 * `member.json` is a whole state and names the log that continues it. A line that a kill cut off was never answered for, so it
 * is left out. Nothing is flushed to the disk itself: what may be killed here is the process, not the host.
 */
export function diskInFolder(folder: string): MemberDisk {
  mkdirSync(folder, { recursive: true });
  const whole = join(folder, 'member.json');
  let start = readWhole(whole);
  const logPath = (): string => join(folder, `log-${start.log}.ndjson`);
  // What follows a torn line must begin on a line of its own.
  appendFileSync(logPath(), '\n', { mode: 0o600 });
  let file = openSync(logPath(), 'a', 0o600);
  const add = (line: Line): void => void writeSync(file, `${JSON.stringify(line)}\n`);
  return {
    read: () => replay(start, readFileSync(logPath(), 'utf8')),
    vote: (term, vote) => add({ term, vote: vote ?? null }),
    write: (at, entries) => add({ at, entries }),
    replace(state) {
      const old = logPath();
      const next = { ...state, log: start.log + 1 };
      writeFileSync(`${whole}.draft`, JSON.stringify(next), { mode: 0o600 });
      writeFileSync(join(folder, `log-${next.log}.ndjson`), '', { mode: 0o600 });
      renameSync(`${whole}.draft`, whole);
      start = next;
      closeSync(file);
      file = openSync(logPath(), 'a', 0o600);
      rmSync(old, { force: true });
    },
  };
}

type Whole = Remembered & { readonly log: number };

function readWhole(path: string): Whole {
  try {
    const state = JSON.parse(readFileSync(path, 'utf8')) as Whole;
    return { ...state, vote: state.vote ?? undefined };
  } catch {
    return { term: 0, vote: undefined, snapshot: NOTHING, entries: [], log: 0 };
  }
}

function replay(start: Remembered, lines: string): Remembered {
  let { term, vote } = start;
  const { snapshot } = start;
  let entries = [...start.entries];
  for (const text of lines.split('\n')) {
    const line = parse(text);
    if (line === undefined) continue;
    if ('vote' in line) {
      if (line.term < term) continue;
      term = line.term;
      vote = line.vote ?? undefined;
      continue;
    }
    const at = line.at - snapshot.index - 1;
    entries = [...entries.slice(0, at), ...line.entries];
  }
  return { term, vote, snapshot, entries };
}

function parse(text: string): Line | undefined {
  try {
    return text === '' ? undefined : (JSON.parse(text) as Line);
  } catch {
    return undefined;
  }
}
