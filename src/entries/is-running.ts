import { hostname } from 'node:os';

/** Whether a process lives; one of another user does, and one of another host may. */
export function isRunning({ host, pid }: { readonly host: string; readonly pid: number }): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}
