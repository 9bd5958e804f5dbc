import type { Limits } from '../../src/model/plan.ts';
import type { BoundTarget } from '../../src/model/schedule.ts';
import type { Service, Topology } from '../../src/model/topology.ts';

/** What is hurt at once by one step or one open entry. */
export interface Hurt {
  readonly targets: readonly BoundTarget[];
  readonly from: readonly BoundTarget[];
  readonly outside: boolean;
}

/** Written down once more, apart from the list that the proof has: what takes a node with it when it stops. */
const NODE_UNITS = new Set(['kubelet', 'containerd']);

interface Member {
  readonly service: Service;
  readonly rank: number;
  readonly node: string;
  readonly up: boolean;
}

/** The members of every service, with their nodes and whether they serve now. */
function membersOf(topology: Topology): readonly Member[] {
  const up = new Map(topology.live.nodes.map(({ name, ready }) => [name, ready]));
  const live = new Map(topology.live.members.map((member) => [`${member.service}#${member.rank}`, member]));
  return topology.services.flatMap((service) =>
    service.members.map(({ rank, node }) => {
      const now = live.get(`${service.id}#${rank}`);
      const place = now?.node ?? node;
      return { service, rank, node: place, up: now?.ready === true && up.get(place) === true };
    }),
  );
}

interface Damage {
  readonly nodes: ReadonlySet<string>;
  /** `<service>#<rank>` */
  readonly members: ReadonlySet<string>;
  readonly cuts: readonly Hurt[];
}

function damageOf(hurt: readonly Hurt[], topology: Topology): Damage {
  const nodes = new Set<string>();
  const members = new Set<string>();
  for (const { targets } of hurt) {
    for (const target of targets) {
      if (target.subject === 'node') nodes.add(target.node);
      if (target.subject === 'pod') members.add(`${target.service}#${target.rank}`);
      if (target.subject !== 'unit') continue;
      const carried = topology.services.find(
        ({ kind, unit, members: all }) =>
          kind === 'unit' && unit === target.unit && all.some(({ node }) => node === target.node),
      );
      if (carried === undefined || NODE_UNITS.has(target.unit ?? '')) nodes.add(target.node);
      for (const { rank, node } of carried?.members ?? [])
        if (node === target.node) members.add(`${carried?.id}#${rank}`);
    }
  }
  const cuts = hurt.filter(({ targets }) => targets.some(({ subject }) => subject === 'link'));
  return { nodes, members, cuts };
}

/** Every set of nodes that all reach each other and their users. */
function worlds(damage: Damage, topology: Topology): readonly ReadonlySet<string>[] {
  const alive = topology.nodes.map(({ name }) => name).filter((name) => !damage.nodes.has(name));
  const apart = (a: string, b: string): boolean =>
    damage.cuts.some(({ targets, from }) => {
      const left = new Set(targets.map(({ node }) => node));
      const right = new Set(from.map(({ node }) => node).filter((node) => !left.has(node)));
      return (left.has(a) && right.has(b)) || (left.has(b) && right.has(a));
    });
  const unseen = new Set(
    damage.cuts.filter(({ outside }) => outside).flatMap(({ targets }) => targets.map(({ node }) => node)),
  );
  const found: ReadonlySet<string>[] = [];
  for (let bits = 0; bits < 1 << alive.length; bits++) {
    const world = alive.filter((_, n) => (bits >> n) & 1);
    if (world.some((a) => unseen.has(a) || world.some((b) => apart(a, b)))) continue;
    found.push(new Set(world));
  }
  return found;
}

export interface Question {
  readonly topology: Topology;
  readonly limits: Limits;
  readonly earlier: readonly Hurt[];
  readonly ours: Hurt;
}

/**
 * What is wrong in the best of all worlds that may remain; empty when one has nothing wrong. Worked out by trying every set of
 * nodes, with nothing of the proof that it judges.
 */
export function whatIsWrong(question: Question): readonly string[] {
  const { topology, earlier, ours } = question;
  const damage = damageOf([...earlier, ours], topology);
  const before = damageOf(earlier, topology);
  let best: readonly string[] | undefined;
  for (const world of worlds(damage, topology)) {
    const wrong = judgeWorld(question, world, damage, before);
    if (wrong.length === 0) return [];
    if (best === undefined || wrong.length < best.length) best = wrong;
  }
  return best ?? ['nothing remains'];
}

