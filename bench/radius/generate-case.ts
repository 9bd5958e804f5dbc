import { ABILITIES } from '../../src/model/abilities.ts';
import type { HealingEntry } from '../../src/model/injection.ts';
import type { FaultStep, Limits, Mode, Plan, Selector, Step } from '../../src/model/plan.ts';
import type { BoundTarget } from '../../src/model/schedule.ts';
import { seededRandom, type SeededRandom } from '../../src/model/seeded-random.ts';
import type { OwnPath, Service, Topology, TopologyNode } from '../../src/model/topology.ts';
import { planOf } from '../../test/chaos/fakes/topologies.ts';
import { entryOf } from '../../test/custody/written-entries.ts';

/** One question to the blast radius, made of its number alone. */
export interface RadiusCase {
  readonly topology: Topology;
  readonly plan: Plan;
  readonly seed: string;
  /** Faults of other runs that are not closed. */
  readonly open: readonly HealingEntry[];
}

const FAULTS: Readonly<Record<string, 'pod' | 'node' | 'unit' | 'link'>> = {
  'pod-delete': 'pod',
  'container-kill': 'pod',
  'node-power-off': 'node',
  'node-drain': 'node',
  'node-reboot': 'node',
  'service-stop': 'unit',
  'network-partition': 'link',
  'network-latency': 'link',
};
const INSTANT = ['pod-delete', 'container-kill', 'node-reboot'];
const UNITS = ['kubelet', 'containerd', 'keepalived', 'etcd', 'kube-apiserver'];
const NAMESPACES = ['openstack', 'ceph', 'kube-system'];
const ROLES = ['api', 'database', 'queue', 'agent'];

export function generateCase(number: number): RadiusCase {
  const seed = `radius-${number}`;
  const random = seededRandom(seed);
  const topology = generateTopology(random);
  return {
    topology,
    plan: generatePlan(random, topology),
    seed,
    open: Array.from({ length: chance(random, 0.3) ? 1 + random.integer(2) : 0 }, (_, n) =>
      generateOpen(random, topology, n),
    ),
  };
}

const chance = (random: SeededRandom, share: number): boolean => random.next() < share;

export function oneOf<T>(random: SeededRandom, values: readonly T[]): T {
  const value = values[random.integer(values.length)];
  if (value === undefined) throw new Error('There is nothing to choose from.');
  return value;
}

function generateTopology(random: SeededRandom): Topology {
  const control = chance(random, 0.15) ? 1 + random.integer(2) : 3 + random.integer(3);
  const names = Array.from({ length: control + random.integer(3) }, (_, n) =>
    n < control ? `control-${n + 1}` : `compute-${n + 1 - control}`,
  );
  const count = 1 + random.integer(6);
  const workloads = Array.from({ length: count }, (_, n) => generateService(random, names, `service-${n}`));
  const units = UNITS.filter(() => chance(random, 0.4)).map((unit) => unitService(random, names, unit));
  const services = joinSome(random, [...workloads, ...units]);
  const down = chance(random, 0.06) ? oneOf(random, names) : undefined;
  const own = generateOwnPath(random, names, services);
  return {
    schemaVersion: 1,
    lab: 'model',
    owned: true,
    systems: [{ name: 'cluster', kind: 'kubernetes', distribution: 'kubeadm', version: '1', identity: 'x' }],
    nodes: names.map((name) => describeNode(name, services)),
    services,
    endpoints: [],
    timers: [],
    ...(chance(random, 0.05)
      ? {
          blindness: [
            { what: oneOf(random, ['poddisruptionbudgets', 'etcd']), reason: 'It may not be seen.' },
          ],
        }
      : {}),
    abilities: ABILITIES,
    missingAbilities: [],
    disclosures: [],
    live: {
      nodes: names.map((name) => ({
        name,
        uid: `uid-${name}`,
        boot: `boot-${name}`,
        provider: `provider://${name}`,
        ready: name !== down,
        schedulable: true,
      })),
      members: services.flatMap((service) => liveMembers(random, service, names)),
      holders: chance(random, 0.8) ? [{ what: 'api-address', node: oneOf(random, names) }] : [],
      ...(own.length === 0 ? {} : { ownPath: own }),
    },
  };
}

