import type { Clock } from '../../ports/clock.ts';
import type { Lock, Part, Platform } from './lock.ts';
import type { Origin, PartFolder } from './part-folder.ts';

export interface SourceTools {
  readonly lock: Lock;
  readonly platform: Platform;
  readonly clock: Clock;
  /** Progress, a sentence at a time. */
  readonly report: (says: string) => void;
}

/** A place to have parts from. */
export interface Source {
  readonly origin: Origin;
  /**
   * Puts the binaries that the folder lacks into it, one by one, so that what is finished stays when it is stopped.
   * @returns why some are still missing; undefined when none is.
   * @throws only what must end the search: the signal's reason.
   */
  fetch(part: Part, folder: PartFolder, tools: SourceTools, signal: AbortSignal): Promise<string | undefined>;
}
