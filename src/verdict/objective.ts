import type { Analysis } from '../model/analysis.ts';
import type { ParameterSpecs } from '../model/catalogue.ts';
import type { Evidence } from '../model/evidence.ts';
import type { ObjectiveSpec } from '../model/plan.ts';
import type { Figure, Reason, Truth, VerdictClass } from '../model/verdict.ts';

/** What an objective says; `judge` adds whose it is. */
export interface Judgement {
  readonly truth: Truth;
  readonly expected: string;
  readonly found: string;
  readonly figure?: Figure;
  readonly reasons: readonly Reason[];
}

/** A rule over analysis and suite results. A new one is one file in `objectives/` and one line in `objective-registry.ts`. */
export interface Objective {
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  readonly parameters: ParameterSpecs;
  /** Pure. Whatever it throws counts as unknown. */
  judge(evidence: Evidence, analysis: Analysis, spec: ObjectiveSpec): Judgement;
}

/** A judgement with one reason, whose sentence tells what was expected and what was found. */
export function concludeOne(
  truth: Truth,
  facts: {
    readonly about: string;
    readonly expected: string;
    readonly found: string;
    readonly figure?: Figure;
    readonly evidence: readonly string[];
    /** Default: `system`, and `measuring` where it is unknown. */
    readonly class?: VerdictClass;
  },
): Judgement {
  const { about, expected, found, figure, evidence } = facts;
  const reason: Reason = {
    truth,
    class: facts.class ?? (truth === 'unknown' ? 'measuring' : 'system'),
    says: `${about}: expected ${expected}, found ${found}.`,
    evidence,
  };
  return { truth, expected, found, ...(figure ? { figure } : {}), reasons: [reason] };
}
