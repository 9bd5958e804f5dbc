import type { HealingEntry } from '../model/injection.ts';
import type { Limits } from '../model/plan.ts';
import { describeTarget, type BoundTarget, type TargetIdentity } from '../model/schedule.ts';
import type { Service, Topology } from '../model/topology.ts';
import {
  countLosses,
  nodeOf,
  placesOf,
  UnknownTarget,
  type Losses,
  type TargetGroup,
} from './count-losses.ts';
import { collide } from './find-collisions.ts';

export interface RadiusQuestion {
  readonly topology: Topology;
  readonly limits: Limits;
  /** Everything that is about to be hurt at once. */
  readonly targets: readonly TargetGroup[];
  /** Faults that are not closed, of this run and of others. */
  readonly open: readonly HealingEntry[];
}

/** One line of the reasoning; a proof is refused when any of its lines refuses. */
export interface ReasoningLine {
  readonly says: string;
  readonly refused: boolean;
}

export interface RadiusProof {
  readonly ok: boolean;
  readonly reasoning: readonly ReasoningLine[];
}

const holds = (says: string): ReasoningLine => ({ says: `holds: ${says}`, refused: false });
const refuses = (says: string): ReasoningLine => ({ says: `refused: ${says}`, refused: true });

/**
 * Proves that nothing more than the limits allow would be hurt at once, or says why that cannot be proved. Pure. A member that is
 * not ready counts as lost already; so does everything that open faults hurt.
 */
export function proveRadius({ topology, limits, targets, open }: RadiusQuestion): RadiusProof {
  const reasoning: ReasoningLine[] = [];
  try {
    const hurt = [...open, ...targets];
    reasoning.push(...countTargets(hurt, limits), ...refuseTwice(targets, open, topology));
    const all = countLosses(hurt, topology);
    const byUs = countLosses(targets, topology);
    reasoning.push(...keepProtected(targets, byUs, topology, limits));
    for (const service of topology.services)
      reasoning.push(...proveService(service, topology, limits, all, byUs));
  } catch (error) {
    if (!(error instanceof UnknownTarget)) throw error;
    reasoning.push(refuses(`nothing can be proved, because ${error.message}.`));
  }
  return { ok: reasoning.every(({ refused }) => !refused), reasoning };
}

function countTargets(groups: readonly TargetGroup[], limits: Limits): readonly ReasoningLine[] {
  const names = groups.flatMap(({ targets }) => targets.map(describeTarget));
  const says = `${names.length} ${names.length === 1 ? 'target' : 'targets'} at once (${names.join(', ')}), ${limits.maxTargets} allowed.`;
  if (names.length === 0) return [refuses('there is no target.')];
  return [names.length <= limits.maxTargets ? holds(says) : refuses(says)];
}

/** A target under two faults could not be healed from one without the other showing through. */
function refuseTwice(
  groups: readonly TargetGroup[],
  open: readonly HealingEntry[],
  topology: Topology,
): readonly ReasoningLine[] {
  const place = (target: TargetIdentity | BoundTarget): TargetIdentity =>
    target.subject === 'pod' ? target : withoutHolder(target, topology);
  const earlier = open.flatMap((entry) =>
    entry.targets.map((target) => ({ target: place(target), by: entry.fault })),
  );
  const lines: ReasoningLine[] = [];
  for (const { targets, step } of groups) {
    for (const target of targets.map(place)) {
      const found = earlier.find((known) => collide(known.target, target));
      if (found) lines.push(refuses(`${describeTarget(target)} is hurt already, by ${found.by}.`));
      earlier.push({ target, by: step });
    }
  }
  return lines;
}

function withoutHolder(target: TargetIdentity, topology: Topology): TargetIdentity {
  const { holderOf: _holderOf, ...rest } = target;
  return { ...rest, node: nodeOf(target, topology) };
}

/** Protected things may neither be targets nor stand on the side that counts as lost. */
function keepProtected(
  groups: readonly TargetGroup[],
  losses: Losses,
  topology: Topology,
  limits: Limits,
): readonly ReasoningLine[] {
  const lines: ReasoningLine[] = [];
  for (const target of groups.flatMap(({ targets }) => targets)) {
    const service = topology.services.find(({ id }) => id === target.service);
    if (service !== undefined && limits.protectedNamespaces.includes(service.namespace)) {
      lines.push(refuses(`${describeTarget(target)} is in the protected namespace ${service.namespace}.`));
    }
    if (target.subject === 'pod') continue;
    const node = nodeOf(target, topology);
    if (limits.protectedNodes.includes(node)) lines.push(refuses(`node ${node} is protected.`));
  }
  for (const service of topology.services) {
    const ranks = losses.get(service.id);
    if (ranks !== undefined && limits.protectedNamespaces.includes(service.namespace)) {
      lines.push(
        refuses(`${service.workload} in the protected namespace ${service.namespace} would be hurt.`),
      );
    }
    const place = placesOf(service, topology).find(
      ({ rank, node }) => ranks?.has(rank) && limits.protectedNodes.includes(node),
    );
    if (place) lines.push(refuses(`${service.workload} on the protected node ${place.node} would be hurt.`));
  }
  return [...new Map(lines.map((line) => [line.says, line])).values()];
}

function proveService(
  service: Service,
  topology: Topology,
  limits: Limits,
  all: Losses,
  byUs: Losses,
): readonly ReasoningLine[] {
  const places = placesOf(service, topology);
  const hurt = all.get(service.id) ?? new Map<number, string>();
  const mine = byUs.get(service.id) ?? new Map<number, string>();
  const unready = places.filter(({ ready, rank }) => !ready && !hurt.has(rank));
  const left = places.length - hurt.size - unready.length;
  const name = `${service.namespace}/${service.workload}`;
  const lossText = [...[...hurt.values()], ...unready.map((place) => `${place.name} not ready`)].join(', ');
  const count = `${name} has ${places.length}, ${left} left (${lossText === '' ? 'nothing lost' : `lost: ${lossText}`})`;
  const lines: ReasoningLine[] = [];
  if (service.quorum !== undefined) {
    const { needed } = service.quorum;
    const says = `${count}, ${needed} needed for its quorum.`;
    lines.push(left >= needed ? holds(says) : refuses(says));
  }
  if (mine.size === 0) return lines;
  if (service.quorum === undefined)
    lines.push(left >= 1 ? holds(`${count}.`) : refuses(`${count}, so its last ready member would go.`));
  const blind = topology.blindness?.find(({ what }) => what === 'poddisruptionbudgets');
  if (blind !== undefined && service.kind !== 'unit')
    lines.push(refuses(`${count}, and its disruption budgets are not known: ${blind.reason}`));
  if (service.minAvailable !== undefined && left < service.minAvailable) {
    lines.push(refuses(`${count}, ${service.minAvailable} must stay available.`));
  }
  const share = hurt.size / places.length;
  if (share > limits.maxShare) {
    lines.push(
      refuses(`${count}: ${percent(share)} would be hurt at once, ${percent(limits.maxShare)} allowed.`),
    );
  }
  return lines;
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;
