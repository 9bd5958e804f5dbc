import type { Topology } from '../model/topology.ts';

export interface Redundancy {
  readonly ok: boolean;
  /** Each thing that is missing, in words such as `openstack/openstack/keystone-api has 2 of 3 members ready`. */
  readonly lacks: readonly string[];
}

/**
 * Whether everything of the baseline is there and ready: every node, every member that its services declare, and a holder of
 * everything that was held. What came in addition does not count. A node that was cordoned in the baseline may stay so.
 */
export function isFullyRedundant(topology: Topology, baseline: Topology): Redundancy {
  const lacks = [
    ...lackingNodes(topology, baseline),
    ...lackingMembers(topology, baseline),
    ...lackingHolders(topology, baseline),
  ];
  return { ok: lacks.length === 0, lacks };
}

function lackingNodes(topology: Topology, baseline: Topology): readonly string[] {
  const now = new Map(topology.live.nodes.map((node) => [node.name, node]));
  return baseline.live.nodes.flatMap((before) => {
    const node = now.get(before.name);
    if (node === undefined) return [`node ${before.name} is gone`];
    if (!node.ready) return [`node ${before.name} is not ready`];
    return before.schedulable && !node.schedulable ? [`node ${before.name} is cordoned`] : [];
  });
}

function lackingMembers(topology: Topology, baseline: Topology): readonly string[] {
  const ready = new Map<string, number>();
  for (const member of topology.live.members) {
    if (member.ready) ready.set(member.service, (ready.get(member.service) ?? 0) + 1);
  }
  return baseline.services.flatMap((service) => {
    const count = ready.get(service.id) ?? 0;
    return count >= service.replicas
      ? []
      : [`${service.id} has ${count} of ${service.replicas} members ready`];
  });
}

function lackingHolders(topology: Topology, baseline: Topology): readonly string[] {
  const unready = new Set(topology.live.nodes.filter((node) => !node.ready).map((node) => node.name));
  return baseline.live.holders.flatMap(({ what }) => {
    const holder = topology.live.holders.find((each) => each.what === what);
    if (holder === undefined) {
      const unknown = topology.live.unknownHolders?.find((each) => each.what === what);
      return [
        unknown === undefined ? `nobody holds ${what}` : `who holds ${what} is not known: ${unknown.reason}`,
      ];
    }
    return unready.has(holder.node) ? [`${what} is held by ${holder.node}, which is not ready`] : [];
  });
}
