import { FRONTS, FRONT_NAMES } from '../lab-layout.ts';
import type { Front } from '../lab-layout.ts';
import type { WireStream } from '../links/wire-stream.ts';
import { timer } from '../timers.ts';
import { checkHealth } from './health-check.ts';
import { pipeBoth } from './pipe.ts';

export interface LoadBalancerOptions {
  /** The nodes whose replicas stand behind every front. */
  readonly nodes: readonly string[];
  connect(node: string, name: string, port: number): WireStream;
  /** Called with the nodes that are in use, whenever that changes. */
  onChange(front: Front, nodes: readonly string[]): void;
}

interface Backend {
  readonly node: string;
  healthy: boolean;
  /** Checks in a row that say otherwise than `healthy`. */
  against: number;
  /** Clients that are connected to it. */
  readonly clients: Set<WireStream>;
}

const NO_BACKEND =
  'HTTP/1.0 503 Service Unavailable\r\nCache-Control: no-cache\r\nConnection: close\r\nContent-Type: text/html\r\n\r\n' +
  '<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n</body></html>\n';

export const backendName = (front: Front): string => `backend/${front}`;

/** What stands behind the address on one control node: asks its backends after their health, and hands connections on. */
export class LoadBalancer {
  readonly #options: LoadBalancerOptions;
  readonly #backends = new Map<Front, readonly Backend[]>();
  readonly #turns = new Map<Front, number>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #stopped = false;

  constructor(options: LoadBalancerOptions) {
    this.#options = options;
    let place = 0;
    for (const front of FRONT_NAMES) {
      const backends = options.nodes.map((node): Backend => ({
        node,
        healthy: true,
        against: 0,
        clients: new Set(),
      }));
      this.#backends.set(front, backends);
      options.onChange(front, options.nodes);
      // Spread over the interval, so that checks do not all fall on one moment.
      for (const backend of backends)
        this.#checkAfter(front, backend, (place++ * timer('haproxy.check-interval')) / 21);
    }
  }

  stop(): void {
    this.#stopped = true;
    for (const each of this.#timers) clearTimeout(each);
  }

  /** Takes a connection of a client. */
  serve(front: Front, client: WireStream): void {
    const early: Buffer[] = [];
    const keep = (chunk: Buffer): void => void early.push(chunk);
    client.on('data', keep);
    const attempt = (tried: readonly string[]): void => {
      if (client.destroyed) return;
      const backend = this.#next(front, tried);
      if (backend === undefined) return this.#refuse(front, client);
      const { node, clients } = backend;
      const stream = this.#options.connect(node, backendName(front), FRONTS[front]);
      let over = false;
      const giveUp = (): void => {
        if (over) return;
        over = true;
        clearTimeout(limit);
        stream.destroy();
        attempt([...tried, node]);
      };
      const limit = setTimeout(giveUp, timer('haproxy.connect-timeout'));
      stream.once('close', giveUp);
      stream.once('connect', () => {
        if (over) return;
        over = true;
        clearTimeout(limit);
        stream.off('close', giveUp);
        if (client.destroyed) return void stream.destroy();
        client.off('data', keep);
        for (const chunk of early) stream.write(chunk);
        clients.add(client);
        client.once('close', () => clients.delete(client));
        pipeBoth(client, stream);
      });
    };
    attempt([]);
  }

  #refuse(front: Front, client: WireStream): void {
    // The Kubernetes API is handed on as TCP, the others as HTTP.
    if (front === 'kubernetes') client.reset();
    else client.end(NO_BACKEND);
  }

  #next(front: Front, tried: readonly string[]): Backend | undefined {
    const usable = (this.#backends.get(front) ?? []).filter(
      ({ healthy, node }) => healthy && !tried.includes(node),
    );
    const turn = this.#turns.get(front) ?? 0;
    this.#turns.set(front, turn + 1);
    return usable[turn % usable.length];
  }

  #checkAfter(front: Front, backend: Backend, ms: number): void {
    if (this.#stopped) return;
    const each = setTimeout(() => {
      this.#timers.delete(each);
      void this.#check(front, backend);
    }, ms);
    this.#timers.add(each);
  }

  async #check(front: Front, backend: Backend): Promise<void> {
    const path = front === 'kubernetes' ? '/readyz' : '/healthcheck';
    const stream = this.#options.connect(backend.node, backendName(front), FRONTS[front]);
    const healthy = await checkHealth(stream, path, timer('haproxy.check-timeout'));
    backend.against = healthy === backend.healthy ? 0 : backend.against + 1;
    const needed = timer(healthy ? 'haproxy.check-rise' : 'haproxy.check-fall');
    if (backend.against >= needed) {
      backend.healthy = healthy;
      backend.against = 0;
      // As `on-marked-down shutdown-sessions` has it: who waits there would wait for ever.
      if (!healthy) for (const client of backend.clients) client.reset();
      if (!this.#stopped) this.#options.onChange(front, this.#inUse(front));
    }
    this.#checkAfter(front, backend, timer('haproxy.check-interval'));
  }

  #inUse(front: Front): readonly string[] {
    return (this.#backends.get(front) ?? []).filter(({ healthy }) => healthy).map(({ node }) => node);
  }
}
