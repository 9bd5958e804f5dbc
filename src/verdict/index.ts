export { judge } from './judge.ts';
export { objectiveEntries, objectiveRegistry } from './objective-registry.ts';
export type { Judgement, Objective } from './objective.ts';
export { judgeComparison } from './judge-comparison.ts';
