import {
  describeTarget,
  type ScheduledFault,
  type ScheduledStep,
  type TargetIdentity,
} from '../model/schedule.ts';
import { identityKey } from './select-candidates.ts';

/** Two faults that would be on one target at the same time, each as a sentence: healing one could hide or undo the other. */
export function findCollisions(steps: readonly ScheduledStep[]): readonly string[] {
  return steps.flatMap((step) => {
    if (step.kind !== 'parallel') return [];
    const branches = step.branches.map(faultsIn);
    const between = branches.flatMap((left, n) =>
      branches.slice(n + 1).flatMap((right) => collisionsOf(left, right, step.id)),
    );
    return [...between, ...step.branches.flatMap(findCollisions)];
  });
}

export function faultsIn(steps: readonly ScheduledStep[]): readonly ScheduledFault[] {
  return steps.flatMap((step) => {
    if (step.kind === 'fault') return [step];
    return step.kind === 'parallel' ? step.branches.flatMap(faultsIn) : [];
  });
}

function collisionsOf(
  left: readonly ScheduledFault[],
  right: readonly ScheduledFault[],
  parallel: string,
): readonly string[] {
  return left.flatMap((one) =>
    right.flatMap((other) => {
      const shared = one.targets.find((target) =>
        other.targets.some((candidate) => collide(target, candidate)),
      );
      if (shared === undefined) return [];
      return [
        `Step ${parallel}: ${one.step} and ${other.step} would both act on ${describeTarget(shared)} at the same time.`,
      ];
    }),
  );
}

/** The same thing, or a node and something that is part of that node. */
export function collide(one: TargetIdentity, other: TargetIdentity): boolean {
  if (identityKey(one) === identityKey(other)) return true;
  if (one.node === undefined || one.node !== other.node) return false;
  return isNode(one) || isNode(other);
}

const isNode = ({ subject }: TargetIdentity): boolean => subject === 'node' || subject === 'link';
