const STEPS_MS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000,
  600_000, 1_800_000,
];
const HOUR_MS = 3_600_000;

/** Round moments between two, at most `most` and a few more than half of it; for the axis. */
export function roundMarks(fromMs: number, toMs: number, most: number): readonly number[] {
  const length = toMs - fromMs;
  const step = STEPS_MS.find((size) => length / size <= most) ?? Math.ceil(length / most / HOUR_MS) * HOUR_MS;
  const marks: number[] = [];
  for (let mark = Math.ceil(fromMs / step) * step; mark <= toMs; mark += step) marks.push(mark);
  return marks;
}

/** A moment as an axis writes it: seconds since the start of the run, with no more digits than it has. */
export const writeMark = (ms: number): string => `${Number((ms / 1000).toFixed(3))} s`;
