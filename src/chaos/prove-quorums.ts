import type { DeclaredQuorum, Limits } from '../model/plan.ts';
import type { Service, Topology } from '../model/topology.ts';
import { placesOf, type Losses } from './count-losses.ts';
import { holds, refuses, type ReasoningLine } from './reasoning.ts';
import { serviceMatches } from './select-candidates.ts';

/** What votes together: one workload, several, or what the plan declares. */
export interface Quorum {
  readonly name: string;
  readonly services: readonly Service[];
  readonly needed: number;
}

/** Every quorum must hold with all that is hurt, whoever hurts it: what is broken already is no time for a fault elsewhere. */
export function proveQuorums(
  topology: Topology,
  { quorums: declared = [], maxShare }: Pick<Limits, 'quorums' | 'maxShare'>,
  all: Losses,
): readonly ReasoningLine[] {
  const known = knownQuorums(topology);
  return [
    ...[...known, ...declared.map((quorum) => declaredQuorum(quorum, topology))].map((quorum) =>
      proveQuorum(quorum, topology, all),
    ),
    ...known
      .filter(({ services }) => services.length > 1)
      .flatMap((quorum) => keepShare(quorum, maxShare, all)),
  ];
}

function keepShare({ name, services }: Quorum, maxShare: number, all: Losses): readonly ReasoningLine[] {
  const size = services.reduce((sum, { members }) => sum + members.length, 0);
  const hurt = services.reduce((sum, { id }) => sum + (all.members.get(id)?.size ?? 0), 0);
  if (hurt / size <= maxShare) return [];
  return [
    refuses('max-share', `${hurt} of the ${size} of ${name} would be hurt at once, more than allowed.`, name),
  ];
}

function proveQuorum({ name, services, needed }: Quorum, topology: Topology, all: Losses): ReasoningLine {
  const members = services.flatMap((service) =>
    placesOf(service, topology).map(({ rank, ready, name: member }) => {
      const why = all.members.get(service.id)?.get(rank);
      return why ?? (ready ? undefined : `${member} not ready`);
    }),
  );
  if (members.length === 0)
    return refuses('quorum', `the quorum ${name} has no members that are known.`, name);
  const lost = members.filter((why) => why !== undefined);
  const left = members.length - lost.length;
  const says = `${name} has ${members.length}, ${left} left (${lost.length === 0 ? 'nothing lost' : `lost: ${lost.join(', ')}`}), ${needed} needed for its quorum.`;
  return left >= needed ? holds('quorum', says, name) : refuses('quorum', says, name);
}

function knownQuorums({ services }: Topology): readonly Quorum[] {
  const groups = new Map<string, Quorum>();
  for (const service of services) {
    if (service.quorum === undefined) continue;
    const { group, needed } = service.quorum;
    const known = groups.get(group ?? service.id);
    groups.set(group ?? service.id, {
      name: group ?? `${service.namespace}/${service.workload}`,
      services: [...(known?.services ?? []), service],
      needed: Math.max(needed, known?.needed ?? 0),
    });
  }
  return [...groups.values()];
}

function declaredQuorum({ name, selector, needed }: DeclaredQuorum, topology: Topology): Quorum {
  const services = topology.services.filter((service) => serviceMatches(selector, service));
  const size = services.reduce((sum, { members }) => sum + members.length, 0);
  return { name, services, needed: needed ?? Math.floor(size / 2) + 1 };
}
