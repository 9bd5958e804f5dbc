import type { Limits } from '../model/plan.ts';
import type { Service, Topology } from '../model/topology.ts';
import { placesOf, type Losses } from './count-losses.ts';
import { holds, refuses, type ReasoningLine } from './reasoning.ts';

export interface LossesAround {
  readonly all: Losses;
  /** Without what is asked for. */
  readonly before: Losses;
  /** By what is asked for alone. */
  readonly byUs: Losses;
}

/** What must stay of one service; nothing is said of one that nothing is taken from. */
export function proveService(
  service: Service,
  topology: Topology,
  limits: Limits,
  losses: LossesAround,
): readonly ReasoningLine[] {
  const hurt = losses.all.members.get(service.id) ?? new Map<number, string>();
  if (!takesFrom(service.id, losses)) return [];
  const places = placesOf(service, topology);
  const unready = places.filter(({ ready, rank }) => !ready && !hurt.has(rank));
  const left = places.length - hurt.size - unready.length;
  const about = `${service.namespace}/${service.workload}`;
  const lost = [...hurt.values(), ...unready.map((place) => `${place.name} not ready`)].join(', ');
  const count = `${about} has ${places.length}, ${left} left (lost: ${lost})`;
  const lines: ReasoningLine[] = [];
  if (service.quorum === undefined) {
    lines.push(
      left >= 1
        ? holds('last-member', `${count}.`, about)
        : refuses('last-member', `${count}, so its last ready member would go.`, about),
    );
  }
  const blind = topology.blindness?.find(({ what }) => what === 'poddisruptionbudgets');
  if (blind !== undefined && service.kind !== 'unit') {
    const says = `${count}, and its disruption budgets are not known: ${blind.reason}`;
    lines.push(refuses('disruption-budget', says, about));
  }
  if (service.minAvailable !== undefined && left < service.minAvailable) {
    const says = `${count}, ${service.minAvailable} must stay available.`;
    lines.push(refuses('disruption-budget', says, about));
  }
  // Of workloads that vote together, the group has a share of its own: each may have one member only.
  if (service.quorum?.group === undefined && hurt.size / places.length > limits.maxShare) {
    const says = `${count}: ${percent(hurt.size / places.length)} would be hurt at once, ${percent(limits.maxShare)} allowed.`;
    lines.push(refuses('max-share', says, about));
  }
  return lines;
}

function takesFrom(service: string, { all, before, byUs }: LossesAround): boolean {
  if ((byUs.members.get(service)?.size ?? 0) > 0) return true;
  const earlier = before.members.get(service);
  return [...(all.members.get(service)?.keys() ?? [])].some((rank) => earlier?.has(rank) !== true);
}

/** To a tenth, so that two shares that differ do not look the same. */
const percent = (share: number): string => `${Math.round(share * 1000) / 10} %`;
