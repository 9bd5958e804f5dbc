import { formatDuration, type Duration } from '../model/duration.ts';
import type { PredictedWindow } from '../model/schedule.ts';
import type { Timer } from '../model/topology.ts';

/** A time that a prediction stands on when discovery found no live value for it: the default of the software itself. */
export interface DefaultTimer {
  /** The name under which discovery reports the live value; the first that is there counts. */
  readonly names: readonly string[];
  readonly value: Duration;
  /** Whose default it is. */
  readonly source: string;
}

/** A constant with the sentence that says where it comes from. */
export interface ReadTimer {
  readonly ms: number;
  readonly because: string;
}

/** The live value, or else the default. */
export function readTimer(timers: readonly Timer[], fallback: DefaultTimer): ReadTimer {
  for (const name of fallback.names) {
    const live = timers.find((timer) => timer.name === name);
    if (live)
      return { ms: live.value.ms, because: `${name} is ${formatDuration(live.value)} (${live.source})` };
  }
  const name = fallback.names[0] ?? '';
  return {
    ms: fallback.value.ms,
    because: `${name} was not found; its default is ${formatDuration(fallback.value)} (${fallback.source})`,
  };
}

/** A window is never narrower than what timers of the operating system and of probes can tell apart. */
const GRAIN_MS = 100;

export interface WindowParts {
  readonly outage: readonly [minMs: number, maxMs: number];
  readonly redundancy: readonly [minMs: number, maxMs: number];
  readonly because: readonly string[];
}

/** Rounds to whole milliseconds, and keeps each lower edge at or below its upper edge. */
export function windowOf({ outage, redundancy, because }: WindowParts): PredictedWindow {
  return { outage: edges(outage), redundancy: edges(redundancy), because };
}

function edges([minMs, maxMs]: readonly [number, number]): { min: Duration; max: Duration } {
  const min = Math.max(0, Math.floor(Math.min(minMs, maxMs)));
  return { min: { ms: min }, max: { ms: Math.max(Math.ceil(maxMs), min + GRAIN_MS) } };
}
