import type { Analysis, Recovery } from '../../model/analysis.ts';
import type { ParameterValue } from '../../model/catalogue.ts';
import type { Evidence } from '../../model/evidence.ts';
import { formatDuration } from '../../model/duration.ts';
import type { ObjectiveSpec } from '../../model/plan.ts';
import type { Figure } from '../../model/verdict.ts';
import { atMost, writeFigure } from '../figures.ts';
import { resolveLimit } from '../limits.ts';
import { concludeOne, type Judgement, type Objective } from '../objective.ts';
import { joinJudgements } from '../per-probe.ts';

/** How long the system took to come back by itself; each injection for itself. */
export const recoveryTime: Objective = {
  name: 'recovery-time',
  summary: 'After each fault the system came back within this time.',
  parameters: {
    step: { type: 'string', describe: 'The fault step by name, in all its rounds; default every fault.' },
    maximum: {
      type: 'limit',
      required: true,
      describe:
        'The longest recovery allowed, counted from the moment the fault took effect; `x predicted` is relative to the upper edge of what the live timers predict for that fault.',
    },
    of: {
      type: 'enum',
      values: ['service', 'redundancy'],
      default: 'service',
      describe: 'Until every probe was up for good, or until all replicas and quorums were complete again.',
    },
  },
  judge(evidence, analysis, spec) {
    const chosen = analysis.recoveries.filter(({ step }) => belongsTo(step, spec.parameters['step']));
    return joinJudgements(
      chosen.map((recovery) => judgeOne(recovery, evidence, analysis, spec)),
      'more',
      spec,
    );
  },
};

/** The rounds of a repeated step are `name#1`, `name#2`... */
const belongsTo = (step: string, named: ParameterValue | undefined): boolean => {
  return (
    named === undefined || (typeof named === 'string' && (step === named || step.startsWith(`${named}#`)))
  );
};

function judgeOne(
  recovery: Recovery,
  evidence: Evidence,
  analysis: Analysis,
  spec: ObjectiveSpec,
): Judgement {
  const ofService = spec.parameters['of'] !== 'redundancy';
  const what = ofService ? 'service' : 'full redundancy';
  const limit = resolveLimit(
    spec.parameters['maximum'],
    recovery.predicted,
    ofService ? 'outage' : 'redundancy',
  );
  const facts = {
    about: `Recovery of ${what} after ${recovery.fault} (step ${recovery.step})`,
    expected: limit ? `at most ${limit.says}` : 'a limit relative to a prediction, and there is none',
    evidence: [`analysis.json#recoveries/${recovery.injection}`],
  };
  const figure = ofService ? recovery.serviceBack : recovery.redundancyBack;
  if (figure) {
    return concludeOne(limit ? atMost(figure, limit.ms) : 'unknown', {
      ...facts,
      found: writeFigure(figure),
      figure,
    });
  }
  if (!ofService) return concludeOne('unknown', { ...facts, found: 'no watcher that saw it' });
  const lasted = seenAfter(recovery, evidence, analysis);
  const found = lasted
    ? `no recovery in the ${formatDuration({ ms: lasted.min })} that were watched`
    : 'no recovery';
  const truth = lasted && limit && lasted.min > limit.ms ? 'fail' : 'unknown';
  return concludeOne(truth, { ...facts, found });
}

/** How long the system was watched after the fault took effect: a recovery that is still missing takes longer than that. */
function seenAfter(recovery: Recovery, evidence: Evidence, analysis: Analysis): Figure | undefined {
  const injected = evidence.chaos?.injections.find(({ id }) => id === recovery.injection)?.injected;
  if (!injected) return undefined;
  const ms = (ns: number): number => Math.max(0, (analysis.window.toNs - ns) / 1e6);
  return { min: ms(injected.latestNs), max: ms(injected.earliestNs), unit: 'ms' };
}
