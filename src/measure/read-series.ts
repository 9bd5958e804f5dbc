import type { ClockId } from '../model/instant.ts';
import type { ProbeSeries, Sample, Stall } from '../model/observation.ts';
import type { RunFolder } from '../ports/run-folder.ts';
import { decodeSegment, type Segment } from './segment-format.ts';

/**
 * All samples and stalls that the probers of a run left behind. A probe's segments are merged, whatever their order; the last
 * batch of a prober that died may be missing, and shows as unseen.
 * @param below where in the folder they lie; default the samples of the method.
 * @throws SQ_RUN_UNREADABLE when a segment is damaged anywhere but in its tail.
 */
export async function readSeries(
  folder: RunFolder,
  below = 'samples/',
): Promise<{ readonly series: readonly ProbeSeries[]; readonly stalls: readonly Stall[] }> {
  const names = await folder.list(below);
  const groups = new Map<string, Segment[]>();
  const stalls: Stall[] = [];
  for (const name of names) {
    if (name.endsWith('/stalls.ndjson')) stalls.push(...(await folder.readLines<Stall>(name)));
    if (!name.endsWith('.seg')) continue;
    const bytes = await folder.read(name);
    const segment = bytes === undefined ? undefined : decodeSegment(name, bytes);
    if (segment === undefined) continue;
    const key = `${segment.header.vantage}/${segment.header.probe.name}`;
    groups.set(key, [...(groups.get(key) ?? []), segment]);
  }
  const merged = [...groups.values()].map(merge);
  const lastSeen = lastSeenByClock(merged);
  return { series: merged.map(({ series, ended }) => (ended ? series : cutOff(series, lastSeen))), stalls };
}

interface Merged {
  readonly series: ProbeSeries;
  /** Whether the prober ended in good order. */
  readonly ended: boolean;
}

function merge(segments: readonly Segment[]): Merged {
  const [first] = segments;
  if (first === undefined) throw new RangeError('a probe without segments has no series');
  // A run that was gone on with has had several probers; each counts its samples from 0, and has its own start.
  const starts = [...new Set(segments.map(({ header }) => header.startNs))].sort((a, b) => a - b);
  const turns = starts.map((startNs) => segments.filter(({ header }) => header.startNs === startNs));
  const samples: Sample[] = [];
  for (const turn of turns) {
    const before = samples.at(-1)?.n ?? -1;
    for (const sample of samplesOf(turn))
      samples.push(before < 0 ? sample : { ...sample, n: before + 1 + sample.n });
  }
  const endNs = turns.at(-1)?.find((segment) => segment.endNs !== undefined)?.endNs;
  const startNs = starts[0] ?? first.header.startNs;
  const last = samples.at(-1)?.plannedNs ?? startNs;
  const { probe, clock } = first.header;
  return {
    series: { probe, clock, startNs, endNs: endNs ?? last, samples },
    ended: endNs !== undefined,
  };
}

function samplesOf(segments: readonly Segment[]): readonly Sample[] {
  const byNumber = new Map<number, Sample>();
  for (const segment of segments) for (const sample of segment.samples) byNumber.set(sample.n, sample);
  return [...byNumber.values()].sort((a, b) => a.n - b.n);
}

/** A prober that died says nothing of its end; it lived at least as long as any of its probes was heard. */
function cutOff(series: ProbeSeries, lastSeen: ReadonlyMap<ClockId, number>): ProbeSeries {
  return { ...series, endNs: Math.max(series.endNs, lastSeen.get(series.clock) ?? series.endNs) };
}

function lastSeenByClock(merged: readonly Merged[]): ReadonlyMap<ClockId, number> {
  const last = new Map<ClockId, number>();
  for (const { series } of merged)
    last.set(series.clock, Math.max(series.endNs, last.get(series.clock) ?? 0));
  return last;
}
