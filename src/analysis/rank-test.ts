/**
 * How surely the values of `a` tend to be larger than those of `b`: the one-sided p-value of the rank-sum test (Mann and Whitney
 * 1947), by its normal approximation with the corrections for ties and for continuity. It asks nothing of how values are
 * spread, so one answer that took a second counts as the slowest and no more than that.
 * @returns 1 where one of them is empty, or all values are the same.
 */
export function largerThan(a: readonly number[], b: readonly number[]): number {
  const [n, m] = [a.length, b.length];
  if (n === 0 || m === 0) return 1;
  const all = [...a.map((value) => ({ value, ours: true })), ...b.map((value) => ({ value, ours: false }))];
  all.sort((x, y) => (x.value < y.value ? -1 : x.value > y.value ? 1 : 0));
  let rankSum = 0;
  let ties = 0;
  for (let i = 0; i < all.length;) {
    let j = i;
    while (j < all.length && all[j]?.value === all[i]?.value) j += 1;
    const rank = (i + j + 1) / 2;
    for (let k = i; k < j; k++) if (all[k]?.ours === true) rankSum += rank;
    ties += (j - i) ** 3 - (j - i);
    i = j;
  }
  const u = rankSum - (n * (n + 1)) / 2;
  const variance = ((n * m) / 12) * (n + m + 1 - ties / ((n + m) * (n + m - 1)));
  if (variance <= 0) return 1;
  return upperTail((u - (n * m) / 2 - 0.5) / Math.sqrt(variance));
}

/** The chance that a standard normal is above z (a series for small z, a continued fraction beyond: Abramowitz and Stegun 26.2). */
export function upperTail(z: number): number {
  if (z < 0) return 1 - upperTail(-z);
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  if (z > 2) {
    let fraction = z;
    for (let k = 40; k > 0; k--) fraction = z + k / fraction;
    return density / fraction;
  }
  let sum = z;
  let term = z;
  for (let k = 1; k < 60; k++) {
    term *= (z * z) / (2 * k + 1);
    sum += term;
  }
  return 0.5 - density * sum;
}
