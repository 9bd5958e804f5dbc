import { randomBytes } from 'node:crypto';
import type { MemberStore } from '../consensus/index.ts';
import { CONTROL_NODES, portsFile, readJson } from '../lab-layout.ts';
import type { LabPorts } from '../lab-layout.ts';
import { seedDatabase } from '../openstack/index.ts';
import { StoreUnavailable } from '../replica.ts';
import type { ReplicaContext } from '../replica.ts';
import { openStackTimers, timer } from '../timers.ts';
import { DatabaseClient } from './database-client.ts';
import type { Host } from './host.ts';
import { startStoreMember } from './store-member.ts';
import { writeToLog } from './write-to-log.ts';

export const hexToken = (length: number): string =>
  randomBytes(Math.ceil(length / 2))
    .toString('hex')
    .slice(0, length);

/** The database of OpenStack on this node: the member, while its pod runs, and the way to it for all other pods. */
export class Databases {
  readonly #host: Host;
  readonly client: DatabaseClient;
  #local: MemberStore | undefined;
  #ports: LabPorts | undefined;

  constructor(host: Host) {
    this.#host = host;
    const { wire, self, time } = host;
    this.client = new DatabaseClient({
      nodes: CONTROL_NODES.filter((node) => node !== self),
      limitMs: timer('database.request-limit'),
      local: () => this.#local,
      send: (node, channel, body) => wire.send(node, channel, 3306, body),
      nowMs: time.nowMs,
    });
    wire.onMessage('database-call', (from, body) => void this.client.called(from, body));
    wire.onMessage('database-answer', (_from, body) => this.client.answered(body));
  }

  start(): { stop(): void; ready(): boolean } {
    const { store, stop } = startStoreMember(this.#host, 'mariadb', {
      heartbeatMs: timer('galera.keepalive-period'),
      electionMs: timer('galera.suspect-timeout'),
      requestMs: timer('database.request-limit'),
    });
    this.#local = store;
    // One node is enough, and what is there already stays.
    if (this.#host.self === CONTROL_NODES[0]) void this.#seed(store);
    return {
      ready: () => store.leader !== undefined,
      stop: () => {
        this.#local = undefined;
        stop();
      },
    };
  }

  contextOf(pod: string): ReplicaContext {
    const { layout, self } = this.#host;
    return {
      node: self,
      pod,
      database: this.client,
      frontUrl: (service) => `http://127.0.0.1:${this.#portsOfLab()?.fronts[service] ?? 0}`,
      timers: openStackTimers(),
      nowMs: () => Date.now(),
      token: hexToken,
      adminPassword: layout.adminPassword,
      demoPassword: layout.demoPassword,
    };
  }

  #portsOfLab(): LabPorts | undefined {
    this.#ports ??= readJson<LabPorts>(portsFile(this.#host.layout.folder));
    return this.#ports;
  }

  async #seed(store: MemberStore): Promise<void> {
    while (this.#local === store) {
      try {
        // Once only: what users deleted must not come back with the next start.
        if ((await store.get('openstack/installed')) !== undefined) return;
        await seedDatabase(store, this.contextOf('installation'));
        await store.put('openstack/installed', {}, 'any');
        return;
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) writeToLog(error);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }
}
