export { loadPlan, planSchema, type LoadOptions } from './load-plan.ts';
export { starterPlan } from './starter-plan.ts';
export type { Problem } from './problem.ts';
