export { openTruth } from './fact.ts';
export type { Fact } from './fact.ts';
export { readTruth } from './read-truth.ts';
export type { Truth, TruthInterval } from './read-truth.ts';
