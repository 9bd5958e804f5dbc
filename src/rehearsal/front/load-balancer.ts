import type { Duplex } from 'node:stream';
import { CONTROL_NODES, FRONTS, FRONT_NAMES } from '../lab-layout.ts';
import type { Front } from '../lab-layout.ts';
import { timer } from '../timers.ts';
import { breakOff, isHealthy, pipeBoth } from './streams.ts';

interface Backend {
  readonly node: string;
  isHealthy: boolean;
  /** Clients that are connected to it. */
  readonly clients: Set<Duplex>;
}

const NO_BACKEND =
  'HTTP/1.0 503 Service Unavailable\r\nCache-Control: no-cache\r\nConnection: close\r\nContent-Type: text/html\r\n\r\n' +
  '<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n</body></html>\n';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** What stands behind the address on one control node: asks its backends after their health, and hands connections on. */
export class LoadBalancer {
  readonly #connect: (node: string, name: string, port: number) => Duplex;
  readonly #changed: (front: Front, nodes: readonly string[]) => void;
  readonly #backends = new Map<Front, readonly Backend[]>();
  #turn = 0;

  /** @param changed called with the nodes that are in use, at first and whenever that changes */
  constructor(
    connect: (node: string, name: string, port: number) => Duplex,
    changed: (front: Front, nodes: readonly string[]) => void,
  ) {
    this.#connect = connect;
    this.#changed = changed;
    for (const [place, front] of FRONT_NAMES.entries()) {
      const backends = CONTROL_NODES.map((node) => ({ node, isHealthy: true, clients: new Set<Duplex>() }));
      this.#backends.set(front, backends);
      changed(front, CONTROL_NODES);
      // Spread over the interval, so that checks do not all fall on one moment.
      const afterMs = (place * timer('haproxy.check-interval')) / FRONT_NAMES.length;
      for (const backend of backends) void pause(afterMs).then(() => this.#watch(front, backend));
    }
  }

  /** The next backend in turn that is in use. */
  next(front: Front, tried: readonly string[] = []): string | undefined {
    const usable = this.#inUse(front).filter((node) => !tried.includes(node));
    this.#turn += 1;
    return usable[this.#turn % usable.length];
  }

  /** Takes a connection of a client. */
  serve(front: Front, client: Duplex, tried: readonly string[] = []): void {
    const node = this.next(front, tried);
    if (client.destroyed) return;
    if (node === undefined) {
      // The Kubernetes API is handed on as TCP, the others as HTTP.
      if (front === 'kubernetes') breakOff(client);
      else client.resume().end(NO_BACKEND);
      return;
    }
    const stream = this.#connect(node, `backend/${front}`, FRONTS[front]);
    const limit = setTimeout(() => stream.destroy(), timer('haproxy.connect-timeout'));
    const next = (): void => {
      clearTimeout(limit);
      this.serve(front, client, [...tried, node]);
    };
    stream.once('close', next);
    stream.once('connect', () => {
      clearTimeout(limit);
      stream.off('close', next);
      if (client.destroyed) return void stream.destroy();
      const clients = this.#backends.get(front)?.find((each) => each.node === node)?.clients;
      clients?.add(client);
      client.once('close', () => clients?.delete(client));
      pipeBoth(client, stream);
    });
  }

  #inUse(front: Front): readonly string[] {
    const backends = this.#backends.get(front) ?? [];
    return backends.filter((backend) => backend.isHealthy).map(({ node }) => node);
  }

  async #watch(front: Front, backend: Backend): Promise<void> {
    const path = front === 'kubernetes' ? '/readyz' : '/healthcheck';
    for (let against = 0; ; await pause(timer('haproxy.check-interval'))) {
      const stream = this.#connect(backend.node, `backend/${front}`, FRONTS[front]);
      const found = await isHealthy(stream, path, timer('haproxy.check-timeout'));
      against = found === backend.isHealthy ? 0 : against + 1;
      if (against < timer(found ? 'haproxy.check-rise' : 'haproxy.check-fall')) continue;
      against = 0;
      backend.isHealthy = found;
      // As `on-marked-down shutdown-sessions` has it: who waits there would wait for ever.
      if (!found) for (const client of backend.clients) breakOff(client);
      this.#changed(front, this.#inUse(front));
    }
  }
}
