import type { Analysis, ProbeAnalysis } from '../model/analysis.ts';
import { isControl, type ObjectiveSpec } from '../model/plan.ts';
import { mergeTruth } from '../model/verdict.ts';
import type { Judgement } from './objective.ts';

/** The probe that the objective names, in all its parts, or all; never a control, which speaks for our own pods. */
export function chosenProbes(analysis: Analysis, spec: ObjectiveSpec): readonly ProbeAnalysis[] {
  const named = spec.parameters['probe'];
  return analysis.probes.filter(({ probe, part }) =>
    named === undefined ? !isControl(part) : probe === named || (part?.of === named && !isControl(part)),
  );
}

/**
 * One judgement out of one for each subject: the worst speaks, which is the one farthest on the wrong side among those of the
 * worst truth, and all that are not met give their reasons.
 */
export function joinJudgements(
  judged: readonly Judgement[],
  wrongSide: 'more' | 'less',
  spec: ObjectiveSpec,
): Judgement {
  const truth = mergeTruth(judged.map((one) => one.truth));
  const distance = ({ figure }: Judgement): number => {
    if (figure === undefined) return Infinity;
    return wrongSide === 'more' ? figure.max : -figure.min;
  };
  const [worst] = judged.filter((one) => one.truth === truth).sort((a, b) => distance(b) - distance(a));
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
