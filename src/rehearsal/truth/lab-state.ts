import { ADDRESS, CONTROL_NODES, FRONTS, STORE_PORTS } from '../lab-layout.ts';
import type { Front, StoreGroup } from '../lab-layout.ts';
import type { Fact } from './fact.ts';

/** `partly`: of several that are asked in turn, some stay silent. */
export type Answering = 'up' | 'partly' | 'down';

type FactOf<K extends Fact['kind']> = Extract<Fact, { kind: K }>;

/** What all facts up to one instant say of the lab: the latest of each kind about each thing. */
export class LabState {
  readonly #facts = new Map<string, Fact>();

  take(fact: Fact): void {
    const before = this.#facts.get(keyOf(fact));
    if (fact.kind === 'process' && fact.state === 'started') this.#forget(fact.name);
    const isLate = fact.kind === 'leader' && !fact.leads && (before as FactOf<'leader'>)?.node !== fact.node;
    const isThawed = fact.kind === 'process' && fact.state === 'thawed';
    if (isLate || (isThawed && (before as FactOf<'process'>)?.state !== 'frozen')) return;
    this.#facts.set(keyOf(fact), fact);
  }

  /** The replicas that ever were. */
  replicas(): readonly { readonly node: string; readonly front: Front }[] {
    return this.#all('replica');
  }

  front(front: Front): Answering {
    const holder = this.#all('holder')[0]?.node ?? null;
    const isPlanted = this.#all('planted').some((fact) => fact.front === front && fact.down);
    const port = FRONTS[front];
    if (holder === null || isPlanted || !this.#reaches(ADDRESS, holder, port)) return 'down';
    const balancer = this.#all('balancer').find((fact) => fact.node === holder && fact.front === front);
    // Refused connections cost nothing: the next backend is tried at once.
    const asked = balancer?.backends.filter(
      (node) => this.#has(node, front) || !this.#reaches(holder, node, port),
    );
    const well =
      asked?.filter((node) => this.#reaches(holder, node, port) && this.replica(node, front)) ?? [];
    if (well.length === 0) return 'down';
    return well.length === asked?.length ? 'up' : 'partly';
  }

  /** Whether what runs there answers whoever reaches it. */
  replica(node: string, front: Front): boolean {
    const group = front === 'kubernetes' ? 'etcd' : 'mariadb';
    return this.#has(node, front) && this.#runs(node) && this.#storeAnswers(group, node);
  }

  #has(node: string, front: Front): boolean {
    return this.#all('replica').some((fact) => fact.node === node && fact.front === front && fact.up);
  }

  /** Over the traffic between members a member also hands on what it is asked to whoever leads. */
  #storeAnswers(group: StoreGroup, from: string): boolean {
    const port = STORE_PORTS[group];
    const leader = this.#all('leader').find((fact) => fact.group === group && fact.leads)?.node;
    if (leader === undefined || !this.#reaches(from, leader, port)) return false;
    const members = this.#all('member').filter((fact) => fact.group === group && fact.up);
    return members.filter(({ node }) => this.#reaches(leader, node, port)).length > CONTROL_NODES.length / 2;
  }

  /** A conversation needs both directions. */
  #reaches(a: string, b: string, port: number): boolean {
    const isCut = this.#all('rule').some(({ rule: { groupA, groupB, effect, ports } }) => {
      if (effect.kind !== 'cut' || (ports.length > 0 && !ports.includes(port))) return false;
      return (groupA.includes(a) && groupB.includes(b)) || (groupA.includes(b) && groupB.includes(a));
    });
    return this.#runs(b) && (a === b || !isCut);
  }

  #runs(name: string): boolean {
    const state = this.#all('process').find((fact) => fact.name === name)?.state;
    return state === 'started' || state === 'thawed';
  }

  #all<K extends Fact['kind']>(kind: K): readonly FactOf<K>[] {
    return [...this.#facts.values()].filter((fact): fact is FactOf<K> => fact.kind === kind);
  }

  #forget(node: string): void {
    for (const [key, fact] of this.#facts)
      if ('node' in fact && fact.node === node && 'up' in fact) this.#facts.set(key, { ...fact, up: false });
      else if (fact.kind === 'balancer' && fact.node === node) this.#facts.delete(key);
  }
}

/** What a fact is about. */
function keyOf(fact: Fact): string {
  if (fact.kind === 'rule' || fact.kind === 'rule-over') return fact.kind === 'rule' ? fact.rule.id : fact.id;
  const parts: Record<string, unknown> = { ...fact };
  const about =
    fact.kind === 'leader' || fact.kind === 'holder'
      ? ['group']
      : ['name', 'node', 'group', 'front', 'replica'];
  return [fact.kind, ...about.map((part) => parts[part])].join(' ');
}
