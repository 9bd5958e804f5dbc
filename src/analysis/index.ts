export { analyse } from './analyse.ts';
export { calibrationOf } from './calibration.ts';
export { compareRuns, spreadOf, type ComparisonOrder } from './comparison/compare-runs.ts';
export { historyOf } from './comparison/history.ts';
export { DEFAULT_SLOWDOWN } from './comparison/margins.ts';
export { measuresOf } from './comparison/measures-of.ts';
