/**
 * The longest outage of 12 real runs on the rehearsal whose address holder was cut off, in milliseconds from the least to the
 * most that it can have been; some on a busy host, whose edges are wide. From `bench/compare`.
 */
export const MEASURED_OUTAGES: readonly (readonly [min: number, max: number])[] = [
  [796, 1065],
  [643, 944],
  [695, 907],
  [857, 1048],
  [813, 1002],
  [801, 904],
  [965, 1042],
  [630, 865],
  [1119, 1292],
  [1393, 1626],
  [727, 1076],
  [842, 911],
];
