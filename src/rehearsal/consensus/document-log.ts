import { EventEmitter, once } from 'node:events';
import type { Document, DocumentChange, Expected } from '../replica.ts';
import { RevisionTooOld } from '../watched-store.ts';
import type { MemberDisk, Pending, Place } from './member-disk.ts';

export type Operation = { readonly key: string; readonly expected: Expected } & (
  { readonly kind: 'put'; readonly value: Document['value'] } | { readonly kind: 'delete' }
);

/** The document that was put or taken away, or the one that was there against it. */
export type Outcome = { readonly conflict: boolean; readonly document?: Document | undefined };

/** Changes that are kept for those who follow, and lines on the disk after which all documents are written anew. */
const KEPT_CHANGES = 5000;
const FOLD_AFTER = 2000;

/** What one member must not forget: term and vote, the documents, and the change that may still come to nothing. */
export class DocumentLog {
  readonly #disk: MemberDisk;
  readonly #news = new EventEmitter().setMaxListeners(0);
  #documents = new Map<string, Document>();
  #history: DocumentChange[] = [];
  #lines = 0;
  term = 0;
  vote: string | undefined;
  /** The last committed change, and the term in which it was. */
  applied: Place = { term: 0, revision: 0 };
  pending: Pending | undefined;

  constructor(disk: MemberDisk) {
    this.#disk = disk;
    for (const line of disk.read()) {
      if ('documents' in line) this.#take(line.place, line.documents);
      else if ('term' in line) [this.term, this.vote] = [line.term, line.vote];
      else {
        // A change comes only after all before it are committed.
        if (line.pending.change.revision > this.last.revision) this.commit();
        this.pending = line.pending;
      }
    }
  }

  /** What it has, committed or not: who has less must not lead. */
  get last(): Place {
    const { pending } = this;
    return pending === undefined ? this.applied : { term: pending.term, revision: pending.change.revision };
  }

  get documents(): readonly Document[] {
    return [...this.#documents.values()];
  }

  get(key: string): Document | undefined {
    return this.#documents.get(key);
  }

  list(prefix: string): { readonly documents: readonly Document[]; readonly revision: number } {
    const documents = this.documents.filter(({ key }) => key.startsWith(prefix));
    return { documents: documents.sort((a, b) => (a.key < b.key ? -1 : 1)), revision: this.applied.revision };
  }

  /** What an operation would do next. */
  resultOf(operation: Operation): { readonly change?: DocumentChange; readonly outcome: Outcome } {
    const { kind, key, expected } = operation;
    const before = this.get(key);
    if (kind === 'delete' && before === undefined) return { outcome: { conflict: false } };
    if (expected !== 'any' && before?.revision !== (expected === 'absent' ? undefined : expected))
      return { outcome: { conflict: true, document: before } };
    const revision = this.applied.revision + 1;
    const created = before?.created ?? revision;
    const put = operation.kind === 'put' ? { key, value: operation.value, revision, created } : before;
    const document = put as Document;
    const change = { kind, revision, document, ...(before === undefined ? {} : { before }) };
    return { change, outcome: { conflict: false, document } };
  }

  enterTerm(term: number, vote?: string): void {
    [this.term, this.vote] = [term, vote];
    this.#write(vote === undefined ? { term } : { term, vote });
  }

  /** Takes the place of another pending one, which nobody acknowledged. */
  accept(pending: Pending): void {
    this.pending = pending;
    this.#write({ pending });
  }

  commit(): void {
    if (this.pending === undefined) return;
    const { kind, document } = this.pending.change;
    if (kind === 'delete') this.#documents.delete(document.key);
    else this.#documents.set(document.key, document);
    this.#history.push(this.pending.change);
    if (this.#history.length > KEPT_CHANGES * 1.2) this.#history = this.#history.slice(-KEPT_CHANGES);
    this.applied = this.last;
    this.pending = undefined;
    this.tell();
  }

  /** Those who follow are told that the history broke off. */
  restore(place: Place, documents: readonly Document[]): void {
    if (place.revision <= this.applied.revision) return;
    this.#take(place, documents);
    this.#fold();
    this.tell();
  }

  forgetHistory(): void {
    this.#history = [];
  }

  /** Lets all who wait look again. */
  tell(): void {
    this.#news.emit('news');
  }

  /** Resolves when it holds; rejects with the signal. */
  async until(holds: () => boolean, signal?: AbortSignal): Promise<void> {
    while (!holds()) await once(this.#news, 'news', signal === undefined ? {} : { signal });
  }

  /** @throws RevisionTooOld as `WatchedStore.follow` does. */
  async *follow(prefix: string, after: number, signal: AbortSignal): AsyncGenerator<DocumentChange> {
    for (let seen = after; !signal.aborted;) {
      // Every revision is one change, so its place in the history is a matter of counting.
      const oldest = this.applied.revision - this.#history.length;
      if (seen < oldest) throw new RevisionTooOld(seen, oldest);
      const change = this.#history[seen - oldest];
      if (change === undefined) {
        await this.until(() => this.applied.revision > seen, signal).catch(() => undefined);
        continue;
      }
      seen = change.revision;
      if (change.document.key.startsWith(prefix)) yield change;
    }
  }

  #take(place: Place, documents: readonly Document[]): void {
    this.#documents = new Map(documents.map((document) => [document.key, document]));
    this.#history = [];
    this.applied = place;
    this.pending = undefined;
  }

  #write(line: Parameters<MemberDisk['add']>[0]): void {
    this.#disk.add(line);
    if (++this.#lines > FOLD_AFTER) this.#fold();
  }

  #fold(): void {
    const { term, vote, pending, applied: place, documents } = this;
    const lines = [{ place, documents }, vote === undefined ? { term } : { term, vote }];
    this.#disk.replace(pending === undefined ? lines : [...lines, { pending }]);
    this.#lines = 0;
  }
}
