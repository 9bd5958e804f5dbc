import type { Analysis } from '../model/analysis.ts';
import type { Evidence } from '../model/evidence.ts';
import type { InjectionRecord } from '../model/injection.ts';
import { isControl } from '../model/plan.ts';
import type { ScheduledStep } from '../model/schedule.ts';
import type { Reason, Truth, VerdictClass } from '../model/verdict.ts';
import { leakReasons } from './leaks.ts';
import { judgeStage } from './objectives/conformance.ts';
import { whyUnseen } from './unseen.ts';

type RunRule = (evidence: Evidence, analysis: Analysis) => readonly Reason[];

/** What holds for every run, whatever its objectives. A new rule is one function and one line here. */
const RULES: readonly RunRule[] = [
  everythingHealed,
  nothingLeft,
  endedWell,
  faultsTookEffect,
  methodWasCarriedOut,
  casesPassed,
  proberSaw,
];

export function applyRunRules(evidence: Evidence, analysis: Analysis): readonly Reason[] {
  return RULES.flatMap((rule) => rule(evidence, analysis));
}

/** A fault that is not undone is ours, so it comes before anything the system did. */
function everythingHealed({ openFaults, chaos }: Evidence): readonly Reason[] {
  const open = openFaults.map((id) => {
    const injection = chaos?.injections.find((known) => known.id === id);
    const what = injection ? nameOf(injection) : `The fault ${id}`;
    return fail('healing', `${what} was not healed when the run ended; \`squall heal\` does it.`, [
      `journal#${id}`,
    ]);
  });
  const unhealed = (chaos?.injections ?? []).flatMap((injection): readonly Reason[] => {
    if (openFaults.includes(injection.id)) return [];
    const why = whyNotHealed(injection);
    return why === undefined
      ? []
      : [fail('healing', `${nameOf(injection)} was not healed: ${why}`, [linkTo(injection)])];
  });
  return [...open, ...unhealed];
}

function whyNotHealed(injection: InjectionRecord): string | undefined {
  const { end, lasts, verifiedHealed } = injection;
  if (end === 'not-injected') return undefined;
  if (verifiedHealed?.ok === true && end !== 'not-healed') return undefined;
  if (verifiedHealed?.ok === false) {
    const differences = verifiedHealed.differences.slice(0, 3).join('; ');
    return sentence(`${verifiedHealed.says}${differences === '' ? '' : ` (${differences})`}`);
  }
  if (end === 'not-healed') return sentence(injection.trouble ?? 'the record gives no cause');
  // What does not last leaves nothing to undo.
  return lasts ? 'nobody verified that it is undone.' : undefined;
}

function nothingLeft({ leftovers }: Evidence): readonly Reason[] {
  return leakReasons(leftovers);
}

function endedWell({ end }: Evidence): readonly Reason[] {
  if (end.reason === 'complete' && end.error === undefined) return [];
  const { error } = end;
  const says = error
    ? sentence(error.code === 'SQ_INTERNAL' ? `Squall itself failed: ${error.says}` : error.says)
    : `The run ended early: ${end.reason}.`;
  const link = ['end.json'];
  if (end.reason === 'stopped' && end.signal === 'stop') return [unknown('measuring', says, link)];
  if (end.reason === 'stopped') {
    return [unknown('measuring', `The run was stopped by ${end.signal ?? 'a stop'} before its end.`, link)];
  }
  if (end.reason === 'not-steady')
    return [fail('system', `The system was not steady, so nothing was hurt: ${says}`, link)];
  if (error?.code === 'SQ_HEAL_FAILED' || error?.code === 'SQ_OPEN_FAULT')
    return [fail('healing', says, link)];
  const injecting =
    error?.code === 'SQ_INJECT_FAILED' ||
    error?.code === 'SQ_TARGET_CHANGED' ||
    error?.code === 'SQ_RADIUS_REFUSED';
  return [
    unknown(
      injecting ? 'injection' : 'measuring',
      end.reason === 'refused' ? `Refused: ${says}` : says,
      link,
    ),
  ];
}

/** A system that stood a fault which never bit has proved nothing. */
function faultsTookEffect({ chaos }: Evidence): readonly Reason[] {
  return (chaos?.injections ?? []).flatMap((injection): readonly Reason[] => {
    if (injection.end === 'not-injected') {
      const why = sentence(injection.trouble ?? 'the record gives no cause');
      return [unknown('injection', `${nameOf(injection)} was not injected: ${why}`, [linkTo(injection)])];
    }
    if (injection.verified?.ok === true) return [];
    const why = sentence(injection.verified?.says ?? 'nobody saw it take effect');
    return [
      unknown('injection', `${nameOf(injection)} could not be seen to take effect: ${why}`, [
        linkTo(injection),
      ]),
    ];
  });
}

