import { hostname } from 'node:os';
import { birthOf, isProvablyGone, type NamedProcess } from '../adapters/system/process-birth.ts';

/** Whether a process lives; one of another user does, and one of another host may. */
export const isRunning = (named: NamedProcess): boolean => !isProvablyGone(named);

/**
 * Keeps an eye on the process that has this number now.
 * @param tell what tells it from every other, asked once.
 * @returns whether it still lives; a later one that got its number is not it.
 */
export function watchProcess(pid: number, tell = birthOf): () => boolean {
  const birth = tell(pid);
  const named = { host: hostname(), pid, ...(birth === undefined ? {} : { birth }) };
  return () => isRunning(named);
}
