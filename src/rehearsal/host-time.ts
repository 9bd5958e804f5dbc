/** Time and chance of one process, so that tests bring their own. */
export interface HostTime {
  /** On a monotonic clock. */
  readonly nowMs: () => number;
  /** @returns how to cancel it */
  readonly after: (ms: number, callback: () => void) => () => void;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

export const hostTime: HostTime = {
  nowMs: () => performance.now(),
  after(ms, callback) {
    const timeout = setTimeout(callback, ms);
    return () => clearTimeout(timeout);
  },
  random: () => Math.random(),
};
