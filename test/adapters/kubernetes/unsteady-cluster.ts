import type { ServerResponse } from 'node:http';
import type { KubernetesObject } from '../../../src/ports/kubernetes.ts';
import { eventLine, json, startApiServer, status, type ApiServer } from './api-server.ts';

interface Revision {
  readonly number: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: KubernetesObject;
  readonly atNs: number;
}

interface Watching {
  readonly response: ServerResponse;
  sent: number;
}

/** Numbers as drawn beforehand, again from the beginning when they are used up: a run can be repeated. */
export type Draw = (below: number) => number;

/**
 * One history of one collection, served by several real HTTP servers that lag, cut connections in the middle of a line, say
 * things twice, forget (410) and refuse. What is true is in `truth()` and `history` at any time.
 */
export class UnsteadyCluster {
  readonly history: Revision[] = [];
  readonly servers: ApiServer[] = [];
  /** While set, servers misbehave. */
  unsteady = true;
  readonly #objects = new Map<string, KubernetesObject>();
  readonly #watching: Set<Watching>[] = [];
  readonly #draw: Draw;
  readonly #nowNs: () => number;
  #compactedBelow = 0;

  private constructor(draw: Draw, nowNs: () => number) {
    this.#draw = draw;
    this.#nowNs = nowNs;
  }

  static async start(servers: number, draw: Draw, nowNs: () => number): Promise<UnsteadyCluster> {
    const cluster = new UnsteadyCluster(draw, nowNs);
    for (let n = 0; n < servers; n++) {
      const server = await startApiServer();
      cluster.servers.push(server);
      const watching = new Set<Watching>();
      cluster.#watching.push(watching);
      server.answer((_request, response, url) => cluster.#answer(watching, response, url.searchParams));
    }
    return cluster;
  }

  truth(): Readonly<Record<string, string>> {
    return Object.fromEntries(
      [...this.#objects].map(([name, { metadata }]) => [name, metadata.resourceVersion ?? '']),
    );
  }

  /** Creates, changes or deletes one of a few objects. */
  write(): void {
    const name = `o${this.#draw(4)}`;
    const number = this.history.length + 1;
    const there = this.#objects.has(name);
    const type = !there ? 'ADDED' : this.#draw(3) === 0 ? 'DELETED' : 'MODIFIED';
    const object = { metadata: { name, resourceVersion: String(number) } };
    if (type === 'DELETED') this.#objects.delete(name);
    else this.#objects.set(name, object);
    this.history.push({ number, type, object, atNs: this.#nowNs() });
    for (const [n] of this.servers.entries()) if (!this.unsteady || this.#draw(4) > 0) this.#deliver(n);
  }

  /** One server does something that it should not. */
  misbehave(): void {
    const n = this.#draw(this.servers.length);
    const watching = this.#watching[n] ?? new Set();
    const act = this.#draw(5);
    if (act === 0) this.servers[n]?.dropAll();
    else if (act === 1) for (const { response } of watching) response.end('{"type":"MODI');
    else if (act === 2) for (const each of watching) each.sent = Math.max(0, each.sent - 1 - this.#draw(3));
    else if (act === 3) {
      this.#compactedBelow = this.history.length;
      for (const { response } of watching) response.end(eventLine('ERROR', status(410, 'too old')));
    } else for (const { response } of watching) response.end();
    this.#deliver(n);
  }

  /** Every server says what it has not said yet: a lag that nobody could notice does not last. */
  catchUp(): void {
    for (const [n] of this.servers.entries()) this.#deliver(n);
  }

  /** From here on every server says all that is true. */
  calm(): void {
    this.unsteady = false;
    this.catchUp();
  }

  async close(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.close()));
  }

  #answer(watching: Set<Watching>, response: ServerResponse, query: URLSearchParams): void {
    if (this.unsteady && this.#draw(8) === 0) return json(response, 503, status(503, 'not now'));
    if (!query.has('watch')) {
      const items = [...this.#objects.values()];
      return json(response, 200, { metadata: { resourceVersion: String(this.history.length) }, items });
    }
    const from = Number(query.get('resourceVersion'));
    if (from < this.#compactedBelow) return json(response, 410, status(410, 'too old'));
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    const mine = { response, sent: from };
    watching.add(mine);
    response.on('close', () => watching.delete(mine));
    this.#deliver(this.#watching.indexOf(watching));
  }

  #deliver(n: number): void {
    for (const each of this.#watching[n] ?? []) {
      if (each.response.writableEnded) continue;
      for (const { type, object } of this.history.slice(each.sent))
        each.response.write(eventLine(type, object));
      each.sent = this.history.length;
    }
  }
}
