import type { Analysis, Interval, Together } from '../model/analysis.ts';
import { nanosecondsOf } from '../model/duration.ts';
import type { ProbeSeries } from '../model/observation.ts';
import { intervalsOf, intervalsTogether } from './intervals.ts';
import { longest, milliseconds, outagesOf } from './outages.ts';

/** What probers that asked the same question of the same endpoint saw together. */
export function togetherOf(all: readonly ProbeSeries[]): Pick<Analysis, 'together'> {
  const groups = new Map<string, ProbeSeries[]>();
  for (const series of all) {
    const { endpoint, probe, connection, parameters, part } = series.probe;
    const key = JSON.stringify([series.clock, endpoint, probe, connection, parameters, part]);
    groups.set(key, [...(groups.get(key) ?? []), series]);
  }
  const several = [...groups.values()].filter((group) => group.length > 1);
  return several.length === 0 ? {} : { together: several.map(joinGroup) };
}

function joinGroup(group: readonly ProbeSeries[]): Together {
  const intervals = intervalsTogether(group);
  const each = group.map((series) => ({
    intervals: intervalsOf(series),
    resolvesNs: 2 * nanosecondsOf(series.probe.every),
  }));
  const disagreedNs = Math.max(
    ...each.flatMap((a) =>
      each.map((b) => contradictionNs(a.intervals, b.intervals, Math.max(a.resolvesNs, b.resolvesNs))),
    ),
  );
  return {
    endpoint: group[0]?.probe.endpoint ?? '',
    probes: group.map(({ probe }) =>
      probe.vantage === 'host' ? probe.name : `${probe.name} at ${probe.vantage}`,
    ),
    intervals,
    longestOutage: longest(outagesOf(intervals)),
    disagreed: milliseconds(disagreedNs, disagreedNs),
  };
}

/** For how long one surely saw it down while the other surely saw it up, beyond what an outage between two samples explains. */
function contradictionNs(a: readonly Interval[], b: readonly Interval[], resolvesNs: number): number {
  const ups = b.filter(({ state }) => state === 'up');
  const downs = a.filter(({ state }) => state === 'down');
  return downs.reduce((total, down) => {
    const overlaps = ups.map(
      (up) =>
        Math.min(up.end.earliestNs, down.end.earliestNs) - Math.max(up.start.latestNs, down.start.latestNs),
    );
    return total + overlaps.filter((one) => one > resolvesNs).reduce((sum, one) => sum + one, 0);
  }, 0);
}
