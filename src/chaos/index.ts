export { faultEntries, faultRegistry } from './fault-registry.ts';
export type { Fault, FaultOrder, FaultTools, Finding, PredictionContext } from './fault.ts';
export type { ChaosContext } from './chaos-context.ts';
export { makeSchedule } from './make-schedule.ts';
export { proveRadius, type RadiusProof, type ReasoningLine } from './prove-radius.ts';
export { proveSchedule, type ScheduleProof } from './prove-schedule.ts';
export { bindTargets, confirmTargets } from './bind-targets.ts';
export { runMethod } from './run-method.ts';
export { healEntry } from './heal-entry.ts';
