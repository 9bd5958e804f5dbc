import type { Analysis } from '../model/analysis.ts';
import { describeError } from '../model/errors.ts';
import type { Evidence } from '../model/evidence.ts';
import type { ObjectiveSpec } from '../model/plan.ts';
import type { ObjectiveResult } from '../model/verdict.ts';
import type { Judgement, Objective } from './objective.ts';

/** Every objective of the plan, in its order. One that cannot be judged is unknown, never a pass. */
export function judgeObjectives(
  evidence: Evidence,
  analysis: Analysis,
  registry: readonly Objective[],
): readonly ObjectiveResult[] {
  return evidence.plan.objectives.map((spec) => {
    return { id: spec.name, objective: spec.objective, ...judgeOne(evidence, analysis, spec, registry) };
  });
}

function judgeOne(
  evidence: Evidence,
  analysis: Analysis,
  spec: ObjectiveSpec,
  registry: readonly Objective[],
): Judgement {
  const objective = registry.find(({ name }) => name === spec.objective);
  if (!objective) return unjudged(spec, `this Squall does not know the objective ${spec.objective}`);
  try {
    return objective.judge(evidence, analysis, spec);
  } catch (error) {
    return unjudged(spec, describeError(error));
  }
}

function unjudged(spec: ObjectiveSpec, why: string): Judgement {
  const says = `The objective ${spec.name} could not be judged: ${why}.`;
  const reason = { truth: 'unknown', class: 'measuring', says, evidence: [] } as const;
  return { truth: 'unknown', expected: 'a judgement', found: 'none', reasons: [reason] };
}
