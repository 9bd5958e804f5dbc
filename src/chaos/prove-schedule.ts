import type { Limits } from '../model/plan.ts';
import type { Schedule, ScheduledFault, ScheduledStep } from '../model/schedule.ts';
import type { Topology } from '../model/topology.ts';
import { faultsIn } from './find-collisions.ts';
import { proveRadius, type ReasoningLine } from './prove-radius.ts';

/** One line of the reasoning, with the ids of the steps that it speaks of. */
export interface ScheduleReasoning extends ReasoningLine {
  readonly step: string;
}

export interface ScheduleProof {
  readonly ok: boolean;
  readonly reasoning: readonly ScheduleReasoning[];
}

/** More than this many ways in which branches can meet are taken as one: all of their faults at once. */
const MOST_MEETINGS = 256;

/**
 * Proves every step on the topology as it was found, before anything is touched: steps that follow each other one by one, and
 * parallel branches in every way in which they can meet. Each step is proved again on the live state when its turn comes. Pure.
 */
export function proveSchedule(schedule: Schedule, topology: Topology, limits: Limits): ScheduleProof {
  const reasoning = meetings(schedule.steps).flatMap((faults) => {
    const step = faults.map(({ id }) => id).join(' + ');
    const targets = faults.map(({ id, targets: chosen, from, parameters }) => ({
      step: id,
      targets: chosen,
      from,
      parameters,
    }));
    const lines = proveRadius({ topology, limits, targets, open: [] }).reasoning;
    return lines.map((line) => ({ ...line, says: `${step}: ${line.says}`, step }));
  });
  return { ok: reasoning.every(({ refused }) => !refused), reasoning };
}

/** Sets of faults that may hold at the same time. */
function meetings(steps: readonly ScheduledStep[]): readonly (readonly ScheduledFault[])[] {
  return steps.flatMap((step) => {
    if (step.kind === 'fault') return [[step]];
    if (step.kind !== 'parallel') return [];
    const branches = step.branches.map(meetings).filter((inside) => inside.length > 0);
    const ways = branches.reduce((product, { length }) => product * length, 1);
    if (ways > MOST_MEETINGS) return [faultsIn(step.branches.flat())];
    return branches.reduce<readonly (readonly ScheduledFault[])[]>(
      (sofar, branch) => sofar.flatMap((left) => branch.map((right) => [...left, ...right])),
      branches.length === 0 ? [] : [[]],
    );
  });
}
