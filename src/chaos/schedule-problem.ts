import type { ErrorCode } from '../model/errors.ts';

/** Why a plan gives no schedule on this topology. */
export interface ScheduleProblem {
  readonly code: ErrorCode;
  readonly says: string;
}
