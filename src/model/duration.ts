/** A length of time. An object, so that a bare number can never be mistaken for one; in JSON it reads `{"ms": 1500}`. */
export interface Duration {
  /** Length in milliseconds, never negative. */
  readonly ms: number;
}

export const ZERO: Duration = { ms: 0 };

export const milliseconds = (ms: number): Duration => ({ ms });
export const seconds = (s: number): Duration => ({ ms: s * 1000 });
export const minutes = (m: number): Duration => ({ ms: m * 60_000 });
export const nanosecondsOf = (duration: Duration): number => duration.ms * 1e6;

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/**
 * Reads the duration syntax of Go, Helm and Kubernetes: `500ms`, `30s`, `5m30s`, `1h`.
 * @returns undefined when the text is anything else, a bare number included: the unit is never guessed.
 */
export function parseDuration(text: string): Duration | undefined {
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) return undefined;
  let ms = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)) {
    ms += Number(amount) * (UNIT_MS[unit ?? ''] ?? Number.NaN);
  }
  return Number.isFinite(ms) ? { ms } : undefined;
}

/** Writes a duration for people, in the syntax that `parseDuration` reads. Rounds to whole milliseconds. */
export function formatDuration(duration: Duration): string {
  const total = Math.round(duration.ms);
  if (total < 1000) return `${total}ms`;
  if (total < 60_000) return `${Number((total / 1000).toFixed(3))}s`;
  const hours = Math.floor(total / 3_600_000);
  const minutes = Math.floor((total % 3_600_000) / 60_000);
  const secondsLeft = Number(((total % 60_000) / 1000).toFixed(3));
  return `${hours > 0 ? `${hours}h` : ''}${minutes > 0 ? `${minutes}m` : ''}${secondsLeft > 0 ? `${secondsLeft}s` : ''}`;
}
