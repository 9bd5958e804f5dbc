import type { BoundTarget, TargetIdentity } from '../model/schedule.ts';
import type { Service, Topology } from '../model/topology.ts';

/** What acts together: the targets of one step, or of one open entry. */
export interface TargetGroup {
  /** The step's id. */
  readonly step: string;
  readonly targets: readonly (TargetIdentity | BoundTarget)[];
  readonly from: readonly (TargetIdentity | BoundTarget)[];
}

/** Ranks that count as lost, by `Service.id`, each with the reason. */
export type Losses = ReadonlyMap<string, ReadonlyMap<number, string>>;

/** A target that the topology does not know: nothing can be proved about it. */
export class UnknownTarget extends Error {}

/** One member of a service where it is now. */
export interface Placed {
  readonly rank: number;
  readonly node: string;
  readonly ready: boolean;
  readonly name: string;
}

/** Where the members of a service are: as seen live, or where they are expected when nothing was seen of them. */
export function placesOf(service: Service, topology: Topology): readonly Placed[] {
  const live = topology.live.members.filter((member) => member.service === service.id);
  return service.members.map(({ rank, node }) => {
    const now = live.find((member) => member.rank === rank);
    return now ?? { rank, node, ready: false, name: `${service.workload}#${rank}` };
  });
}

/**
 * Everything that would be lost at once. A node that is off, frozen or cut off takes all of its members with it; of two groups
 * that cannot reach each other the minority counts as lost, so that what is left always reaches all of itself.
 * @throws UnknownTarget
 */
export function countLosses(groups: readonly TargetGroup[], topology: Topology): Losses {
  const lost = new Map<string, Map<number, string>>();
  const lose = (service: Service, rank: number, why: string): void => {
    const ranks = lost.get(service.id) ?? new Map<number, string>();
    lost.set(service.id, ranks);
    if (!ranks.has(rank)) ranks.set(rank, why);
  };
  const loseNode = (node: string, why: string): void => {
    for (const service of topology.services) {
      for (const place of placesOf(service, topology))
        if (place.node === node) lose(service, place.rank, why);
    }
  };
  for (const { step, targets } of groups) {
    for (const target of targets) {
      if (target.subject !== 'link') loseTarget(target, step, topology, lose, loseNode);
    }
  }
  for (const group of groups) {
    if (!group.targets.some(({ subject }) => subject === 'link')) continue;
    for (const node of minority(group, topology, lost)) loseNode(node, `${node} cut off by ${group.step}`);
  }
  return lost;
}

function loseTarget(
  target: TargetIdentity,
  step: string,
  topology: Topology,
  lose: (service: Service, rank: number, why: string) => void,
  loseNode: (node: string, why: string) => void,
): void {
  if (target.subject === 'node') {
    const node = nodeOf(target, topology);
    loseNode(node, `${node} by ${step}`);
    return;
  }
  if (target.subject === 'pod') {
    const service = topology.services.find(({ id }) => id === target.service);
    if (
      service === undefined ||
      target.rank === undefined ||
      !service.members.some(({ rank }) => rank === target.rank)
    ) {
      throw new UnknownTarget(`${target.service ?? 'a pod'}#${target.rank ?? '?'} is not in the topology`);
    }
    lose(service, target.rank, `${service.workload}#${target.rank} by ${step}`);
    return;
  }
  const node = nodeOf(target, topology);
  const served = topology.services.filter(({ kind, unit }) => kind === 'unit' && unit === target.unit);
  const ranks = served.flatMap((service) =>
    placesOf(service, topology)
      .filter((place) => place.node === node)
      .map(({ rank }) => ({ service, rank })),
  );
  for (const { service, rank } of ranks) lose(service, rank, `${target.unit} on ${node} by ${step}`);
  // A unit that no service stands for (kubelet, a container runtime) may take the whole node with it.
  if (ranks.length === 0)
    loseNode(node, `${node}, which may fail without ${target.unit ?? 'its unit'}, by ${step}`);
}

/** The node of a target on the live state. @throws UnknownTarget */
export function nodeOf(target: TargetIdentity, topology: Topology): string {
  const held = target.holderOf;
  const node = target.node ?? topology.live.holders.find(({ what }) => what === held)?.node;
  if (node === undefined) {
    const why = topology.live.unknownHolders?.find(({ what }) => what === held)?.reason;
    throw new UnknownTarget(`nobody is known to hold ${held ?? 'it'}${why === undefined ? '' : ` (${why})`}`);
  }
  if (!topology.nodes.some(({ name }) => name === node))
    throw new UnknownTarget(`node ${node} is not in the topology`);
  return node;
}

/** The two groups of nodes; a missing other side is every node that is not chosen. */
export function sidesOf(
  group: TargetGroup,
  topology: Topology,
): readonly [readonly string[], readonly string[]] {
  const chosen = [...new Set(group.targets.map((target) => nodeOf(target, topology)))];
  const named = group.from.map((target) => nodeOf(target, topology));
  const others = group.from.length > 0 ? named : topology.nodes.map(({ name }) => name);
  return [chosen, [...new Set(others)].filter((node) => !chosen.includes(node))];
}

/** The side with fewer members of quorum services that are still there; at a tie the one with fewer nodes, then the chosen. */
function minority(group: TargetGroup, topology: Topology, lost: Losses): readonly string[] {
  const [chosen, others] = sidesOf(group, topology);
  const weigh = (nodes: readonly string[]): number =>
    topology.services
      .filter(({ quorum }) => quorum !== undefined)
      .flatMap((service) =>
        placesOf(service, topology).filter(
          ({ node, rank, ready }) => ready && nodes.includes(node) && !lost.get(service.id)?.has(rank),
        ),
      ).length;
  const difference = weigh(chosen) - weigh(others) || chosen.length - others.length;
  return difference <= 0 ? chosen : others;
}
