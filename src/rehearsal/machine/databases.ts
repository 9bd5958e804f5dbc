import { setTimeout as sleep } from 'node:timers/promises';
import type { MemberStore } from '../consensus/index.ts';
import { CONTROL_NODES, portsFile, readJson } from '../lab-layout.ts';
import type { LabPorts } from '../lab-layout.ts';
import { seedDatabase } from '../openstack/index.ts';
import { StoreConflict, StoreUnavailable } from '../replica.ts';
import type { DocumentStore, OpenStackService, ReplicaContext } from '../replica.ts';
import { openStackTimers, timer } from '../timers.ts';
import { answerCall, callOver, isWrite, perform, storeBehind, storeOver } from './called-store.ts';
import type { StoreCall } from './called-store.ts';
import type { Host } from './host.ts';
import { hexToken, seedOnce, startStoreMember } from './store-member.ts';

const PORT = 3306;
/** How long a member elsewhere may take to answer a read before the next one is asked. */
const PATIENCE_MS = 500;
const HEALTH: StoreCall = { method: 'get', key: 'openstack/health' };

/** The database of OpenStack as pods of this node use it: its member here, while its pod runs, or else any other that answers. */
export class Databases {
  readonly #host: Host;
  readonly #others: readonly string[];
  #member: MemberStore | undefined;
  #turn = 0;
  readonly store: DocumentStore;

  constructor(host: Host) {
    this.#host = host;
    this.#others = CONTROL_NODES.filter((node) => node !== host.self);
    const local = storeBehind(() => this.#member);
    this.store = storeOver((call) =>
      this.#member === undefined ? this.#elsewhere(call) : perform(this.#member, call),
    );
    // One node is enough.
    if (host.self === CONTROL_NODES[0])
      void seedOnce(local, () => seedDatabase(local, this.contextOf('installation')));
    host.wire.serve('database', (call) => answerCall(local, call as StoreCall));
  }

  start(): { stop(): void; ready(): boolean } {
    const { store, stop } = startStoreMember(this.#host, 'mariadb', {
      heartbeatMs: timer('galera.keepalive-period'),
      electionMs: timer('galera.suspect-timeout'),
      requestMs: timer('database.request-limit'),
    });
    this.#member = store;
    return {
      ready: () => store.leader !== undefined,
      stop: () => {
        this.#member = undefined;
        stop();
      },
    };
  }

  contextOf(pod: string): ReplicaContext {
    const { layout, self } = this.#host;
    let ports: LabPorts | undefined;
    const portOf = (service: OpenStackService): number =>
      (ports ??= readJson<LabPorts>(portsFile(layout.folder)))?.fronts[service] ?? 0;
    return {
      node: self,
      pod,
      database: this.store,
      frontUrl: (service) => `http://127.0.0.1:${portOf(service)}`,
      timers: openStackTimers(),
      nowMs: () => Date.now(),
      token: hexToken,
      adminPassword: layout.adminPassword,
      demoPassword: layout.demoPassword,
    };
  }

  /** Asks one member after the other. A write is given only to one that answered just now: it may not be said twice. */
  async #elsewhere(call: StoreCall): Promise<unknown> {
    const endMs = performance.now() + timer('database.request-limit');
    while (performance.now() < endMs) {
      const node = this.#others[this.#turn % this.#others.length] ?? '';
      const ask = (limitMs: number) => (asked: StoreCall) =>
        this.#host.wire.ask(node, 'database', PORT, asked, limitMs);
      let isSaid = false;
      try {
        if (!isWrite(call)) return await callOver(ask(PATIENCE_MS), call);
        await callOver(ask(PATIENCE_MS), HEALTH);
        isSaid = true;
        return await callOver(ask(endMs - performance.now()), call);
      } catch (error) {
        if (isSaid || error instanceof StoreConflict) throw error;
        this.#turn += 1;
        await sleep(50);
      }
    }
    throw new StoreUnavailable('No member of the database answers.', true);
  }
}
