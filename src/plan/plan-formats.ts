import { chaosPlanV1alpha1 } from './formats/chaos-plan-v1alpha1.ts';
import type { PlanFormat } from './plan-format.ts';

/** All formats that are understood; the first is the one that editors get a schema for. */
export const planFormats: readonly [PlanFormat, ...PlanFormat[]] = [chaosPlanV1alpha1];
