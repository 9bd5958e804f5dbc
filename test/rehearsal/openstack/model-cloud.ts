import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openStackReplica, seedDatabase, startComputeAgent } from '../../../src/rehearsal/openstack/index.ts';
import { OPENSTACK_SERVICES, StoreConflict, StoreUnavailable } from '../../../src/rehearsal/replica.ts';
import type {
  Document,
  DocumentStore,
  Expected,
  OpenStackService,
  ReplicaContext,
} from '../../../src/rehearsal/replica.ts';

/** A store in one process that can be told to lose its majority. */
export class StoreInMemory implements DocumentStore {
  available = true;
  readonly #documents = new Map<string, Document>();
  #revision = 0;

  get(key: string): Promise<Document | undefined> {
    return this.#answer(() => this.#documents.get(key));
  }

  list(prefix: string): Promise<{ documents: Document[]; revision: number }> {
    return this.#answer(() => {
      const documents = [...this.#documents.values()].filter((one) => one.key.startsWith(prefix));
      return { documents: documents.sort((a, b) => (a.key < b.key ? -1 : 1)), revision: this.#revision };
    });
  }

  put(key: string, value: Readonly<Record<string, unknown>>, expected: Expected): Promise<Document> {
    return this.#answer(() => {
      const present = this.#check(key, expected);
      this.#revision += 1;
      const copy = JSON.parse(JSON.stringify(value)) as Record<string, unknown>;
      const document = {
        key,
        value: copy,
        revision: this.#revision,
        created: present?.created ?? this.#revision,
      };
      this.#documents.set(key, document);
      return document;
    });
  }

  delete(key: string, expected?: number): Promise<boolean> {
    return this.#answer(() => {
      this.#check(key, expected ?? 'any');
      this.#revision += 1;
      return this.#documents.delete(key);
    });
  }

  get keys(): string[] {
    return [...this.#documents.keys()];
  }

  #check(key: string, expected: Expected): Document | undefined {
    const present = this.#documents.get(key);
    const right =
      expected === 'any' || (expected === 'absent' ? present === undefined : present?.revision === expected);
    if (!right) throw new StoreConflict(key, present);
    return present;
  }

  async #answer<T>(act: () => T): Promise<T> {
    // Requests at once must get in each other's way, as with a store behind a network.
    await new Promise((resolve) => setImmediate(resolve));
    if (!this.available) throw new StoreUnavailable('No majority of the store answers.', true);
    return act();
  }
}

export interface ModelCloud {
  readonly store: StoreInMemory;
  url(service: OpenStackService): string;
  /** Every request so far, such as `POST keystone /v3/auth/tokens`. */
  readonly requests: readonly string[];
  /** Closes the only replica of a service: connections to it are refused. */
  close(service: OpenStackService): Promise<void>;
  /** Moves the clock of all replicas. */
  advance(ms: number): void;
  startCompute(node: string): () => void;
  stop(): Promise<void>;
}

export const ADMIN_PASSWORD = 'canary-admin-password-7f3a';
export const DEMO_PASSWORD = 'canary-demo-password-91bc';

async function listen(listener: Parameters<typeof createServer>[1]): Promise<Server> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function closeServer(server: Server | undefined): Promise<void> {
  server?.closeAllConnections();
  return new Promise((resolve) => (server?.listening ? server.close(() => resolve()) : resolve()));
}

/** All six services, one replica each, on ports of their own. */
export async function startModelCloud(timers: Partial<ReplicaContext['timers']> = {}): Promise<ModelCloud> {
  const store = new StoreInMemory();
  const urls: Partial<Record<OpenStackService, string>> = {};
  let ahead = 0;
  const contextOf = (node: string): ReplicaContext => ({
    node,
    pod: `pod-on-${node}`,
    database: store,
    frontUrl: (service) => urls[service] ?? '',
    timers: {
      reportIntervalMs: 50,
      serviceDownMs: 300,
      serverBuildMs: 40,
      serverDeleteMs: 40,
      volumeBuildMs: 60,
      ...timers,
    },
    nowMs: () => Date.now() + ahead,
    token: (length) => randomBytes(length).toString('hex').slice(0, length),
    adminPassword: ADMIN_PASSWORD,
    demoPassword: DEMO_PASSWORD,
  });
  const context = contextOf('control-1');
  const requests: string[] = [];
  const servers = await Promise.all(
    OPENSTACK_SERVICES.map(async (service) => {
      const replica = openStackReplica(service, context);
      const server = await listen((request, response) => {
        requests.push(`${request.method ?? ''} ${service} ${request.url ?? ''}`);
        replica(request, response);
      });
      urls[service] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      return server;
    }),
  );
  await seedDatabase(store, context);
  const agents: (() => void)[] = [];
  return {
    store,
    requests,
    close: (service) => closeServer(servers[OPENSTACK_SERVICES.indexOf(service)]),
    url: (service) => urls[service] ?? '',
    advance: (ms) => void (ahead += ms),
    startCompute: (node) => {
      const stop = startComputeAgent(contextOf(node));
      agents.push(stop);
      return stop;
    },
    stop: async () => {
      for (const stop of agents) stop();
      await Promise.all(servers.map(closeServer));
    },
  };
}
