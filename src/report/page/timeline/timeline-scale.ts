import type { ReportDocument } from '../../report-document.ts';
import { roundMarks } from './round-marks.ts';

/** Turns milliseconds since the start of the run into a place on the timeline, in percent of its width. */
export interface TimelineScale {
  readonly fromMs: number;
  readonly toMs: number;
  percent(ms: number): number;
  /** Attributes of something that stands at one moment; the page's script reads `data-f` when it zooms. */
  place(ms: number): Placed;
  /** Attributes of a stretch, kept inside the timeline; the script reads `data-f` and `data-t`. */
  stretch(fromMs: number, toMs: number): PlacedStretch;
  /** Round moments to write on the axis. */
  readonly marks: readonly number[];
}

export interface Placed {
  readonly x: string;
  readonly 'data-f': number;
}

export interface PlacedStretch extends Placed {
  readonly width: string;
  readonly 'data-t': number;
}

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
  return {
    fromMs,
    toMs,
    percent,
    place: (ms) => ({ x: inPercent(percent(ms)), 'data-f': ms }),
    stretch: (from, to) => ({
      x: inPercent(percent(from)),
      width: inPercent(percent(to) - percent(from)),
      'data-f': from,
      'data-t': to,
    }),
    marks: roundMarks(fromMs, toMs, MOST_MARKS),
  };
}
