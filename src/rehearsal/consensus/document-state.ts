import type { Document, DocumentChange, Expected } from '../replica.ts';
import { RevisionTooOld } from '../watched-store.ts';

/** One entry of the replicated log; `none` is what a new leader writes to learn what is committed. */
export type Operation =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'put';
      readonly key: string;
      readonly value: Readonly<Record<string, unknown>>;
      readonly expected: Expected;
    }
  | { readonly kind: 'delete'; readonly key: string; readonly expected?: number };

/** What an operation did, the same on every member. */
export type Outcome =
  | { readonly kind: 'done'; readonly document?: Document }
  | { readonly kind: 'conflict'; readonly present?: Document };

export interface DocumentImage {
  readonly revision: number;
  readonly documents: readonly Document[];
}

/** Changes that are kept for whoever follows; one that fell behind further lists anew. */
const KEPT_CHANGES = 5000;

/** The documents that the log makes, applied in its order, and the latest changes. */
export class DocumentState {
  #documents = new Map<string, Document>();
  #revision = 0;
  #history: DocumentChange[] = [];
  #oldest = 0;
  readonly #followers = new Set<() => void>();

  get revision(): number {
    return this.#revision;
  }

  get(key: string): Document | undefined {
    return this.#documents.get(key);
  }

  list(prefix: string): readonly Document[] {
    const found: Document[] = [];
    for (const [key, document] of this.#documents) if (key.startsWith(prefix)) found.push(document);
    return found.sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  apply(operation: Operation): Outcome {
    if (operation.kind === 'none') return { kind: 'done' };
    const { key } = operation;
    const before = this.#documents.get(key);
    const expected = operation.expected ?? 'any';
    const fits =
      expected === 'any' || (expected === 'absent' ? before === undefined : before?.revision === expected);
    if (!fits) return { kind: 'conflict', ...(before === undefined ? {} : { present: before }) };
    if (operation.kind === 'delete') {
      if (before === undefined) return { kind: 'done' };
      this.#revision += 1;
      this.#documents.delete(key);
      this.#remember({ kind: 'delete', revision: this.#revision, document: before, before });
      return { kind: 'done', document: before };
    }
    this.#revision += 1;
    const revision = this.#revision;
    const document: Document = {
      key,
      value: operation.value,
      revision,
      created: before?.created ?? revision,
    };
    this.#documents.set(key, document);
    this.#remember({ kind: 'put', revision, document, ...(before === undefined ? {} : { before }) });
    return { kind: 'done', document };
  }

  image(): DocumentImage {
    return { revision: this.#revision, documents: [...this.#documents.values()] };
  }

  /** Whoever follows is told that the history broke off. */
  restore(image: DocumentImage): void {
    this.#documents = new Map(image.documents.map((document) => [document.key, document]));
    this.#revision = image.revision;
    this.#history = [];
    this.#oldest = image.revision;
    this.#wake();
  }

  async *follow(prefix: string, after: number, signal: AbortSignal): AsyncGenerator<DocumentChange> {
    let seen = after;
    while (!signal.aborted) {
      if (seen < this.#oldest) throw new RevisionTooOld(seen, this.#oldest);
      const news = this.#after(seen);
      for (const change of news) {
        seen = change.revision;
        if (!change.document.key.startsWith(prefix)) continue;
        yield change;
        if (signal.aborted) return;
      }
      // More may have been applied while the follower worked.
      if (this.#revision > seen) continue;
      await this.#nextChange(signal);
    }
  }

  /** Every revision is one change, so its place in the history is a matter of counting. */
  #after(revision: number): readonly DocumentChange[] {
    return this.#history.slice(Math.max(0, revision - this.#oldest));
  }

  #nextChange(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#followers.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#followers.add(done);
      signal.addEventListener('abort', done, { once: true });
      if (signal.aborted) done();
    });
  }

  #remember(change: DocumentChange): void {
    this.#history.push(change);
    if (this.#history.length > KEPT_CHANGES * 1.2) {
      this.#history = this.#history.slice(-KEPT_CHANGES);
      this.#oldest = (this.#history[0]?.revision ?? this.#revision + 1) - 1;
    }
    this.#wake();
  }

  #wake(): void {
    for (const follower of [...this.#followers]) follower();
  }
}
