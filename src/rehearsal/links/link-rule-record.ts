import type { Duration } from '../../model/duration.ts';

/** A rule as it is kept on disk and in each process: what the lab was asked for, and the instant at which it ends. */
export interface LinkRuleRecord {
  readonly id: string;
  readonly run: string;
  readonly groupA: readonly string[];
  readonly groupB: readonly string[];
  readonly direction: 'both' | 'a-to-b';
  /** Port numbers at the end that was connected to; empty means all. */
  readonly ports: readonly number[];
  readonly effect:
    | { readonly kind: 'cut' }
    | { readonly kind: 'lose'; readonly share: number }
    | { readonly kind: 'delay'; readonly by: Duration; readonly jitter: Duration }
    | { readonly kind: 'limit'; readonly bytesPerSecond: number };
  /** On the host's monotonic clock, which every process of the lab reads alike. */
  readonly endsNs: number;
}
