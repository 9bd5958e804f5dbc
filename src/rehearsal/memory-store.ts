import {
  StoreConflict,
  StoreUnavailable,
  type Document,
  type DocumentChange,
  type Expected,
} from './replica.ts';
import { RevisionTooOld, type WatchedStore } from './watched-store.ts';

export interface MemoryStore extends WatchedStore {
  /** While true, every call fails as without a majority of members. */
  cutOff(cut: boolean): void;
  /** Forgets all history up to now. */
  compact(): void;
}

/** A store of one member that lives in this process and ends with it. */
export function createMemoryStore(): MemoryStore {
  const documents = new Map<string, Document>();
  const changes: DocumentChange[] = [];
  const waiting = new Set<() => void>();
  let revision = 1;
  let forgotten = 1;
  let cut = false;

  const apply = (kind: 'put' | 'delete', document: Document, before: Document | undefined): void => {
    if (kind === 'put') documents.set(document.key, document);
    else documents.delete(document.key);
    changes.push({ kind, revision, document, ...(before === undefined ? {} : { before }) });
    for (const wake of waiting) wake();
  };
  const reachable = (): Promise<void> =>
    cut
      ? Promise.reject(new StoreUnavailable('No majority of the members answered.', true))
      : Promise.resolve();

  return {
    cutOff(given) {
      cut = given;
    },
    compact() {
      changes.length = 0;
      forgotten = revision;
    },
    revision: () => revision,
    async get(key) {
      await reachable();
      return documents.get(key);
    },
    async list(prefix) {
      await reachable();
      const found = [...documents.values()].filter(({ key }) => key.startsWith(prefix));
      return { documents: found.sort((a, b) => (a.key < b.key ? -1 : 1)), revision };
    },
    async put(key, value, expected: Expected) {
      await reachable();
      const present = documents.get(key);
      if (!isExpected(present, expected)) throw new StoreConflict(key, present);
      revision += 1;
      const document = {
        key,
        value: structuredClone(value),
        revision,
        created: present?.created ?? revision,
      };
      apply('put', document, present);
      return document;
    },
    async delete(key, expected) {
      await reachable();
      const present = documents.get(key);
      if (present === undefined) return false;
      if (expected !== undefined && present.revision !== expected) throw new StoreConflict(key, present);
      revision += 1;
      apply('delete', present, present);
      return true;
    },
    follow: (prefix, afterRevision, signal) =>
      changesAfter({ changes, waiting, forgotten: () => forgotten }, prefix, afterRevision, signal),
  };
}

interface History {
  readonly changes: readonly DocumentChange[];
  readonly waiting: Set<() => void>;
  /** Changes after this revision are kept. */
  forgotten(): number;
}

/** @throws RevisionTooOld also when what comes next is forgotten before it was told. */
async function* changesAfter(
  history: History,
  prefix: string,
  afterRevision: number,
  signal: AbortSignal,
): AsyncGenerator<DocumentChange> {
  let seen = afterRevision;
  const { changes, waiting } = history;
  while (!signal.aborted) {
    if (seen < history.forgotten()) throw new RevisionTooOld(seen, history.forgotten());
    const next = changes.find((change) => change.revision > seen);
    if (next === undefined) {
      await nextChange(waiting, signal);
      continue;
    }
    seen = next.revision;
    if (next.document.key.startsWith(prefix)) yield next;
  }
}

const isExpected = (present: Document | undefined, expected: Expected): boolean =>
  expected === 'any' || (expected === 'absent' ? present === undefined : present?.revision === expected);

/** Resolves when something changed, or when the signal ended the wait. */
function nextChange(waiting: Set<() => void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      waiting.delete(wake);
      signal.removeEventListener('abort', wake);
      resolve();
    };
    waiting.add(wake);
    signal.addEventListener('abort', wake);
    if (signal.aborted) wake();
  });
}