const describeNode = (name: string, services: readonly Service[]): TopologyNode => ({
  name,
  system: 'cluster',
  roles: [name.startsWith('control') ? 'control' : 'compute'],
  labels: { rack: name.endsWith('1') ? 'a' : 'b' },
  addresses: [],
  units: [
    'chronyd',
    ...services
      .filter(({ kind, members }) => kind === 'unit' && members.some(({ node }) => node === name))
      .map(({ workload }) => workload),
  ],
});

function generateService(random: SeededRandom, names: readonly string[], workload: string): Service {
  const size = chance(random, 0.05) ? 1 : 2 + random.integer(4);
  const namespace = oneOf(random, NAMESPACES);
  const needed = Math.floor(size / 2) + 1;
  return {
    id: `cluster/${namespace}/${workload}`,
    system: 'cluster',
    namespace,
    workload,
    kind: oneOf(random, ['deployment', 'statefulset', 'daemonset'] as const),
    service: oneOf(random, ['keystone', 'mariadb', 'rabbitmq']),
    component: 'server',
    roles: [oneOf(random, ROLES)],
    labels: { tier: oneOf(random, ['front', 'back']) },
    replicas: size,
    members: Array.from({ length: size }, (_, rank) => ({
      rank,
      node: chance(random, 0.85) ? (names[rank % names.length] ?? '') : oneOf(random, names),
    })),
    ...(chance(random, size > 2 ? 0.4 : 0.05) ? { quorum: { size, needed } } : {}),
    ...(chance(random, 0.3)
      ? { minAvailable: 1 + random.integer(chance(random, 0.1) ? size : size - 1 || 1) }
      : {}),
  };
}

function unitService(random: SeededRandom, names: readonly string[], unit: string): Service {
  const places = unit === 'etcd' ? names.filter((name) => name.startsWith('control')) : names;
  return {
    id: `cluster/kube-system/${unit}`,
    system: 'cluster',
    namespace: 'kube-system',
    workload: unit,
    kind: 'unit',
    service: unit,
    component: unit,
    roles: unit === 'etcd' ? ['etcd'] : [],
    labels: {},
    replicas: places.length,
    members: places.map((node, rank) => ({ rank, node })),
    ...(unit === 'etcd'
      ? { quorum: { size: places.length, needed: Math.floor(places.length / 2) + 1 } }
      : {}),
    unit,
  };
}

/** Now and then the first two workloads vote together. */
function joinSome(random: SeededRandom, services: readonly Service[]): readonly Service[] {
  if (!chance(random, 0.1)) return services;
  const together = services.filter(({ kind }) => kind !== 'unit').slice(0, 2);
  if (together.length < 2) return services;
  const size = together.reduce((sum, { replicas }) => sum + replicas, 0);
  const quorum = { size, needed: Math.floor(size / 2) + 1, group: 'voters' };
  return services.map((service) => (together.includes(service) ? { ...service, quorum } : service));
}

function liveMembers(
  random: SeededRandom,
  service: Service,
  names: readonly string[],
): Topology['live']['members'] {
  return service.members.flatMap(({ rank, node }) => {
    if (chance(random, 0.005)) return [];
    const moved = service.kind !== 'unit' && chance(random, 0.03) ? oneOf(random, names) : node;
    return [
      {
        service: service.id,
        rank,
        name: service.kind === 'unit' ? node : `${service.workload}-${rank}`,
        uid: `uid-${service.namespace}-${service.workload}-${rank}`,
        node: moved,
        ready: !chance(random, 0.015),
      },
    ];
  });
}

function generateOwnPath(
  random: SeededRandom,
  names: readonly string[],
  services: readonly Service[],
): readonly OwnPath[] {
  if (!chance(random, 0.1)) return [];
  const server = services.find(({ workload }) => workload === 'kube-apiserver');
  const node = oneOf(random, names);
  return [{ node, ...(server === undefined ? {} : { service: server.id }), says: 'Squall stands on it' }];
}

