import { request as ask, type IncomingMessage, type ServerResponse } from 'node:http';
import { bytesOf, LoopbackServer, placeIn, send } from './loopback-server.ts';
import { dropField, type Mutation } from './mutation.ts';

/** One request of a case and its answer, as they were before any mutation. */
export interface Exchange {
  readonly method: string;
  /** What was asked, with names and ids of this run replaced. */
  readonly template: string;
  readonly status: number;
  /** Parsed; undefined when it is no JSON. */
  readonly body: unknown;
}

interface State {
  readonly status: number;
  readonly body: unknown;
}

const LOCAL = /^(127\.\d+\.\d+\.\d+|localhost)$/;

/**
 * Stands in front of all APIs of a lab on loopback: `/<host>_<port>/path` goes to that host and port, and URLs in answers (the
 * catalogue, links) are rewritten so that clients keep coming through here. Records what passes, and spoils what it is told to.
 */
export class MutatingProxy extends LoopbackServer {
  readonly exchanges: Exchange[] = [];
  mutation: Mutation | undefined;
  readonly #states = new Map<string, State[]>();
  #wrote = false;

  /** The text with every URL on loopback leading through this proxy. */
  rewritten(text: string): string {
    return this.leadingHere(text, ({ scheme, host }) => scheme === 'http' && LOCAL.test(host));
  }

  protected override async answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { host, port, path } = placeIn(incoming);
    const { method = 'GET' } = incoming;
    const upstream = await new Promise<IncomingMessage>((resolve, reject) => {
      const headers = { ...incoming.headers, host: `${host}:${port}` };
      incoming.pipe(ask({ host, port, path, method, headers }, resolve).on('error', reject));
    });
    if (/[?&]watch=(true|1)/.test(path)) {
      outgoing.writeHead(upstream.statusCode ?? 502, upstream.headers);
      outgoing.on('close', () => upstream.destroy());
      upstream.on('error', () => outgoing.destroy());
      upstream.pipe(outgoing);
      return;
    }
    const bytes = await bytesOf(upstream);
    const text = bytes.toString('utf8');
    const isJson = /json/.test(upstream.headers['content-type'] ?? '') && text !== '';
    const body = isJson ? (JSON.parse(text) as unknown) : undefined;
    const present: State = { status: upstream.statusCode ?? 502, body };
    const template = templateOf(path);
    this.exchanges.push({ method, template, ...present });
    const given = this.#mutated(method, path, template, present);
    this.#remember(method, path, present);
    const sent =
      given === present && !isJson
        ? bytes
        : Buffer.from(given.body === undefined ? text : this.rewritten(JSON.stringify(given.body)));
    const type = given.body === undefined || isJson ? {} : { 'content-type': 'application/json' };
    send(outgoing, given.status, { ...upstream.headers, ...type }, sent);
  }

  #mutated(method: string, path: string, template: string, present: State): State {
    const { mutation } = this;
    if (mutation === undefined || mutation.method !== method || mutation.template !== template)
      return present;
    if (mutation.kind === 'status')
      return present.status === mutation.from ? { ...present, status: mutation.status } : present;
    if (mutation.kind === 'drop') return { ...present, body: dropField(present.body, mutation.field) };
    return this.#wrote ? this.#stale(path, present) : present;
  }

  /** What a replica would say that has not heard of the last writes. */
  #stale(path: string, present: State): State {
    const oldest = this.#states
      .get(plain(path))
      ?.find(({ body }) => JSON.stringify(body) !== JSON.stringify(present.body));
    if (oldest !== undefined) return { status: 200, body: oldest.body };
    const list = listIn(present.body);
    if (list !== undefined)
      return { status: present.status, body: { ...(present.body as object), [list]: [] } };
    return {
      status: 404,
      body: { kind: 'Status', status: 'Failure', reason: 'NotFound', code: 404, message: 'stale' },
    };
  }

  #remember(method: string, path: string, state: State): void {
    if (state.status >= 300 || state.body === undefined) {
      if (method === 'DELETE' && state.status < 300) this.#wrote = true;
      return;
    }
    if (method !== 'GET' && !path.includes('/auth/tokens')) this.#wrote = true;
    const name = method === 'POST' ? createdName(state.body) : undefined;
    const key = name === undefined ? plain(path) : `${plain(path)}/${name}`;
    if (method === 'DELETE' || listIn(state.body) !== undefined) return;
    this.#states.set(key, [...(this.#states.get(key) ?? []), state]);
  }
}

const plain = (path: string): string => path.replace(/\?.*$/, '');

/** The key under which a list answer has its rows. */
function listIn(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const lists = Object.entries(body).filter(
    ([key, value]) => Array.isArray(value) && !key.endsWith('_links'),
  );
  const { kind } = body as { kind?: unknown };
  if ('id' in body || (typeof kind === 'string' && !kind.endsWith('List'))) return undefined;
  return lists[0]?.[0];
}

function createdName(body: unknown): string | undefined {
  const object = body as { metadata?: { name?: string }; id?: string };
  if (object.metadata?.name !== undefined) return object.metadata.name;
  if (object.id !== undefined) return object.id;
  const [inner] = Object.values(object) as { id?: string; name?: string }[];
  return inner?.id ?? inner?.name;
}

/** The path without what differs from run to run: names of ours, ids, pages. */
export function templateOf(path: string): string {
  return decodeURIComponent(path)
    .replace(/sq-[a-z0-9-]+/g, '{name}')
    .replace(/\bsq[a-z0-9]{6,}/g, '{kind}')
    .replace(/\b10\.\d+\.\d+\.\d+\b/g, '{address}')
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32}/g, '{id}')
    .replace(/continue=[^&]+/, 'continue={page}')
    .replace(/\b(control|compute)-\d\b/g, '{node}');
}
