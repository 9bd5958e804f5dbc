import type { Analysis, ProbeAnalysis } from '../model/analysis.ts';
import type { ObjectiveSpec } from '../model/plan.ts';
import type { Truth } from '../model/verdict.ts';
import type { Judgement } from './objective.ts';

/** The probe that the objective names, or all. */
export function chosenProbes(analysis: Analysis, spec: ObjectiveSpec): readonly ProbeAnalysis[] {
  const named = spec.parameters['probe'];
  return analysis.probes.filter(({ probe }) => named === undefined || probe === named);
}

/** One judgement out of one for each subject: the worst speaks, and all that are not met give their reasons. */
export function joinJudgements(
  judged: readonly Judgement[],
  merge: (truths: Iterable<Truth>) => Truth,
  spec: ObjectiveSpec,
): Judgement {
  const truth = merge(judged.map((one) => one.truth));
  const worst = judged.find((one) => one.truth === truth);
  if (!worst) {
    const found = 'no data';
    const says = `${spec.name}: there are no data to judge it by.`;
    return {
      truth: 'unknown',
      expected: 'data',
      found,
      reasons: [{ truth: 'unknown', class: 'measuring', says, evidence: ['analysis.json'] }],
    };
  }
  const speaking = truth === 'pass' ? judged : judged.filter((one) => one.truth !== 'pass');
  return { ...worst, truth, reasons: speaking.flatMap((one) => one.reasons) };
}
