import type { KubernetesApi, KubernetesObject } from '../../../src/ports/kubernetes.ts';
import type {
  Felt,
  Lab,
  LabAbilities,
  LinkRule,
  Look,
  PressureOrder,
  PressureTarget,
} from '../../../src/ports/lab.ts';
import { PRESSURE_KINDS } from '../../../src/model/abilities.ts';
import { containersOf } from '../../../src/chaos/pods.ts';
import type { LiveMember, Service, Topology } from '../../../src/model/topology.ts';
import { ModelCluster } from './model-cluster.ts';
import type { VirtualClock } from './virtual-clock.ts';

type Effect =
  | { kind: 'power' | 'frozen' | 'unit' | 'cordon'; key: string }
  | { kind: 'rule'; rule: LinkRule; endsNs: number }
  | { kind: 'pressure'; order: PressureOrder; endsNs: number };

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
  /** In bytes a second, between any two nodes. */
  linkSpeed = 100e6;
  /** What each node has of everything that can be taken, before anything is. */
  readonly has: Record<PressureTarget['kind'], Felt> = {
    cpu: { total: 1, left: 0.8, works: true },
    memory: { total: 8e9, left: 4e9, works: true },
    disk: { total: 4e9, left: 3e9, works: true },
    descriptors: { total: 1024, left: 1000, works: true },
    conntrack: { total: 262_144, left: 262_000, works: true },
  };
  /** When set, acts are noted and do nothing: effects that cannot be seen. */
  idle = false;
  readonly actions: string[];
  readonly clock: VirtualClock;
  readonly topology: Topology;
  readonly unitEnds = new Map<string, number>();
  readonly pods = new Map<string, KubernetesObject>();
  readonly cluster: ModelCluster;

  constructor(topology: Topology, clock: VirtualClock, actions: string[]) {
    this.topology = topology;
    this.clock = clock;
    this.actions = actions;
    this.cluster = new ModelCluster(this.pods, (act) => {
      this.actions.push(`lab: ${act}`);
      this.onAct(act);
    });
    this.cluster.idle = () => this.idle;
    for (const member of topology.live.members) {
      const service = topology.services.find(({ id }) => id === member.service);
      const { namespace = '', kind = 'unit' } = service ?? {};
      this.cluster.put(`/api/v1/namespaces/${namespace}/pods/${member.name}`, podOf(member, namespace, kind));
    }
    for (const node of topology.live.nodes) {
      this.cluster.put(`/api/v1/nodes/${node.name}`, { metadata: { name: node.name, uid: node.uid } });
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
    for (const [path, { metadata }] of this.pods)
      if (path.startsWith('/api/v1/nodes/') && metadata.annotations?.['squall.dev/cordoned-by'] !== undefined)
        this.effects.set(`cordon ${metadata.name}`, { kind: 'cordon', key: metadata.name });
      else this.effects.delete(`cordon ${metadata.name}`);
    for (const [key, effect] of this.effects) {
      const ends = 'endsNs' in effect ? effect.endsNs : this.unitEnds.get(key);
      if (ends !== undefined && now >= ends) this.effects.delete(key);
    }
  }

  #rulesBetween(from: string, to: string, port?: number): readonly LinkRule[] {
    this.#expire();
    return [...this.effects.values()].flatMap((effect) => {
      if (effect.kind !== 'rule') return [];
      const { groupA, groupB, ports } = effect.rule;
      const meant =
        (groupA.includes(from) && groupB.includes(to)) || (groupA.includes(to) && groupB.includes(from));
      return meant && (ports.length === 0 || (port !== undefined && ports.includes(port)))
        ? [effect.rule]
        : [];
    });
  }

  #looks(node: string): Look {
    this.#expire();
    if (this.effects.has(`power ${node}`)) return 'refused';
    return this.effects.has(`frozen ${node}`) ? 'silent' : 'answers';
  }

  #pressed(node: string, kind?: string): readonly PressureOrder[] {
    this.#expire();
    return [...this.effects.values()].flatMap((effect) =>
      effect.kind === 'pressure' &&
      effect.order.node === node &&
      (kind === undefined || effect.order.what.kind === kind)
        ? [effect.order]
        : [],
    );
  }

  #feel(node: string, { kind }: PressureTarget): Felt | undefined {
    if (this.effects.has(`power ${node}`)) return undefined;
    const { total, left: has, works } = this.has[kind];
    let left = has;
    for (const { amount } of this.#pressed(node, kind))
      left =
        kind === 'cpu' ? 1 / (1 / left + amount) : kind === 'descriptors' ? 0 : Math.max(0, left - amount);
    return { total, left, works: works && left > 0 };
  }

  readonly abilities: LabAbilities = {
    pressure: {
      kinds: PRESSURE_KINDS,
      press: (order) =>
        this.#act(`press ${order.what.kind} of ${order.node}`, () =>
          this.effects.set(`pressure ${order.node} ${order.id}`, {
            kind: 'pressure',
            order,
            endsNs: this.clock.now().ns + order.endsAfter.ms * 1e6,
          }),
        ),
      relieve: (node, id) =>
        this.#act(`relieve ${node} of ${id}`, () => this.effects.delete(`pressure ${node} ${id}`)),
      found: async (node) => this.#pressed(node).map(({ id, run, what: { kind } }) => ({ id, run, kind })),
      feel: async (node, what) => this.#feel(node, what),
    },
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
      effects: ['cut', 'lose', 'delay', 'limit'],
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
      reach: async (from, to, timeout, port) => {
        const rules = this.#rulesBetween(from, to, port);
        if (rules.some(({ effect }) => effect.kind === 'cut' || effect.kind === 'lose')) return 'silent';
        // A link takes a millisecond each way, and longer where a rule says so.
        let ms = 2;
        for (const { effect, direction } of rules)
          if (effect.kind === 'delay') ms += effect.by.ms * (direction === 'both' ? 2 : 1);
        await this.clock.sleep({ ms: Math.min(ms, timeout.ms) });
        return ms > timeout.ms || this.#looks(to) !== 'answers' ? 'silent' : 'answers';
      },
      transfer: async (from, to, bytes, timeout) => {
        const limits = this.#rulesBetween(from, to).map(({ effect }) =>
          effect.kind === 'limit' ? effect.bytesPerSecond : this.linkSpeed,
        );
        const speed = Math.min(this.linkSpeed, ...limits);
        await this.clock.sleep({ ms: Math.min(timeout.ms, (bytes / speed) * 1000) });
        return (bytes / speed) * 1000 > timeout.ms ? 0 : speed;
      },
    },
    containers: {
      kill: (node, id) =>
        this.#act(`kill ${id} on ${node}`, () => {
          for (const [path, pod] of this.pods) {
            const [status] = containersOf(pod);
            if (status?.containerID !== `containerd://${id}`) continue;
            this.cluster.put(path, { ...pod, status: statusOf(`${id}-again`, status.restartCount + 1) });
          }
        }),
      freezer: {
        freeze: (node, id, { thawAfter }) =>
          this.#act(`freeze ${id} on ${node}`, () => {
            this.effects.set(`container ${id}`, { kind: 'frozen', key: id });
            this.unitEnds.set(`container ${id}`, this.clock.now().ns + thawAfter.ms * 1e6);
          }),
        thaw: (node, id) => this.#act(`thaw ${id} on ${node}`, () => this.effects.delete(`container ${id}`)),
        state: async (_node, id) => {
          this.#expire();
          return this.effects.has(`container ${id}`) ? 'frozen' : 'runs';
        },
        frozen: async () => [],
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
        if (this.effects.has(`unit ${node}/${unit}`)) return 'refused';
        return this.#pressed(node, 'descriptors').length > 0 ? 'silent' : this.#looks(node);
      },
    },
  };

  get kubernetes(): KubernetesApi {
    return this.cluster.api;
  }
}

const OWNER_KINDS = {
  deployment: 'ReplicaSet',
  statefulset: 'StatefulSet',
  daemonset: 'DaemonSet',
  unit: 'Node',
};

const statusOf = (id: string, restartCount: number): object => ({
  phase: 'Running',
  containerStatuses: [
    { name: 'main', containerID: `containerd://${id}`, restartCount, state: { running: {} } },
  ],
});

function podOf(member: LiveMember, namespace: string, kind: Service['kind']): KubernetesObject {
  const owner = { kind: OWNER_KINDS[kind], name: 'owner', uid: 'uid-of-owner' };
  return {
    metadata: { name: member.name, namespace, uid: member.uid, ownerReferences: [owner] },
    spec: { nodeName: member.node, containers: [{ name: 'main' }] },
    status: statusOf(`id-of-${member.name}`, 0),
  };
}