function judgeWorld(
  { topology, limits, earlier, ours }: Question,
  world: ReadonlySet<string>,
  damage: Damage,
  before: Damage,
): readonly string[] {
  const wrong: string[] = [];
  const all = membersOf(topology);
  // What an earlier fault may have taken as a whole is not taken by this one; a node that lost a pod stands yet.
  const touched = new Set([
    ...before.nodes,
    ...before.cuts.flatMap(({ targets, from }) => [...targets, ...from].map(({ node }) => node)),
  ]);
  const keyOf = ({ service, rank }: Member): string => `${service.id}#${rank}`;
  const hit = (member: Member): boolean =>
    !world.has(member.node) || damage.nodes.has(member.node) || damage.members.has(keyOf(member));
  const hitBefore = (member: Member): boolean =>
    before.nodes.has(member.node) ||
    before.members.has(keyOf(member)) ||
    (!world.has(member.node) && touched.has(member.node) && before.cuts.length > 0);
  const stays = (members: readonly Member[]): number =>
    members.filter((member) => member.up && !hit(member)).length;

  for (const [name, members, needed] of quorumsIn(all, limits))
    if (members.length === 0 || stays(members) < needed) wrong.push(`quorum of ${name}`);
  const voters = all.filter(({ service }) => service.quorum?.group !== undefined);
  if (voters.filter(hit).length / Math.max(1, voters.length) > limits.maxShare) wrong.push('share of voters');
  for (const service of topology.services) {
    const members = all.filter((member) => member.service === service);
    const newly = members.filter((member) => hit(member) && !hitBefore(member));
    if (newly.length === 0) continue;
    const says = (what: string): number => wrong.push(`${what} of ${service.workload}`);
    if (stays(members) < Math.max(service.minAvailable ?? 0, service.quorum === undefined ? 1 : 0))
      says('minimum');
    if (service.quorum?.group === undefined && members.filter(hit).length / members.length > limits.maxShare)
      says('share');
    if (limits.protectedNamespaces.includes(service.namespace)) says('namespace');
    const what = topology.blindness?.map((each) => each.what) ?? [];
    if (what.includes('poddisruptionbudgets') && service.kind !== 'unit') says('unknown budgets');
  }
  wrong.push(...wrongWithNodes(topology, limits, world, touched));
  wrong.push(...wrongWithTargets(topology, limits, earlier, ours));
  return wrong;
}

function quorumsIn(
  all: readonly Member[],
  { quorums = [] }: Limits,
): readonly (readonly [string, readonly Member[], number])[] {
  const groups = new Map<string, Member[]>();
  for (const member of all) {
    if (member.service.quorum === undefined) continue;
    const name = member.service.quorum.group ?? member.service.id;
    groups.set(name, [...(groups.get(name) ?? []), member]);
  }
  const found = [...groups].map(
    ([name, members]) => [name, members, Math.floor(members.length / 2) + 1] as const,
  );
  const declared = quorums.map(({ name, selector }) => {
    const members = all.filter(({ service }) => service.workload === selector.workload);
    return [name, members, Math.floor(members.length / 2) + 1] as const;
  });
  return [...found, ...declared];
}

function wrongWithNodes(
  topology: Topology,
  { protectedNodes }: Limits,
  world: ReadonlySet<string>,
  touched: ReadonlySet<string>,
): readonly string[] {
  const gone = topology.nodes.filter(({ name }) => !world.has(name) && !touched.has(name));
  const own = (topology.live.ownPath ?? []).map(({ node }) => node);
  const blind = topology.blindness?.some(({ what }) => what === 'etcd') === true;
  return gone.flatMap(({ name, roles }) => [
    ...(protectedNodes.includes(name) ? [`protected ${name}`] : []),
    ...(own.includes(name) ? [`own path ${name}`] : []),
    ...(blind && roles.includes('control') ? [`unseen members on ${name}`] : []),
  ]);
}

function wrongWithTargets(
  topology: Topology,
  { maxTargets, protectedNodes, protectedNamespaces }: Limits,
  earlier: readonly Hurt[],
  ours: Hurt,
): readonly string[] {
  const taken = earlier.flatMap(({ targets }) => targets);
  const wide = ({ subject }: BoundTarget): boolean => subject === 'node' || subject === 'link';
  const twice = ours.targets.some((target) =>
    taken.some(
      (other) =>
        (other.node === target.node && (wide(other) || wide(target))) ||
        (other.uid === target.uid && other.name === target.name),
    ),
  );
  const services = new Map(topology.services.map((service) => [service.id, service]));
  const own = topology.live.ownPath ?? [];
  return [
    ...(taken.length + ours.targets.length > maxTargets ? ['too many targets'] : []),
    ...(ours.targets.length === 0 ? ['no target'] : []),
    ...(twice ? ['a target that is hurt already'] : []),
    ...ours.targets.flatMap(({ node, service, unit }) => [
      ...(protectedNodes.includes(node) ? [`protected ${node}`] : []),
      ...(protectedNamespaces.includes(services.get(service ?? '')?.namespace ?? '') ? ['a namespace'] : []),
      ...(own.some((path) => path.node === node && path.service !== undefined && unit === 'kube-apiserver')
        ? ['the own API server']
        : []),
    ]),
  ];
}
