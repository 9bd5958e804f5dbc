import { StoreUnavailable } from '../replica.ts';
import type { Document, DocumentChange, Expected } from '../replica.ts';
import type { WatchedStore } from '../watched-store.ts';

const STOPPED = 'The store does not answer: its member on this node is stopped.';

/** The member of this node, as those see it who have no other: while it is stopped, nothing answers. */
export class LocalStore implements WatchedStore {
  #member: WatchedStore | undefined;
  #stopped = new AbortController();

  set(member: WatchedStore | undefined): void {
    if (member === undefined) this.#stopped.abort();
    else this.#stopped = new AbortController();
    this.#member = member;
  }

  revision(): number {
    return this.#member?.revision() ?? 0;
  }

  async *follow(prefix: string, afterRevision: number, signal: AbortSignal): AsyncGenerator<DocumentChange> {
    const stopped = this.#stopped.signal;
    yield* this.#present().follow(prefix, afterRevision, AbortSignal.any([signal, stopped]));
    if (!signal.aborted) throw new StoreUnavailable(STOPPED, true);
  }

  async get(key: string): Promise<Document | undefined> {
    return this.#present().get(key);
  }

  async list(
    prefix: string,
  ): Promise<{ readonly documents: readonly Document[]; readonly revision: number }> {
    return this.#present().list(prefix);
  }

  async put(key: string, value: Readonly<Record<string, unknown>>, expected: Expected): Promise<Document> {
    return this.#present().put(key, value, expected);
  }

  async delete(key: string, expected?: number): Promise<boolean> {
    return this.#present().delete(key, expected);
  }

  #present(): WatchedStore {
    if (this.#member === undefined) throw new StoreUnavailable(STOPPED, true);
    return this.#member;
  }
}
