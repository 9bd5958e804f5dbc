/**
 * Quantiles by nearest rank: each is a value that was really measured.
 * @returns 0 for each when there are no values.
 */
export function quantiles(values: readonly number[], ratios: readonly number[]): readonly number[] {
  const sorted = Float64Array.from(values).sort();
  return ratios.map((ratio) => sorted[Math.max(0, Math.ceil(ratio * sorted.length) - 1)] ?? 0);
}
