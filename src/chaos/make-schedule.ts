import { HarnessError, type ErrorCode } from '../model/errors.ts';
import type { FaultStep, Plan, Step } from '../model/plan.ts';
import type { Schedule, ScheduledFault, ScheduledStep } from '../model/schedule.ts';
import { canonicalTopology, type Topology } from '../model/topology.ts';
import { faultRegistry } from './fault-registry.ts';
import { faultsWithoutALab } from './faults-without-a-lab.ts';
import { findCollisions } from './find-collisions.ts';
import { missingAbilities, scheduleFault } from './schedule-fault.ts';
import type { ScheduleProblem } from './schedule-problem.ts';

/** A problem of the plan is told before one of its selectors, and that before one of what was found. */
const PRECEDENCE: readonly ErrorCode[] = [
  'SQ_PLAN_INVALID',
  'SQ_ABILITY_MISSING',
  'SQ_TARGET_AMBIGUOUS',
  'SQ_TARGET_NONE',
];

/**
 * Which fault on which identity in which order: a pure function of the plan, the canonical topology and the seed. Each step draws
 * from a stream of its own, so adding one does not change the draws of the others.
 * @throws one HarnessError with all problems, one a line: SQ_PLAN_INVALID (two faults on one target at once), SQ_ABILITY_MISSING,
 * SQ_TARGET_AMBIGUOUS (a selector that names everything), SQ_TARGET_NONE; its code is that of the gravest.
 */
export function makeSchedule(plan: Plan, topology: Topology, seed: string): Schedule {
  const { timers, ...stable } = canonicalTopology(topology);
  const context = { limits: plan.limits, topology: { ...stable, timers }, seed };
  const problems: ScheduleProblem[] = [];

  const fault = (step: FaultStep, id: string): readonly ScheduledFault[] => {
    const known = faultRegistry.find(({ name }) => name === step.fault);
    const refused = faultsWithoutALab.find(({ name }) => name === step.fault);
    if (refused !== undefined) {
      const lacks = missingAbilities(step, refused, context.topology);
      const says = `Step ${step.name}: ${refused.name} is known, and this Squall has nothing that does it.`;
      problems.push(...(lacks.length > 0 ? lacks : [{ code: 'SQ_ABILITY_MISSING' as const, says }]));
      return [];
    }
    if (known === undefined) {
      problems.push({
        code: 'SQ_PLAN_INVALID',
        says: `Step ${step.name}: there is no fault named ${step.fault}.`,
      });
      return [];
    }
    const { scheduled, trouble } = scheduleFault(step, id, known, context);
    problems.push(...trouble);
    return scheduled === undefined ? [] : [scheduled];
  };

  const unroll = (step: Step, suffix: string): readonly ScheduledStep[] => {
    const base = { id: `${step.name}${suffix}`, step: step.name };
    if (step.kind === 'fault') return fault(step, base.id);
    if (step.kind === 'wait') return [{ ...base, kind: 'wait', wait: step.wait }];
    if (step.kind === 'suites') return [{ ...base, kind: 'suites', selection: step.selection }];
    if (step.kind === 'parallel') {
      return [{ ...base, kind: 'parallel', branches: step.steps.map((branch) => unroll(branch, suffix)) }];
    }
    return unrollRounds(step, suffix, unroll);
  };

  const steps = plan.method.flatMap((step) => unroll(step, ''));
  problems.push(...findCollisions(steps).map((says) => ({ code: 'SQ_PLAN_INVALID' as const, says })));
  if (problems.length > 0) throw oneError(problems);
  return { schemaVersion: 1, plan: plan.name, seed, steps };
}

function unrollRounds(
  step: Step & { kind: 'repeat' },
  suffix: string,
  unroll: (step: Step, suffix: string) => readonly ScheduledStep[],
): readonly ScheduledStep[] {
  return Array.from({ length: step.times }, (_, n) => n + 1).flatMap((round): readonly ScheduledStep[] => {
    const inside = step.steps.flatMap((inner) => unroll(inner, `${suffix}#${round}`));
    const first = inside[0];
    if (step.every === undefined || round === step.times || first === undefined) return inside;
    const id = `${step.name}${suffix}#${round}`;
    return [...inside, { kind: 'pause', id, step: step.name, sinceStartOf: first.id, every: step.every }];
  });
}

function oneError(problems: readonly ScheduleProblem[]): HarnessError {
  const code =
    PRECEDENCE.find((known) => problems.some((problem) => problem.code === known)) ?? 'SQ_PLAN_INVALID';
  // A step that is repeated has the same problem in every round.
  const says = [...new Set(problems.map((problem) => problem.says))];
  return new HarnessError(code, says.join('\n'), { facts: { problems: says } });
}
