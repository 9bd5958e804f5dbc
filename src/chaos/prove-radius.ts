import type { HealingEntry } from '../model/injection.ts';
import type { Limits } from '../model/plan.ts';
import { describeTarget, type BoundTarget, type TargetIdentity } from '../model/schedule.ts';
import type { Topology } from '../model/topology.ts';
import { countLosses, nodeOf, UnknownTarget, type TargetGroup } from './count-losses.ts';
import { collide } from './find-collisions.ts';
import { keepOwnPath } from './keep-own-path.ts';
import { keepProtected } from './keep-protected.ts';
import { proveQuorums } from './prove-quorums.ts';
import { proveService } from './prove-service.ts';
import { applyOverrides, holds, refuses, type ReasoningLine } from './reasoning.ts';
import { refuseUnseen } from './refuse-unseen.ts';

export type { ReasoningLine } from './reasoning.ts';

export interface RadiusQuestion {
  readonly topology: Topology;
  readonly limits: Limits;
  /** Everything that is about to be hurt at once. */
  readonly targets: readonly TargetGroup[];
  /** Faults that are not closed, of this run and of others. */
  readonly open: readonly HealingEntry[];
}

export interface RadiusProof {
  readonly ok: boolean;
  readonly reasoning: readonly ReasoningLine[];
}

/**
 * Proves that nothing more than the limits allow would be hurt at once, or says why that cannot be proved. Pure. A member that is
 * not ready counts as lost already; so does everything that open faults hurt. What the plan overrides is among the lines, as such.
 */
export function proveRadius({ topology, limits, targets, open }: RadiusQuestion): RadiusProof {
  const lines: ReasoningLine[] = [];
  try {
    const { here, elsewhere } = sortOpen(open, topology);
    lines.push(...elsewhere);
    const hurt = [...here, ...targets];
    lines.push(...countTargets(targets, hurt, limits), ...refuseTwice(targets, here, topology));
    const all = countLosses(hurt, topology);
    // Cuts that meet may take another side than each alone, so what is ours is what would not be lost without us.
    const before = countLosses(here, topology);
    const byUs = countLosses(targets, topology);
    lines.push(
      ...keepProtected(targets, all, before, topology, limits),
      ...keepOwnPath(targets, all, before, topology),
      ...refuseUnseen(byUs, topology),
      ...proveQuorums(topology, limits, all),
    );
    for (const service of topology.services)
      lines.push(...proveService(service, topology, limits, { all, before, byUs }));
  } catch (error) {
    if (!(error instanceof UnknownTarget)) throw error;
    lines.push(refuses('known-targets', `nothing can be proved, because ${error.message}.`));
  }
  const reasoning = applyOverrides(lines, limits.overrides);
  return { ok: reasoning.every(({ refused }) => !refused), reasoning };
}

/** Open faults of another cloud that is hurt from the same machine say nothing about this one: none of their nodes is here. */
function sortOpen(
  open: readonly HealingEntry[],
  topology: Topology,
): { readonly here: readonly HealingEntry[]; readonly elsewhere: readonly ReasoningLine[] } {
  const known = new Set(topology.nodes.map(({ name }) => name));
  const isHere = ({ targets, from }: HealingEntry): boolean =>
    targets.length === 0 || [...targets, ...from].some(({ node }) => known.has(node));
  const elsewhere = open.filter((entry) => !isHere(entry));
  return {
    here: open.filter(isHere),
    elsewhere: elsewhere.map(({ fault, run, targets }) =>
      holds(
        'known-targets',
        `${fault} of run ${run} is open on ${targets.map(describeTarget).join(', ')}, and none of its nodes is in this topology.`,
      ),
    ),
  };
}

function countTargets(
  targets: readonly TargetGroup[],
  hurt: readonly TargetGroup[],
  { maxTargets }: Limits,
): readonly ReasoningLine[] {
  if (targets.length === 0 || targets.some((group) => group.targets.length === 0))
    return [refuses('known-targets', 'there is no target.')];
  const names = hurt.flatMap((group) => group.targets.map(describeTarget));
  const says = `${names.length} ${names.length === 1 ? 'target' : 'targets'} at once (${names.join(', ')}), ${maxTargets} allowed.`;
  return [names.length <= maxTargets ? holds('max-targets', says) : refuses('max-targets', says)];
}

/** A target under two faults could not be healed from one without the other showing through. */
function refuseTwice(
  groups: readonly TargetGroup[],
  open: readonly HealingEntry[],
  topology: Topology,
): readonly ReasoningLine[] {
  const place = (target: TargetIdentity | BoundTarget): TargetIdentity =>
    target.subject === 'pod' ? placePod(target, topology) : withoutHolder(target, topology);
  const earlier = open.flatMap((entry) =>
    entry.targets.map((target) => ({ target: place(target), by: entry.fault })),
  );
  const lines: ReasoningLine[] = [];
  for (const { targets, step } of groups) {
    for (const target of targets.map(place)) {
      const found = earlier.find((known) => collide(known.target, target));
      if (found)
        lines.push(refuses('one-fault-each', `${describeTarget(target)} is hurt already, by ${found.by}.`));
      earlier.push({ target, by: step });
    }
  }
  return lines;
}

/** A pod of which only its rank is known is where its member is now. */
function placePod(target: TargetIdentity, { live }: Topology): TargetIdentity {
  if (target.node !== undefined) return target;
  const member = live.members.find(({ service, rank }) => service === target.service && rank === target.rank);
  return member === undefined ? target : { ...target, node: member.node };
}

function withoutHolder(target: TargetIdentity, topology: Topology): TargetIdentity {
  const { holderOf: _holderOf, ...rest } = target;
  return { ...rest, node: nodeOf(target, topology) };
}
