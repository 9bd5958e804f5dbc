import { isProvablyGone, type NamedProcess } from '../adapters/system/process-birth.ts';

/** Whether a process lives; one of another user does, and one of another host may. */
export const isRunning = (named: NamedProcess): boolean => !isProvablyGone(named);
