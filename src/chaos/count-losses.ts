import type { ParameterValues } from '../model/catalogue.ts';
import type { BoundTarget, TargetIdentity } from '../model/schedule.ts';
import type { Service, Topology } from '../model/topology.ts';

/** What acts together: the targets of one step, or of one open entry. */
export interface TargetGroup {
  /** The step's id. */
  readonly step: string;
  readonly targets: readonly (TargetIdentity | BoundTarget)[];
  readonly from: readonly (TargetIdentity | BoundTarget)[];
  /** Of the fault. Default none. */
  readonly parameters?: ParameterValues;
}

/** What counts as lost, each with the reason. */
export interface Losses {
  /** Ranks by `Service.id`. */
  readonly members: ReadonlyMap<string, ReadonlyMap<number, string>>;
  /** Nodes that are lost as a whole. */
  readonly nodes: ReadonlyMap<string, string>;
}

/** Units without which nothing on their node can be relied on, whatever runs there at this moment. */
const CARRIES_ITS_NODE =
  /^(kubelet|containerd|crio|cri-o|docker|dockerd|cri-dockerd|k3s|k3s-agent|rke2-server|rke2-agent|systemd-networkd|NetworkManager|networking|openvswitch-switch|ovs-vswitchd)(\.service)?$/;

/** A target that the topology does not know: nothing can be proved about it. */
export class UnknownTarget extends Error {}

/** One member of a service where it is now. */
export interface Placed {
  readonly rank: number;
  readonly node: string;
  readonly ready: boolean;
  readonly name: string;
}

/**
 * Where the members of a service are: as seen live, or where they are expected when nothing was seen of them. What is on a node that
 * is not ready is not ready, whatever was last heard of it.
 */
export function placesOf(service: Service, topology: Topology): readonly Placed[] {
  const live = topology.live.members.filter((member) => member.service === service.id);
  const onReady = ({ node }: { readonly node: string }): boolean =>
    topology.live.nodes.some(({ name, ready }) => name === node && ready);
  return service.members.map(({ rank, node }) => {
    const now = live.find((member) => member.rank === rank);
    if (now === undefined) return { rank, node, ready: false, name: `${service.workload}#${rank}` };
    return { rank, node: now.node, ready: now.ready && onReady(now), name: now.name };
  });
}

/**
 * Everything that would be lost at once. A node that is off, frozen or cut off takes all of its members with it; of two groups
 * that cannot reach each other the minority counts as lost, so that what is left always reaches all of itself.
 * @throws UnknownTarget
 */
export function countLosses(groups: readonly TargetGroup[], topology: Topology): Losses {
  const found = new LossCount(topology);
  for (const { step, targets } of groups) {
    for (const target of targets) if (target.subject !== 'link') found.loseTarget(target, step);
  }
  for (const group of groups) {
    if (!group.targets.some(({ subject }) => subject === 'link')) continue;
    for (const node of cutOff(group, topology, found))
      found.loseNode(node, `${node} cut off by ${group.step}`);
  }
  return found;
}

/** Fills the losses target by target; the first reason is kept. */
class LossCount implements Losses {
  readonly members = new Map<string, Map<number, string>>();
  readonly nodes = new Map<string, string>();
  readonly #topology: Topology;
  readonly #places: ReadonlyMap<Service, readonly Placed[]>;

  constructor(topology: Topology) {
    this.#topology = topology;
    this.#places = new Map(topology.services.map((service) => [service, placesOf(service, topology)]));
  }

  lose(service: Service, rank: number, why: string): void {
    const ranks = this.members.get(service.id) ?? new Map<number, string>();
    this.members.set(service.id, ranks);
    if (!ranks.has(rank)) ranks.set(rank, why);
  }

  loseNode(node: string, why: string): void {
    if (!this.nodes.has(node)) this.nodes.set(node, why);
    for (const [service, places] of this.#places) {
      for (const place of places) if (place.node === node) this.lose(service, place.rank, why);
    }
  }

  loseTarget(target: TargetIdentity, step: string): void {
    if (target.subject === 'pod') {
      this.#losePod(target, step);
      return;
    }
    const node = nodeOf(target, this.#topology);
    if (target.subject === 'node') this.loseNode(node, `${node} by ${step}`);
    else this.#loseUnit(target.unit, node, step);
  }

  #losePod(target: TargetIdentity, step: string): void {
    const service = this.#topology.services.find(({ id }) => id === target.service);
    if (
      service === undefined ||
      target.rank === undefined ||
      !service.members.some(({ rank }) => rank === target.rank)
    ) {
      throw new UnknownTarget(`${target.service ?? 'a pod'}#${target.rank ?? '?'} is not in the topology`);
    }
    this.lose(service, target.rank, `${service.workload}#${target.rank} by ${step}`);
  }

  /** A unit that no service stands for may take the whole node with it, and so may one that everything there rests on. */
  #loseUnit(unit: string | undefined, node: string, step: string): void {
    let served = false;
    for (const [service, places] of this.#places) {
      if (service.kind !== 'unit' || service.unit !== unit) continue;
      for (const place of places) {
        if (place.node !== node) continue;
        served = true;
        this.lose(service, place.rank, `${unit} on ${node} by ${step}`);
      }
    }
    if (!served || CARRIES_ITS_NODE.test(unit ?? ''))
      this.loseNode(node, `${node}, which may fail without ${unit ?? 'its unit'}, by ${step}`);
  }
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

/** The minority; and whoever is cut off from the users as well counts as lost, even where it is the majority. */
function cutOff(group: TargetGroup, topology: Topology, lost: Losses): readonly string[] {
  const [chosen, others] = sidesOf(group, topology);
  if (others.length === 0) return chosen;
  const minority = smallerSide(chosen, others, topology, lost);
  if (group.parameters?.['outside'] !== true) return minority;
  return [...new Set([...chosen, ...minority])];
}

/** The side with fewer members of quorum services that are still there; at a tie the one with fewer nodes, then the chosen. */
function smallerSide(
  chosen: readonly string[],
  others: readonly string[],
  topology: Topology,
  lost: Losses,
): readonly string[] {
  const weigh = (nodes: readonly string[]): number =>
    topology.services
      .filter(({ quorum }) => quorum !== undefined)
      .flatMap((service) =>
        placesOf(service, topology).filter(
          ({ node, rank, ready }) =>
            ready && nodes.includes(node) && !lost.members.get(service.id)?.has(rank),
        ),
      ).length;
  const difference = weigh(chosen) - weigh(others) || chosen.length - others.length;
  return difference <= 0 ? chosen : others;
}
