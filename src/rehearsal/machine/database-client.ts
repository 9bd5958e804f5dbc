import { StoreConflict, StoreUnavailable } from '../replica.ts';
import type { Document, DocumentStore, Expected } from '../replica.ts';

/** A call of the database from a node where no member runs. */
export type DatabaseCall =
  | { readonly method: 'get'; readonly key: string }
  | { readonly method: 'list'; readonly key: string }
  | {
      readonly method: 'put';
      readonly key: string;
      readonly value: Readonly<Record<string, unknown>>;
      readonly expected: Expected;
    }
  | { readonly method: 'delete'; readonly key: string; readonly expected?: number };

interface Asked {
  readonly id: number;
  readonly call: DatabaseCall;
}

interface Answered {
  readonly id: number;
  readonly value?: unknown;
  readonly conflict?: { readonly present?: Document };
  readonly unavailable?: { readonly says: string; readonly definite: boolean };
}

export interface DatabaseClientOptions {
  /** Where members run, in the order in which they are asked. */
  readonly nodes: readonly string[];
  readonly limitMs: number;
  local(): DocumentStore | undefined;
  send(node: string, channel: 'database-call' | 'database-answer', body: unknown): void;
  nowMs(): number;
}

/** How long a member may take to answer a read before the next one is asked. */
const READ_PATIENCE_MS = 500;
/** A member that answered this recently is given a write without asking first whether it is there. */
const TRUSTED_MS = 1000;

/** The database as a pod uses it: the member of its own node, or else any other that answers. */
export class DatabaseClient implements DocumentStore {
  readonly #options: DatabaseClientOptions;
  readonly #waiting = new Map<number, (answer: Answered) => void>();
  #nextId = 1;
  #good: { readonly node: string; readonly atMs: number } | undefined;

  constructor(options: DatabaseClientOptions) {
    this.#options = options;
  }

  get(key: string): Promise<Document | undefined> {
    const local = this.#options.local();
    if (local !== undefined) return local.get(key);
    // What is not there comes back as null.
    return this.#read({ method: 'get', key }).then((value) => (value as Document | null) ?? undefined);
  }

  list(prefix: string): Promise<{ readonly documents: readonly Document[]; readonly revision: number }> {
    const local = this.#options.local();
    if (local !== undefined) return local.list(prefix);
    return this.#read({ method: 'list', key: prefix }) as Promise<{
      documents: Document[];
      revision: number;
    }>;
  }

  put(key: string, value: Readonly<Record<string, unknown>>, expected: Expected): Promise<Document> {
    const local = this.#options.local();
    if (local !== undefined) return local.put(key, value, expected);
    return this.#write({ method: 'put', key, value, expected }) as Promise<Document>;
  }

  delete(key: string, expected?: number): Promise<boolean> {
    const local = this.#options.local();
    if (local !== undefined) return local.delete(key, expected);
    const call: DatabaseCall = { method: 'delete', key, ...(expected === undefined ? {} : { expected }) };
    return this.#write(call) as Promise<boolean>;
  }

  /** An answer from another node. */
  answered(body: unknown): void {
    const answer = body as Answered;
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    waiting?.(answer);
  }

  /** A call from another node: served by the member of this one, if it runs. */
  async called(from: string, body: unknown): Promise<void> {
    const { id, call } = body as Asked;
    this.#options.send(from, 'database-answer', await this.#serve(id, call));
  }

  async #serve(id: number, call: DatabaseCall): Promise<Answered> {
    const local = this.#options.local();
    if (local === undefined) return { id, unavailable: { says: 'No member runs there.', definite: true } };
    try {
      if (call.method === 'get') return { id, value: (await local.get(call.key)) ?? null };
      if (call.method === 'list') return { id, value: await local.list(call.key) };
      if (call.method === 'put') return { id, value: await local.put(call.key, call.value, call.expected) };
      return { id, value: await local.delete(call.key, call.expected) };
    } catch (error) {
      if (error instanceof StoreConflict) {
        const { present } = error;
        return { id, conflict: present === undefined ? {} : { present } };
      }
      const definite = error instanceof StoreUnavailable && error.definite;
      return { id, unavailable: { says: (error as Error).message, definite } };
    }
  }

  async #read(call: DatabaseCall): Promise<unknown> {
    const endMs = this.#options.nowMs() + this.#options.limitMs;
    for (let turn = 0; this.#options.nowMs() < endMs; turn++) {
      const nodes = this.#order();
      const node = nodes[turn % nodes.length] ?? '';
      try {
        return await this.#ask(node, call, Math.min(READ_PATIENCE_MS, endMs - this.#options.nowMs()));
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error;
        if (this.#good?.node === node) this.#good = undefined;
        // A refusal comes at once; asking without end would keep everybody busy.
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
    throw new StoreUnavailable('No member of the database answers.', true);
  }

  async #write(call: DatabaseCall): Promise<unknown> {
    const good = this.#good;
    if (good === undefined || this.#options.nowMs() - good.atMs > TRUSTED_MS)
      await this.#read({ method: 'get', key: 'openstack/health' });
    return this.#ask(this.#good?.node ?? this.#order()[0] ?? '', call, this.#options.limitMs);
  }

  #order(): readonly string[] {
    const first = this.#good?.node;
    const { nodes } = this.#options;
    return first === undefined ? nodes : [first, ...nodes.filter((node) => node !== first)];
  }

  #ask(node: string, call: DatabaseCall, patienceMs: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      const limit = setTimeout(
        () => {
          this.#waiting.delete(id);
          const definite = call.method === 'get' || call.method === 'list';
          reject(new StoreUnavailable(`The database on ${node} did not answer in time.`, definite));
        },
        Math.max(1, patienceMs),
      );
      this.#waiting.set(id, ({ value, conflict, unavailable }) => {
        clearTimeout(limit);
        if (unavailable !== undefined)
          return reject(new StoreUnavailable(unavailable.says, unavailable.definite));
        this.#good = { node, atMs: this.#options.nowMs() };
        if (conflict !== undefined) return reject(new StoreConflict(call.key, conflict.present));
        resolve(value);
      });
      const asked: Asked = { id, call };
      this.#options.send(node, 'database-call', asked);
    });
  }
}
