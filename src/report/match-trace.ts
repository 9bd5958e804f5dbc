/** Where a figure of `report.json` comes from: what it is computed from, and how. */
export interface Trace {
  /** A JSON pointer (RFC 6901) into `report.json`; the trace holds for all that lies below it. */
  readonly below: string;
  /** Files of the run folder that hold the evidence; a name that ends in `*` stands for all that begin so. */
  readonly files: readonly string[];
  /** One sentence: how the figure comes out of them. */
  readonly how: string;
}

/** @returns the trace that holds for a pointer, the nearest one, or undefined when the figure has none. */
export function traceOf(traces: readonly Trace[], pointer: string): Trace | undefined {
  return traces
    .filter(({ below }) => pointer === below || pointer.startsWith(`${below}/`))
    .sort((a, b) => b.below.length - a.below.length)[0];
}
