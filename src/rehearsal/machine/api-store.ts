import { createInterface } from 'node:readline';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { StoreConflict, StoreUnavailable } from '../replica.ts';
import type { Document, DocumentChange, Expected, ReplicaListener } from '../replica.ts';
import { RevisionTooOld } from '../watched-store.ts';
import type { WatchedStore } from '../watched-store.ts';
import type { ApiClient } from './api-client.ts';

/** Where the kube-apiserver of the model serves its store to kubelets and controllers; only they know the token for it. */
const CALL_PATH = '/-/store/call';
const FOLLOW_PATH = '/-/store/follow';
/** An idle watch says so this often, as HTTP/2 would ping. */
const PING_MS = 500;

interface Call {
  readonly method: 'get' | 'list' | 'put' | 'delete';
  readonly key: string;
  readonly value?: Readonly<Record<string, unknown>>;
  readonly expected?: Expected;
}

type Outcome =
  | { readonly value: unknown }
  | { readonly conflict: Document | null }
  | { readonly unavailable: string; readonly definite: boolean };

/** The store of the API server, as programs on nodes reach it: over the connection to the API, with all that can happen to it. */
export class ApiStore implements WatchedStore {
  readonly #client: ApiClient;
  #revision = 0;

  constructor(client: ApiClient) {
    this.#client = client;
  }

  /** The latest that was seen from here. */
  revision(): number {
    return this.#revision;
  }

  async get(key: string): Promise<Document | undefined> {
    return ((await this.#call({ method: 'get', key })) as Document | null) ?? undefined;
  }

  async list(
    prefix: string,
  ): Promise<{ readonly documents: readonly Document[]; readonly revision: number }> {
    const listed = (await this.#call({ method: 'list', key: prefix })) as {
      documents: Document[];
      revision: number;
    };
    this.#revision = Math.max(this.#revision, listed.revision);
    return listed;
  }

  async put(key: string, value: Readonly<Record<string, unknown>>, expected: Expected): Promise<Document> {
    return (await this.#call({ method: 'put', key, value, expected })) as Document;
  }

  async delete(key: string, expected?: number): Promise<boolean> {
    return (await this.#call({
      method: 'delete',
      key,
      ...(expected === undefined ? {} : { expected }),
    })) as boolean;
  }

  /** @throws StoreUnavailable too, when the connection breaks or stays silent: then follow anew. */
  async *follow(prefix: string, afterRevision: number, signal: AbortSignal): AsyncGenerator<DocumentChange> {
    const path = `${FOLLOW_PATH}?prefix=${encodeURIComponent(prefix)}&after=${afterRevision}`;
    try {
      const response = await this.#client.open({ method: 'GET', path }, signal);
      for await (const line of createInterface({ input: response, crlfDelay: Infinity })) {
        if (line === '') continue;
        const told = JSON.parse(line) as { change: DocumentChange } | { oldest: number };
        if ('oldest' in told) throw new RevisionTooOld(afterRevision, told.oldest);
        this.#revision = Math.max(this.#revision, told.change.revision);
        yield told.change;
      }
    } catch (error) {
      if (signal.aborted) return;
      throw error instanceof RevisionTooOld ? error : new StoreUnavailable((error as Error).message, true);
    }
    if (!signal.aborted) throw new StoreUnavailable('The Kubernetes API ended the watch.', true);
  }

  async #call(call: Call): Promise<unknown> {
    const writes = call.method === 'put' || call.method === 'delete';
    const answer = await this.#client
      .ask({ method: 'POST', path: CALL_PATH, body: call })
      .catch((error: unknown) => {
        throw new StoreUnavailable((error as Error).message, !writes);
      });
    if (answer.status !== 200 || answer.body === undefined)
      throw new StoreUnavailable(`The Kubernetes API answered ${answer.status}.`, !writes);
    const outcome = answer.body as Outcome;
    if ('conflict' in outcome) throw new StoreConflict(call.key, outcome.conflict ?? undefined);
    if ('unavailable' in outcome) throw new StoreUnavailable(outcome.unavailable, outcome.definite);
    return outcome.value;
  }
}

/** Serves the store to those who have the token, and everything else with `api`. */
export function serveStore(store: WatchedStore, token: string, api: ReplicaListener): ReplicaListener {
  return (request, response) => {
    const url = request.url ?? '';
    if (!url.startsWith('/-/store/')) return api(request, response);
    if (request.headers.authorization !== `Bearer ${token}`) return void response.writeHead(403).end();
    const served =
      url === CALL_PATH ? serveCall(store, request, response) : serveFollow(store, url, response);
    served.catch(() => response.destroy());
  };
}

async function serveCall(
  store: WatchedStore,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  let text = '';
  for await (const part of request as AsyncIterable<Buffer>) text += part.toString();
  const answer = Buffer.from(JSON.stringify(await outcomeOf(store, JSON.parse(text) as Call)));
  response
    .writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length })
    .end(answer);
}

async function outcomeOf(store: WatchedStore, { method, key, value, expected }: Call): Promise<Outcome> {
  try {
    if (method === 'get') return { value: (await store.get(key)) ?? null };
    if (method === 'list') return { value: await store.list(key) };
    if (method === 'put') return { value: await store.put(key, value ?? {}, expected ?? 'any') };
    return { value: await store.delete(key, typeof expected === 'number' ? expected : undefined) };
  } catch (error) {
    if (error instanceof StoreConflict) return { conflict: error.present ?? null };
    if (error instanceof StoreUnavailable) return { unavailable: error.message, definite: error.definite };
    throw error;
  }
}

async function serveFollow(store: WatchedStore, url: string, response: ServerResponse): Promise<void> {
  const query = new URL(url, 'http://kubernetes').searchParams;
  const gone = new AbortController();
  response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  response.flushHeaders();
  const ping = setInterval(() => response.write('\n'), PING_MS);
  response.once('close', () => {
    clearInterval(ping);
    gone.abort();
  });
  try {
    for await (const change of store.follow(
      query.get('prefix') ?? '',
      Number(query.get('after')),
      gone.signal,
    ))
      response.write(`${JSON.stringify({ change })}\n`);
  } catch (error) {
    if (!(error instanceof RevisionTooOld)) throw error;
    response.write(`${JSON.stringify({ oldest: error.oldest })}\n`);
  }
  response.end();
}
