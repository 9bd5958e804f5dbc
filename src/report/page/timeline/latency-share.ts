/** Latency on a logarithmic scale, from a tenth of a millisecond at the bottom to ten seconds at the top, as a share of the height. */
export const latencyShare = (ms: number): number =>
  Math.min(1, Math.max(0, (Math.log10(Math.max(ms, 0.1)) + 1) / 5));
