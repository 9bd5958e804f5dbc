import type { Plan } from '../model/plan.ts';
import type { Path } from './problem.ts';

/** What could be read of a plan, while its mistakes are still being gathered. */
export interface PlanDraft {
  /** Whatever had a mistake is left out. */
  readonly plan: Plan;
  /** Where each step, probe, objective and guard of `plan` was written. */
  readonly places: ReadonlyMap<object, Path>;
  /** Names of all probes and steps, readable or not: a reference to one with a mistake is no second mistake. */
  readonly probeNames: ReadonlySet<string>;
  readonly stepNames: ReadonlySet<string>;
}
