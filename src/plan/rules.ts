import type { Catalogue, CatalogueEntry } from '../model/catalogue.ts';
import { formatDuration } from '../model/duration.ts';
import type { FaultStep, ParallelStep, Plan, Step } from '../model/plan.ts';
import { didYouMean } from './did-you-mean.ts';
import type { PlanDraft } from './plan-draft.ts';
import type { Finding, Path } from './problem.ts';

/** More steps than this are no plan that anyone could follow, and nested repeats reach any number. */
const MOST_STEPS = 10_000;

type Rule = (draft: PlanDraft, catalogue: Catalogue) => readonly Finding[];

/** What no schema can say: rules across the parts of a plan. A new one is one function and one line here. */
const RULES: readonly Rule[] = [
  namesAreUnique,
  guardsNameProbes,
  guardsCanBeSeen,
  objectivesNameWhatIsThere,
  oneFaultOnOneTarget,
  methodIsFinite,
  methodFitsItsLimit,
];

export function checkRules(draft: PlanDraft, catalogue: Catalogue): readonly Finding[] {
  return RULES.flatMap((rule) => rule(draft, catalogue));
}

function namesAreUnique({ plan, places }: PlanDraft): readonly Finding[] {
  const lists: readonly (readonly { readonly name: string }[])[] = [
    everyStep(plan.method),
    plan.probes,
    plan.objectives,
    plan.guards,
  ];
  return lists.flatMap((list) => {
    const seen = new Set<string>();
    return list.flatMap((member): readonly Finding[] => {
      const again = seen.has(member.name);
      seen.add(member.name);
      if (!again) return [];
      return [found(places, member, ['name'], `"${member.name}" is the name of an earlier one already`)];
    });
  });
}

function guardsNameProbes({ plan, places, probeNames }: PlanDraft): readonly Finding[] {
  return plan.guards
    .filter((guard) => !probeNames.has(guard.probe))
    .map((guard) => found(places, guard, ['probe'], unknownName(guard.probe, 'probe', probeNames)));
}

/** A guard looks at samples: it cannot tell a shorter time than the one between two of them. */
function guardsCanBeSeen({ plan, places }: PlanDraft): readonly Finding[] {
  return plan.guards.flatMap((guard) => {
    const probe = plan.probes.find(({ name }) => name === guard.probe);
    if (!probe || guard.downFor.ms >= probe.every.ms) return [];
    const says = `${formatDuration(guard.downFor)} is shorter than the probe's own period of ${formatDuration(probe.every)}`;
    return [found(places, guard, ['downFor'], says)];
  });
}

function objectivesNameWhatIsThere(
  { plan, places, probeNames, stepNames }: PlanDraft,
  catalogue: Catalogue,
): readonly Finding[] {
  return plan.objectives.flatMap((objective) => {
    const { probe, step, stage } = objective.parameters;
    const says = (key: string, text: string): Finding => found(places, objective, [key], text);
    const entry = catalogue.objectives.find(({ name }) => name === objective.objective);
    const findings: Finding[] = [];
    if (typeof probe === 'string' && !probeNames.has(probe))
      findings.push(says('probe', unknownName(probe, 'probe', probeNames)));
    if (typeof step === 'string' && !stepNames.has(step))
      findings.push(says('step', unknownName(step, 'step', stepNames)));
    if (typeof stage === 'string' && !(stage in plan.conformance)) {
      findings.push(
        says('stage', `conformance.${stage} is not in this plan, so there would be nothing to judge`),
      );
    }
    if (asksProbes(entry) && probe === undefined && probeNames.size === 0) {
      findings.push(says('objective', 'the plan has no probes, so there would be nothing to judge'));
    }
    return findings;
  });
}

const asksProbes = (entry: CatalogueEntry | undefined): boolean =>
  entry !== undefined && 'probe' in entry.parameters;

/** Two faults side by side that cannot but meet on one target. What only may meet is refused when the schedule is drawn. */
function oneFaultOnOneTarget({ plan, places }: PlanDraft): readonly Finding[] {
  const parallel = everyStep(plan.method).filter((step): step is ParallelStep => step.kind === 'parallel');
  return parallel.flatMap((step) => {
    const earlier: { readonly branch: number; readonly fault: FaultStep }[] = [];
    return step.steps.flatMap((branch, index) => {
      return faultsIn([branch]).flatMap((fault): readonly Finding[] => {
        const twin = earlier.find((other) => other.branch !== index && meetOnATarget(other.fault, fault));
        earlier.push({ branch: index, fault });
        if (!twin) return [];
        return [
          found(
            places,
            fault,
            ['selector'],
            `is a second fault on the target of ${twin.fault.name}, at the same time`,
          ),
        ];
      });
    });
  });
}

function meetOnATarget(a: FaultStep, b: FaultStep): boolean {
  if (canonical(a.selector) !== canonical(b.selector)) return false;
  const fixed = a.selector.node !== undefined || a.selector.role === 'api-address-holder';
  return fixed || a.mode.kind === 'all' || b.mode.kind === 'all';
}

const canonical = (value: unknown): string => {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (inner === null || typeof inner !== 'object' || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
};

function methodIsFinite({ plan }: PlanDraft): readonly Finding[] {
  const steps = countSteps(plan.method);
  if (steps <= MOST_STEPS) return [];
  return [
    {
      path: ['method'],
      at: 'key',
      says: `comes to ${steps} steps with its repeats, and ${MOST_STEPS} are the most`,
    },
  ];
}

function methodFitsItsLimit({ plan }: PlanDraft): readonly Finding[] {
  const leastMs = leastLength(plan.method);
  const limit = plan.limits.maxDuration;
  if (leastMs <= limit.ms) return [];
  const says = `takes ${formatDuration({ ms: leastMs })} at least, and limits.maxDuration is ${formatDuration(limit)}`;
  return [{ path: ['method'], at: 'key', says }];
}

function everyStep(steps: readonly Step[]): readonly Step[] {
  return steps.flatMap((step) => ('steps' in step ? [step, ...everyStep(step.steps)] : [step]));
}

const faultsIn = (steps: readonly Step[]): readonly FaultStep[] => {
  return everyStep(steps).filter((step): step is FaultStep => step.kind === 'fault');
};

function countSteps(steps: readonly Step[]): number {
  return steps.reduce((sum, step) => {
    const inner = 'steps' in step ? countSteps(step.steps) : 0;
    return sum + 1 + (step.kind === 'repeat' ? step.times * inner : inner);
  }, 0);
}

/** The time that a method takes when every `recovered` is reached at once, in milliseconds. */
function leastLength(steps: Plan['method']): number {
  return steps.reduce((sum, step) => sum + leastLengthOf(step), 0);
}

function leastLengthOf(step: Step): number {
  switch (step.kind) {
    case 'fault':
      return step.duration.ms;
    case 'wait':
      return step.wait.for === 'duration' ? step.wait.duration.ms : 0;
    case 'suites':
      return 0;
    case 'parallel':
      return step.steps.reduce((longest, branch) => Math.max(longest, leastLengthOf(branch)), 0);
    case 'repeat': {
      const round = leastLength(step.steps);
      return Math.max(round, step.every?.ms ?? 0) * (step.times - 1) + round;
    }
  }
}

const unknownName = (name: string, kind: string, known: ReadonlySet<string>): string => {
  return `"${name}" is not a ${kind} of this plan; ${didYouMean(name, [...known])}`;
};

function found(places: PlanDraft['places'], member: object, key: Path, says: string): Finding {
  return { path: [...(places.get(member) ?? []), ...key], at: 'value', says };
}
