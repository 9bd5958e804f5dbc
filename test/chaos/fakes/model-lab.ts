import type { KubernetesApi, KubernetesObject } from '../../../src/ports/kubernetes.ts';
import type { Lab, LabAbilities, LinkRule, Look } from '../../../src/ports/lab.ts';
import type { Topology } from '../../../src/model/topology.ts';
import type { VirtualClock } from './virtual-clock.ts';

type Effect =
  { kind: 'power' | 'frozen' | 'unit'; key: string } | { kind: 'rule'; rule: LinkRule; endsNs: number };

/**
 * A lab that does what it is told and notes it. What it hurts stays hurt until it is healed or expires on the target, so a test
 * can ask at any time what is still hurt.
 */
export class ModelLab implements Lab {
  readonly name = 'model';
  readonly owned = true;
  readonly disclosures = [];
  readonly effects = new Map<string, Effect>();
  /** Called before each act with its name; throws to fail it. */
  onAct: (act: string) => void = () => undefined;
  /** When set, acts are noted and do nothing: effects that cannot be seen. */
  idle = false;
  readonly actions: string[];
  readonly clock: VirtualClock;
  readonly topology: Topology;
  readonly unitEnds = new Map<string, number>();
  readonly pods = new Map<string, KubernetesObject>();

  constructor(topology: Topology, clock: VirtualClock, actions: string[]) {
    this.topology = topology;
    this.clock = clock;
    this.actions = actions;
    for (const member of topology.live.members) {
      const namespace = topology.services.find(({ id }) => id === member.service)?.namespace ?? '';
      this.pods.set(`/api/v1/namespaces/${namespace}/pods/${member.name}`, {
        metadata: { name: member.name, namespace, uid: member.uid },
      });
    }
    for (const node of topology.live.nodes) {
      this.pods.set(`/api/v1/nodes/${node.name}`, { metadata: { name: node.name, uid: node.uid } });
    }
  }

  up = async () => undefined;
  down = async () => undefined;
  status = async () => ({ state: 'up' as const, nodes: [], connection: {} });
  connection = async () => ({});
  missing = async () => [];

  /** What hurts now, whoever was told to end it. */
  hurt(): readonly string[] {
    this.#expire();
    return [...this.effects.keys()];
  }

  #act(name: string, apply: () => void): Promise<void> {
    this.actions.push(`lab: ${name}`);
    this.onAct(name);
    if (!this.idle) apply();
    return Promise.resolve();
  }

  #expire(): void {
    const now = this.clock.now().ns;
    for (const [key, effect] of this.effects) {
      const ends = effect.kind === 'rule' ? effect.endsNs : this.unitEnds.get(key);
      if (ends !== undefined && now >= ends) this.effects.delete(key);
    }
  }

  #looks(node: string): Look {
    this.#expire();
    if (this.effects.has(`power ${node}`)) return 'refused';
    return this.effects.has(`frozen ${node}`) ? 'silent' : 'answers';
  }

  readonly abilities: LabAbilities = {
    look: async (node) => this.#looks(node),
    power: {
      off: (node) =>
        this.#act(`off ${node}`, () => this.effects.set(`power ${node}`, { kind: 'power', key: node })),
      on: (node) => this.#act(`on ${node}`, () => this.effects.delete(`power ${node}`)),
      freeze: (node) =>
        this.#act(`freeze ${node}`, () => this.effects.set(`frozen ${node}`, { kind: 'frozen', key: node })),
      thaw: (node) => this.#act(`thaw ${node}`, () => this.effects.delete(`frozen ${node}`)),
      state: async (node) =>
        this.effects.has(`power ${node}`) ? 'off' : this.effects.has(`frozen ${node}`) ? 'frozen' : 'on',
    },
    links: {
      add: (rule) =>
        this.#act(`add ${rule.id}`, () =>
          this.effects.set(`rule ${rule.id}`, {
            kind: 'rule',
            rule,
            endsNs: this.clock.now().ns + rule.expiresAfter.ms * 1e6,
          }),
        ),
      remove: (id) => this.#act(`remove ${id}`, () => this.effects.delete(`rule ${id}`)),
      rules: async () =>
        [...this.effects.values()].flatMap((effect) =>
          effect.kind === 'rule'
            ? [{ id: effect.rule.id, run: effect.rule.run, node: effect.rule.groupA[0] ?? '' }]
            : [],
        ),
      reach: async (from, to) => {
        this.#expire();
        const cut = [...this.effects.values()].some(
          (effect) =>
            effect.kind === 'rule' &&
            ((effect.rule.groupA.includes(from) && effect.rule.groupB.includes(to)) ||
              (effect.rule.groupA.includes(to) && effect.rule.groupB.includes(from))),
        );
        return cut || this.#looks(to) !== 'answers' ? 'silent' : 'answers';
      },
    },
    units: {
      list: async (node) => {
        const units = this.topology.nodes.find(({ name }) => name === node)?.units ?? [];
        return units.map((unit) => ({ unit, running: !this.effects.has(`unit ${node}/${unit}`) }));
      },
      stop: (node, unit, mark) =>
        this.#act(`stop ${node}/${unit}`, () => {
          this.effects.set(`unit ${node}/${unit}`, { kind: 'unit', key: unit });
          this.unitEnds.set(`unit ${node}/${unit}`, this.clock.now().ns + mark.startAgainAfter.ms * 1e6);
        }),
      start: (node, unit) =>
        this.#act(`start ${node}/${unit}`, () => this.effects.delete(`unit ${node}/${unit}`)),
      look: async (node, unit) => {
        this.#expire();
        return this.effects.has(`unit ${node}/${unit}`) ? 'refused' : this.#looks(node);
      },
    },
  };

  /** Only what faults ask of Kubernetes. */
  readonly kubernetes = {
    name: 'kubernetes',
    get: async (path: string) => this.pods.get(path),
    delete: async (path: string, options?: { uid?: string }) => {
      this.actions.push(`lab: delete ${path.split('/').pop() ?? ''}`);
      const pod = this.pods.get(path);
      if (pod === undefined || (options?.uid !== undefined && pod.metadata.uid !== options.uid)) return false;
      this.pods.delete(path);
      return true;
    },
  } as unknown as KubernetesApi;
}
