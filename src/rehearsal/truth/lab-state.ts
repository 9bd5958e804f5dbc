import { CONTROL_NODES, FRONTS } from '../lab-layout.ts';
import type { Front } from '../lab-layout.ts';
import type { LinkRuleRecord } from '../links/link-rule-record.ts';
import type { Fact, StoreGroup } from './fact.ts';

/** `partly`: of several that are asked in turn, some stay silent. */
export type Answering = 'up' | 'partly' | 'down';

/** Of the traffic between members: over it a member also hands on what it is asked to whoever leads. */
const STORE_PORTS: Readonly<Record<StoreGroup, number>> = { etcd: 2380, mariadb: 4567 };

/** What all facts up to one instant say of the lab. */
export class LabState {
  readonly #processes = new Map<string, 'running' | 'dead' | 'frozen'>();
  readonly #balancers = new Map<string, readonly string[]>();
  /** By node and front: the replicas that are up. */
  readonly #replicas = new Map<string, Set<string>>();
  readonly #members = new Set<string>();
  readonly #leaders = new Map<StoreGroup, string>();
  readonly #planted = new Set<Front>();
  readonly #rules = new Map<string, LinkRuleRecord>();
  #holder: string | null = null;

  take(fact: Fact): void {
    switch (fact.kind) {
      case 'process':
        if (fact.state === 'started') this.#forget(fact.name);
        this.#setProcess(fact.name, fact.state);
        return;
      case 'holder':
        this.#holder = fact.node;
        return;
      case 'balancer':
        this.#balancers.set(`${fact.node} ${fact.front}`, fact.backends);
        return;
      case 'replica': {
        const key = `${fact.node} ${fact.front}`;
        const here = this.#replicas.get(key) ?? new Set();
        if (fact.up) here.add(fact.replica);
        else here.delete(fact.replica);
        this.#replicas.set(key, here);
        return;
      }
      case 'member':
        if (fact.up) this.#members.add(`${fact.group} ${fact.node}`);
        else this.#members.delete(`${fact.group} ${fact.node}`);
        return;
      case 'leader':
        if (fact.leads) this.#leaders.set(fact.group, fact.node);
        else if (this.#leaders.get(fact.group) === fact.node) this.#leaders.delete(fact.group);
        return;
      case 'planted':
        if (fact.down) this.#planted.add(fact.front);
        else this.#planted.delete(fact.front);
        return;
      case 'rule':
        this.#rules.set(fact.rule.id, fact.rule);
        return;
      case 'rule-over':
        this.#rules.delete(fact.id);
    }
  }

  /** The replicas that ever were, as `<node> <front>`. */
  replicas(): readonly string[] {
    return [...this.#replicas.keys()];
  }

  front(front: Front): Answering {
    const holder = this.#holder;
    if (holder === null || this.#planted.has(front)) return 'down';
    if (!this.#runs(holder) || this.#cut('address', holder, FRONTS[front])) return 'down';
    const asked = (this.#balancers.get(`${holder} ${front}`) ?? []).filter(
      (node) => !this.#refuses(holder, node, front),
    );
    const well = asked.filter((node) => !this.#cut(holder, node, FRONTS[front]) && this.replica(node, front));
    if (well.length === 0) return 'down';
    return well.length === asked.length ? 'up' : 'partly';
  }

  /** Whether what runs there answers whoever reaches it. */
  replica(node: string, front: Front): boolean {
    const there = (this.#replicas.get(`${node} ${front}`)?.size ?? 0) > 0;
    return there && this.#runs(node) && this.#storeAnswers(front === 'kubernetes' ? 'etcd' : 'mariadb', node);
  }

  /** Refused connections cost nothing: the next backend is tried at once. */
  #refuses(from: string, node: string, front: Front): boolean {
    const there = (this.#replicas.get(`${node} ${front}`)?.size ?? 0) > 0;
    return !there && this.#runs(node) && !this.#cut(from, node, FRONTS[front]);
  }

  #storeAnswers(group: StoreGroup, from: string): boolean {
    const leader = this.#leaders.get(group);
    if (leader === undefined || !this.#runs(leader)) return false;
    const port = STORE_PORTS[group];
    const near = (a: string, b: string): boolean => a === b || !this.#cut(a, b, port);
    const members = CONTROL_NODES.filter((node) => this.#members.has(`${group} ${node}`) && this.#runs(node));
    return (
      near(from, leader) && members.filter((node) => near(leader, node)).length > CONTROL_NODES.length / 2
    );
  }

  #runs(name: string): boolean {
    return this.#processes.get(name) === 'running';
  }

  /** A conversation needs both directions. */
  #cut(a: string, b: string, port: number): boolean {
    if (a === b) return false;
    return [...this.#rules.values()].some(({ groupA, groupB, effect, ports }) => {
      if (effect.kind !== 'cut' || (ports.length > 0 && !ports.includes(port))) return false;
      return (groupA.includes(a) && groupB.includes(b)) || (groupA.includes(b) && groupB.includes(a));
    });
  }

  #setProcess(name: string, state: 'started' | 'dead' | 'frozen' | 'thawed'): void {
    if (state === 'thawed' && this.#processes.get(name) !== 'frozen') return;
    this.#processes.set(name, state === 'dead' || state === 'frozen' ? state : 'running');
  }

  #forget(node: string): void {
    for (const key of [...this.#replicas.keys()])
      if (key.startsWith(`${node} `)) this.#replicas.set(key, new Set());
    for (const key of [...this.#balancers.keys()])
      if (key.startsWith(`${node} `)) this.#balancers.delete(key);
    for (const group of ['etcd', 'mariadb'] as const) this.#members.delete(`${group} ${node}`);
  }
}
