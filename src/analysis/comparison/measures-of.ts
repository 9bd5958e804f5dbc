import type { Analysis, Recovery } from '../../model/analysis.ts';
import type { Measure } from '../../model/comparison.ts';
import type { ChaosRecord } from '../../model/injection.ts';
import { isControl, type ObjectiveSpec, type Plan } from '../../model/plan.ts';
import type { Figure } from '../../model/verdict.ts';

type Value = Pick<Measure, 'min' | 'max'>;

/** What a run has of everything that its plan's repeats can be compared by. Pure. */
export function measuresOf(plan: Plan, analysis: Analysis, chaos: ChaosRecord | undefined): Measure[] {
  const steps = [...new Set(analysis.recoveries.map(({ step }) => planStep(step)))];
  const measures = steps.flatMap((step) => {
    const rounds = analysis.recoveries.filter((recovery) => planStep(recovery.step) === step);
    return measuresOfStep(step, rounds, analysis, chaos);
  });
  const all = [...measures, ...totalOutage(analysis), ...failedCases(analysis)];
  // A plan that promises nothing says nothing about what matters, so everything does.
  const judged = new Set(plan.objectives.flatMap((objective) => judgedBy(objective, all)));
  return all.map((measure) => ({ ...measure, judged: judged.size === 0 || judged.has(measure.id) }));
}

/** The rounds of a repeated step are `name#1`, `name#2`... */
const planStep = (step: string): string => step.replace(/#\d+$/, '');

type Unjudged = Omit<Measure, 'judged'>;

function measuresOfStep(
  step: string,
  recoveries: readonly Recovery[],
  analysis: Analysis,
  chaos: ChaosRecord | undefined,
): Unjudged[] {
  const fault = recoveries[0]?.fault ?? 'the fault';
  const named = (what: string, title: string, values: readonly Value[]): Unjudged => ({
    id: `${step}/${what}`,
    title: `${title} after ${step} (${fault})`,
    unit: 'ms',
    ...mean(values),
  });
  return [
    named(
      'outage',
      'longest outage',
      recoveries.map(({ outage }) => closed(outage)),
    ),
    named(
      'service',
      'time until the service was back',
      recoveries.map(({ serviceBack, injection }) =>
        serviceBack === undefined ? { min: watchedMs(injection, analysis, chaos) } : closed(serviceBack),
      ),
    ),
    named(
      'redundancy',
      'time until full redundancy was back',
      // That nobody saw it does not say that it was not there: the truth is anything.
      recoveries.map(({ redundancyBack }) =>
        redundancyBack === undefined ? { min: 0 } : closed(redundancyBack),
      ),
    ),
  ];
}

const closed = ({ min, max }: Figure): Value => ({ min, max });

/** Several rounds of one run resemble each other, so they are one value: their mean, which lies between the means of the edges. */
function mean(values: readonly Value[]): Value {
  const over = values.flatMap(({ max }) => max ?? []);
  const average = (numbers: readonly number[]): number =>
    numbers.reduce((sum, number) => sum + number, 0) / Math.max(1, numbers.length);
  const min = average(values.map((value) => value.min));
  return over.length < values.length ? { min } : { min, max: average(over) };
}

/** How long the system was watched after the fault took effect: a recovery that is missing takes longer than that. */
function watchedMs(injection: string, { window }: Analysis, chaos: ChaosRecord | undefined): number {
  const injected = chaos?.injections.find(({ id }) => id === injection)?.injected;
  return injected === undefined ? 0 : Math.max(0, (window.toNs - injected.latestNs) / 1e6);
}

function totalOutage({ probes }: Analysis): Unjudged[] {
  if (probes.length === 0) return [];
  const { min, max } = mean(
    probes.filter(({ part }) => !isControl(part)).map(({ totalOutage: total }) => closed(total)),
  );
  const title = 'time down of a probe, on average';
  return [{ id: 'all/outage', title, unit: 'ms', min, ...(max === undefined ? {} : { max }) }];
}

/** During the faults cases are repeated as often as there is time, so their number compares nothing. */
function failedCases({ conformance }: Analysis): Unjudged[] {
  return conformance
    .filter(({ stage }) => stage !== 'during')
    .map(({ stage, failed, unknown }) => ({
      id: `cases/${stage}`,
      title: `failed cases, stage ${stage}`,
      unit: 'count',
      min: failed,
      max: failed + unknown,
    }));
}

/** The measures that an objective of the plan speaks of. */
function judgedBy(
  { objective, parameters }: ObjectiveSpec,
  measures: readonly Unjudged[],
): readonly string[] {
  const ending = (what: string): readonly string[] =>
    measures.filter(({ id }) => id.endsWith(`/${what}`) && !/^(all|cases)\//.test(id)).map(({ id }) => id);
  switch (objective) {
    case 'longest-outage':
      return ending('outage');
    case 'recovery-time': {
      const { step } = parameters;
      const of = ending(parameters['of'] === 'redundancy' ? 'redundancy' : 'service');
      return of.filter((id) => typeof step !== 'string' || id.startsWith(`${planStep(step)}/`));
    }
    case 'availability':
      return ['all/outage'];
    case 'conformance':
      return typeof parameters['stage'] === 'string'
        ? [`cases/${parameters['stage']}`]
        : measures.filter(({ id }) => id.startsWith('cases/')).map(({ id }) => id);
    default:
      return [];
  }
}
