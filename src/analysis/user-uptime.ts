import type { Analysis, Interval, ProbeAnalysis, WindowedUptime } from '../model/analysis.ts';
import { windowedUptime } from './windowed-uptime.ts';

/** Lengths by which blips and long outages can be told apart, from what a caller waits for to what a budget is counted over. */
const WINDOWS_MS = [1000, 5000, 15_000, 60_000, 300_000, 900_000, 3_600_000, 86_400_000] as const;

/** All probes as users of one system; nothing where there are none. */
export function usersOf(probes: readonly ProbeAnalysis[]): Pick<Analysis, 'users'> {
  const intervals = probes.map((probe) => probe.intervals).filter((one) => one.length > 0);
  const from = Math.min(...intervals.map((one) => one[0]?.start.earliestNs ?? Infinity));
  const to = Math.max(...intervals.map((one) => one.at(-1)?.end.latestNs ?? -Infinity));
  const uptime = windowedUptime(intervals, to - from);
  return uptime === undefined ? {} : { users: { uptime, windows: windowsOf(intervals) } };
}

/** The worst of any window, for each length that fits into what was seen. */
export const windowsOf = (users: readonly (readonly Interval[])[]): readonly WindowedUptime[] =>
  WINDOWS_MS.flatMap((windowMs) => {
    const worst = windowedUptime(users, windowMs * 1e6);
    return worst === undefined ? [] : [{ windowMs, worst }];
  });