function generatePlan(random: SeededRandom, topology: Topology): Plan {
  const steps = [generateStep(random, topology, 'first')];
  const method: Step[] = chance(random, 0.2)
    ? [{ kind: 'parallel', name: 'both', steps: [...steps, generateStep(random, topology, 'second')] }]
    : steps;
  return planOf(method, generateLimits(random, topology));
}

function generateLimits(random: SeededRandom, topology: Topology): Limits {
  const workload = oneOf(random, topology.services).workload;
  return {
    maxTargets: 1 + random.integer(5),
    maxShare: oneOf(random, [0.25, 0.34, 0.5, 0.5, 0.67, 1]),
    protectedNamespaces: chance(random, 0.1) ? [oneOf(random, NAMESPACES)] : [],
    protectedNodes: chance(random, 0.15) ? [oneOf(random, topology.nodes).name] : [],
    maxUnseen: 0.02,
    maxDuration: { ms: 60_000 },
    ...(chance(random, 0.1) ? { quorums: [{ name: 'declared', selector: { workload } }] } : {}),
  };
}

function generateStep(random: SeededRandom, topology: Topology, name: string): FaultStep {
  const fault = oneOf(random, Object.keys(FAULTS));
  const acts = FAULTS[fault];
  const outside: Readonly<Record<string, boolean>> =
    acts === 'link' && chance(random, 0.2) ? { outside: true } : {};
  return {
    kind: 'fault',
    name,
    fault,
    selector: generateSelector(random, topology, acts),
    ...(acts === 'link' && chance(random, 0.3) ? { from: { node: oneOf(random, topology.nodes).name } } : {}),
    mode: oneOf<Mode>(random, [
      { kind: 'one' },
      { kind: 'one' },
      { kind: 'all' },
      { kind: 'fixed', value: 1 + random.integer(3) },
      { kind: 'percent', value: oneOf(random, [0.3, 0.5, 0.75]) },
    ]),
    duration: { ms: INSTANT.includes(fault) ? 0 : 10_000 },
    parameters: outside,
  };
}

function generateSelector(
  random: SeededRandom,
  topology: Topology,
  acts: (typeof FAULTS)[string] | undefined,
): Selector {
  const service = oneOf(random, topology.services);
  const node = oneOf(random, topology.nodes);
  const unit = acts === 'unit' ? { unit: oneOf(random, node.units) } : {};
  const byService: readonly Selector[] = [
    { workload: service.workload },
    { workload: service.workload },
    { service: service.service },
    { role: oneOf(random, ROLES) },
    { labels: { tier: 'front' } },
    { workload: service.workload, namespace: oneOf(random, NAMESPACES) },
  ];
  const byNode: readonly Selector[] = [
    { ...unit, role: oneOf(random, ['control', 'compute']) },
    { ...unit, node: node.name },
    { ...unit, role: 'api-address-holder' },
    { ...unit, labels: { rack: 'a' } },
  ];
  const anything: readonly Selector[] = [...byService, ...byNode, { namespace: service.namespace }, {}];
  if (chance(random, 0.1)) return oneOf(random, anything);
  return oneOf(random, acts === 'pod' ? byService : byNode);
}

function generateOpen(random: SeededRandom, topology: Topology, n: number): HealingEntry {
  const { name } = oneOf(random, topology.nodes);
  const bound = (subject: 'node' | 'link', node: string): BoundTarget => ({
    subject,
    node,
    name: node,
    uid: `uid-${node}`,
  });
  const cut = chance(random, 0.4);
  const others = topology.nodes.filter((other) => other.name !== name);
  const fault = cut ? 'network-partition' : 'node-power-off';
  const from = cut ? others.map((other) => bound('link', other.name)) : [];
  return openEntry(`open-${n}`, fault, [bound(cut ? 'link' : 'node', name)], from, {});
}

/** An entry of a journal that was not closed. */
export const openEntry = (
  step: string,
  fault: string,
  targets: readonly BoundTarget[],
  from: readonly BoundTarget[],
  parameters: FaultStep['parameters'],
): HealingEntry => entryOf(`run/${step}`, { run: 'run', step, fault, targets, from, parameters });
