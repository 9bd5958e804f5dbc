import type { Limits } from '../model/plan.ts';
import { describeTarget } from '../model/schedule.ts';
import type { Service, Topology } from '../model/topology.ts';
import { nodeOf, placesOf, type Losses, type TargetGroup } from './count-losses.ts';
import { refuses, type ReasoningLine } from './reasoning.ts';

/** Protected things may neither be targets nor stand on the side that counts as lost. No override speaks of this rule. */
export function keepProtected(
  groups: readonly TargetGroup[],
  all: Losses,
  before: Losses,
  topology: Topology,
  limits: Limits,
): readonly ReasoningLine[] {
  const lines = [
    ...protectedTargets(groups, topology, limits),
    ...limits.protectedNodes
      .filter((node) => all.nodes.has(node) && !before.nodes.has(node))
      .map((node) => refuses('protected', `the protected node ${node} would be lost.`, node)),
    ...topology.services.flatMap((service) => protectedMembers(service, all, before, topology, limits)),
  ];
  return [...new Map(lines.map((line) => [line.says, line])).values()];
}

function protectedTargets(
  groups: readonly TargetGroup[],
  topology: Topology,
  { protectedNamespaces, protectedNodes }: Limits,
): readonly ReasoningLine[] {
  return groups
    .flatMap(({ targets }) => targets)
    .flatMap((target) => {
      const service = topology.services.find(({ id }) => id === target.service);
      const lines: ReasoningLine[] = [];
      if (service !== undefined && protectedNamespaces.includes(service.namespace)) {
        const says = `${describeTarget(target)} is in the protected namespace ${service.namespace}.`;
        lines.push(refuses('protected', says));
      }
      if (target.subject === 'pod') return lines;
      const node = nodeOf(target, topology);
      if (protectedNodes.includes(node)) lines.push(refuses('protected', `node ${node} is protected.`, node));
      return lines;
    });
}

function protectedMembers(
  service: Service,
  all: Losses,
  before: Losses,
  topology: Topology,
  { protectedNamespaces, protectedNodes }: Limits,
): readonly ReasoningLine[] {
  const earlier = before.members.get(service.id);
  const ours = [...(all.members.get(service.id)?.keys() ?? [])].filter((rank) => !earlier?.has(rank));
  if (ours.length === 0) return [];
  const lines: ReasoningLine[] = [];
  if (protectedNamespaces.includes(service.namespace)) {
    const says = `${service.workload} in the protected namespace ${service.namespace} would be hurt.`;
    lines.push(refuses('protected', says));
  }
  const place = placesOf(service, topology).find(
    ({ rank, node }) => ours.includes(rank) && protectedNodes.includes(node),
  );
  if (place) {
    const says = `${service.workload} on the protected node ${place.node} would be hurt.`;
    lines.push(refuses('protected', says, place.node));
  }
  return lines;
}
