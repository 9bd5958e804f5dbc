import { bindTargets, makeSchedule, proveRadius, proveSchedule } from '../../src/chaos/index.ts';
import { HarnessError } from '../../src/model/errors.ts';
import type { HealingEntry } from '../../src/model/injection.ts';
import type { FaultStep } from '../../src/model/plan.ts';
import type { ScheduledFault, ScheduledStep } from '../../src/model/schedule.ts';
import { generateCase, openEntry, type RadiusCase } from './generate-case.ts';
import { outsideSelection } from './outside-selection.ts';
import { replaceOne } from './replace-target.ts';
import { whatIsWrong, type Hurt } from './what-remains.ts';

export interface CaseResult {
  /** How many steps were asked for, and how many of them were accepted on the live state. */
  readonly asked: number;
  readonly accepted: number;
  /** Refused though the oracle, which is exact where nothing is cut off, finds nothing wrong. */
  readonly tooStrict: number;
  /** What must never be; each is a failure of the bench. */
  readonly wrong: readonly string[];
}

const faultsOf = (steps: readonly ScheduledStep[]): readonly ScheduledFault[] =>
  steps.flatMap((step) => {
    if (step.kind === 'fault') return [step];
    return step.kind === 'parallel' ? step.branches.flatMap(faultsOf) : [];
  });

const REASON = /^.{15,}$/s;

/** Goes the way of a run up to the first touch: schedule, proof of the schedule, and for each step bind, prove and confirm. */
export async function checkCase(number: number): Promise<CaseResult> {
  const asked = generateCase(number);
  const { topology, plan, seed } = asked;
  const wanted = plan.method.flatMap((step) =>
    step.kind === 'parallel' ? (step.steps as readonly FaultStep[]) : [step as FaultStep],
  );
  const wrong: string[] = [];
  let faults: readonly ScheduledFault[];
  try {
    const schedule = makeSchedule(plan, topology, seed);
    faults = faultsOf(schedule.steps);
    const proof = proveSchedule(schedule, topology, plan.limits);
    if (!proof.ok && !proof.reasoning.some(({ refused, says }) => refused && REASON.test(says)))
      wrong.push('a schedule is refused without a reason');
  } catch (error) {
    return { asked: wanted.length, accepted: 0, tooStrict: 0, wrong: unreasonable(error) };
  }
  let accepted = 0;
  let tooStrict = 0;
  const open: HealingEntry[] = [...asked.open];
  for (const fault of faults) {
    const step = wanted.find(({ name }) => name === fault.step);
    if (step !== undefined) wrong.push(...outsideSelection(step, fault, topology, plan.limits));
    const done = await checkStep(fault, asked, open);
    wrong.push(...done.wrong);
    if (done.entry !== undefined) {
      accepted += 1;
      open.push(done.entry);
    } else if (done.tooStrict) tooStrict += 1;
  }
  return { asked: wanted.length, accepted, tooStrict, wrong };
}

async function checkStep(
  fault: ScheduledFault,
  { topology, plan, seed }: RadiusCase,
  open: readonly HealingEntry[],
): Promise<{
  readonly entry?: HealingEntry;
  readonly tooStrict: boolean;
  readonly wrong: readonly string[];
}> {
  const { limits } = plan;
  let bound: ReturnType<typeof bindTargets>;
  try {
    bound = bindTargets(fault, topology);
  } catch (error) {
    return { tooStrict: false, wrong: unreasonable(error) };
  }
  const { parameters } = fault;
  const targets = [{ step: fault.id, ...bound, parameters }];
  const proof = proveRadius({ topology, limits, targets, open });
  const earlier = open.map(hurtOf);
  const ours = hurtOf({ ...bound, parameters });
  const found = whatIsWrong({ topology, limits, earlier, ours });
  if (!proof.ok) {
    const reasons = proof.reasoning.filter(({ refused, says }) => refused && REASON.test(says));
    const exact = ![ours, ...earlier].some((hurt) => hurt.targets.some(({ subject }) => subject === 'link'));
    return {
      tooStrict: exact && found.length === 0,
      wrong: [
        ...(reasons.length > 0 ? [] : ['a step is refused without a reason']),
        ...(exact && found.length === 0
          ? [`refused, and nothing is wrong: ${reasons.map(({ says }) => says).join(' | ')}`]
          : []),
      ],
    };
  }
  return {
    entry: openEntry(fault.id, fault.fault, bound.targets, bound.from, parameters),
    tooStrict: false,
    wrong: [
      ...found.map((what) => `accepted, and it breaks: ${what}`),
      ...(await replaceOne(bound, topology, seed)),
    ],
  };
}

const hurtOf = ({
  targets,
  from,
  parameters,
}: Pick<HealingEntry, 'targets' | 'from' | 'parameters'>): Hurt => ({
  targets,
  from,
  outside: parameters['outside'] === true,
});

/** A refusal is a HarnessError with a sentence; anything else is a crash. */
function unreasonable(error: unknown): readonly string[] {
  if (error instanceof HarnessError && error.code !== 'SQ_INTERNAL' && REASON.test(error.message)) return [];
  return [`it crashed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`];
}