function methodWasCarriedOut({ chaos, schedule, end }: Evidence): readonly Reason[] {
  if (chaos?.stopped && chaos.stopped.by !== 'user') {
    const says = sentence(chaos.stopped.says);
    if (chaos.stopped.by === 'guard')
      return [fail('system', `A guard stopped the faults: ${says}`, ['chaos.json#stopped'])];
    return [unknown('injection', `The method ended early: ${says}`, ['chaos.json#stopped'])];
  }
  if (end.reason !== 'complete' || schedule === undefined || chaos === undefined) return [];
  const planned = countFaults(schedule.steps);
  const done = chaos.injections.length;
  if (done >= planned) return [];
  return [
    unknown('injection', `The schedule has ${planned} faults, and the record has ${done}.`, [
      'chaos.json',
      'schedule.json',
    ]),
  ];
}

function countFaults(steps: readonly ScheduledStep[]): number {
  return steps.reduce((sum, step) => {
    if (step.kind === 'parallel')
      return sum + step.branches.reduce((inner, branch) => inner + countFaults(branch), 0);
    return sum + (step.kind === 'fault' ? 1 : 0);
  }, 0);
}

/** Stages that prove something count even where no objective speaks of them; `during` is a measurement and does not. */
function casesPassed(evidence: Evidence): readonly Reason[] {
  const { plan, conformance, end } = evidence;
  const spoken = plan.objectives
    .filter(({ objective }) => objective === 'conformance')
    .map(({ parameters }) => parameters['stage']);
  const alone = conformance.some(({ stage }) => stage === 'alone' || stage === 'tempest');
  // A run that was cut short says so itself; stages that it did not come to are no news.
  const due = (stage: 'before' | 'after'): boolean =>
    plan.conformance[stage] !== undefined && end.reason === 'complete' && !alone;
  const ran = (stage: string): boolean => conformance.some((run) => run.stage === stage);
  const stages = [
    ...(['before', 'after'] as const).filter((stage) => due(stage) || ran(stage)),
    ...(['step', 'alone', 'tempest'] as const).filter(ran),
  ];
  return stages
    .filter((stage) => !spoken.includes(stage))
    .flatMap((stage) => judgeStage(evidence, stage, 1).reasons);
}

/** The share of time unseen is the prober's own doing, and no objective can be trusted beyond it. */
function proberSaw({ plan, chaos }: Evidence, analysis: Analysis): readonly Reason[] {
  if (chaos === undefined) return [];
  return plan.probes.flatMap((spec): readonly Reason[] => {
    const parts = analysis.probes.filter(
      ({ probe, part }) => probe === spec.name || (part?.of === spec.name && !isControl(part)),
    );
    const looked = parts.map((probe) => [probe.probe, whyUnseen(probe, plan.limits.maxUnseen)] as const);
    const missing = parts.length === 0 ? [[spec.name, 'no samples at all'] as const] : [];
    return [...missing, ...looked].flatMap(([name, why]) =>
      why === undefined
        ? []
        : [
            unknown('measuring', `The prober could not keep looking: ${name} has ${why}.`, [
              `analysis.json#probes/${name}`,
            ]),
          ],
    );
  });
}

const reason = (
  truth: Truth,
  verdictClass: VerdictClass,
  says: string,
  evidence: readonly string[],
): Reason => {
  return { truth, class: verdictClass, says, evidence };
};
const fail = (verdictClass: VerdictClass, says: string, evidence: readonly string[]): Reason =>
  reason('fail', verdictClass, says, evidence);
const unknown = (verdictClass: VerdictClass, says: string, evidence: readonly string[]): Reason => {
  return reason('unknown', verdictClass, says, evidence);
};

const nameOf = (injection: InjectionRecord): string => {
  const targets = injection.targets.map(({ name }) => name).join(', ');
  return `${injection.fault}${targets === '' ? '' : ` on ${targets}`} (step ${injection.step})`;
};
const linkTo = (injection: InjectionRecord): string => `chaos.json#${injection.id}`;
const sentence = (text: string): string => `${text.trim().replace(/\.+$/, '')}.`;
