export { analyse } from './analyse.ts';
export { calibrationOf } from './calibration.ts';
