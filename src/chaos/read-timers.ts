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

/** Rounds to whole milliseconds, keeps each lower edge at or below its upper edge, and says which are too wide. */
export function windowOf({ outage, redundancy, because }: WindowParts): PredictedWindow {
  const window = { outage: edges(outage), redundancy: edges(redundancy) };
  const tooWide = (['outage', 'redundancy'] as const).filter((part) => saysTooLittle(window[part]));
  return { ...window, ...(tooWide.length > 0 ? { tooWide } : {}), because };
}

/** A window of this width says something wherever it lies. */
const WIDE_MS = 5000;

/** Wider than that, and than half its midpoint. */
const saysTooLittle = ({ min, max }: { readonly min: Duration; readonly max: Duration }): boolean =>
  max.ms - min.ms > Math.max(WIDE_MS, (min.ms + max.ms) / 4);

function edges([minMs, maxMs]: readonly [number, number]): { min: Duration; max: Duration } {
  const min = Math.max(0, Math.floor(Math.min(minMs, maxMs)));
  return { min: { ms: min }, max: { ms: Math.max(Math.ceil(maxMs), min + GRAIN_MS) } };
}
