import type { ReportDocument } from '../report-document.ts';

/** Turns milliseconds since the start of the run into a place on the timeline, in percent of its width. */
export interface TimelineScale {
  readonly fromMs: number;
  readonly toMs: number;
  percent(ms: number): number;
  /** The place and width of a stretch, both kept inside the timeline. */
  stretch(fromMs: number, toMs: number): { readonly x: string; readonly width: string };
  /** Round moments to write on the axis. */
  readonly marks: readonly number[];
}

const STEPS_MS = [
  100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000,
];
const MOST_MARKS = 9;

const inPercent = (value: number): string => `${Number(value.toFixed(3))}%`;

/** Covers the judged stretch and every fault, so that no band is cut off. */
export function timelineScale(document: ReportDocument): TimelineScale | undefined {
  const moments = [
    ...(document.windowMs ?? []),
    ...document.faults.flatMap((fault) => [...(fault.injectedMs ?? []), ...(fault.healedMs ?? [])]),
  ];
  if (moments.length === 0) return undefined;
  const fromMs = Math.min(...moments);
  const toMs = Math.max(...moments, fromMs + 1);
  const length = toMs - fromMs;
  const percent = (ms: number): number => (Math.min(Math.max(ms, fromMs), toMs) - fromMs) * (100 / length);
  const step =
    STEPS_MS.find((size) => length / size <= MOST_MARKS) ??
    Math.ceil(length / MOST_MARKS / 3_600_000) * 3_600_000;
  const marks: number[] = [];
  for (let mark = Math.ceil(fromMs / step) * step; mark <= toMs; mark += step) marks.push(mark);
  return {
    fromMs,
    toMs,
    percent,
    stretch: (from, to) => ({ x: inPercent(percent(from)), width: inPercent(percent(to) - percent(from)) }),
    marks,
  };
}
