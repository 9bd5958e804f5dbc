import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { faultRegistry, type Fault } from '../chaos/index.ts';

/** The gaps around a fault in which a harness that dies leaves most behind. */
export const FAILPOINTS = ['journal-inject', 'inject-verify', 'heal-verify'] as const;

export type Failpoint = (typeof FAILPOINTS)[number];

/** In the state folder; benches and tests write it there, and nobody else. */
export const FAILPOINT_FILE = 'failpoint';

/**
 * All of Squall's faults, so made that this process kills itself in the gap that the file names. Without the file they are as
 * they are.
 */
export function faultsWithFailpoint(stateFolder: string): readonly Fault[] | undefined {
  const at = readFailpoint(join(stateFolder, FAILPOINT_FILE));
  return at === undefined ? undefined : faultRegistry.map((fault) => withFailpoint(fault, at));
}

function readFailpoint(path: string): Failpoint | undefined {
  try {
    const text = readFileSync(path, 'utf8').trim();
    return FAILPOINTS.find((known) => known === text);
  } catch {
    return undefined;
  }
}

function withFailpoint(fault: Fault, at: Failpoint): Fault {
  return {
    ...fault,
    async inject(...order) {
      if (at === 'journal-inject') await die();
      await fault.inject(...order);
      if (at === 'inject-verify') await die();
    },
    async heal(...order) {
      await fault.heal(...order);
      if (at === 'heal-verify') await die();
    },
  };
}

/** Nothing that follows is done, though the signal takes a moment. */
function die(): Promise<never> {
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => undefined);
}
