import { createSystemClock } from '../../src/adapters/system/system-clock.ts';
import { runConformance, type ConformanceOrder, type ConformancePorts } from '../../src/conformance/stage.ts';
import type { ConformanceResults } from '../../src/model/conformance.ts';
import type { Ledger } from '../../src/ports/ledger.ts';
import type { Progress } from '../../src/ports/progress.ts';
import type { RunFolder } from '../../src/ports/run-folder.ts';
import { inProcessLanes } from './in-process-lanes.ts';

/** A run folder that keeps nothing and holds nothing. */
export const NO_FOLDER: RunFolder = {
  path: '',
  write: async () => undefined,
  append: () => undefined,
  flush: async () => undefined,
  read: async () => undefined,
  readText: async () => undefined,
  readJson: async () => undefined,
  readLines: async () => [],
  list: async () => [],
};

/** A ledger that notes nothing, so that nothing is outstanding. */
export const NO_LEDGER: Ledger = {
  creating: () => undefined,
  created: () => undefined,
  deleted: () => undefined,
  outstanding: () => [],
};

export const NO_PROGRESS: Progress = { report: () => undefined };

/**
 * Runs cases with the strict client in lanes of this process, and keeps nothing of it but what is returned.
 * @param more in place of the lanes of this process, and of a ledger that notes nothing.
 */
export function runInProcess(
  order: Omit<ConformanceOrder, 'stage' | 'client'>,
  more: Partial<Pick<ConformancePorts, 'lanes' | 'ledger'>> = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<ConformanceResults> {
  return runConformance(
    { ...order, stage: 'alone', client: 'strict' },
    {
      lanes: inProcessLanes(order.connection),
      folder: NO_FOLDER,
      clock: createSystemClock(),
      progress: NO_PROGRESS,
      ledger: NO_LEDGER,
      ...more,
    },
    signal,
  );
}
