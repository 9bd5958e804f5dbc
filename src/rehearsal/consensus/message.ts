import type { Operation, Outcome } from './document-state.ts';
import type { LogEntry, Snapshot } from './member-disk.ts';

/** What members of one group tell each other. Any of them may be lost, repeated, late or out of order. */
export type Message =
  /** `trial` asks whether a vote would be given, so that a member that was away does not unseat a leader that is well. */
  | {
      readonly kind: 'candidate';
      readonly term: number;
      readonly trial: boolean;
      readonly last: number;
      readonly lastTerm: number;
    }
  | { readonly kind: 'ballot'; readonly term: number; readonly trial: boolean; readonly granted: boolean }
  | {
      readonly kind: 'append';
      readonly term: number;
      readonly previous: number;
      readonly previousTerm: number;
      readonly entries: readonly LogEntry[];
      readonly commit: number;
      readonly round: number;
    }
  | {
      readonly kind: 'install';
      readonly term: number;
      readonly snapshot: Snapshot;
      readonly commit: number;
      readonly round: number;
    }
  /** `match` is how far the log is known to agree; when `fits` is false, where to try again. */
  | {
      readonly kind: 'appended';
      readonly term: number;
      readonly fits: boolean;
      readonly match: number;
      readonly round: number;
    }
  /** To the leader: without an operation, from which index on a read is fresh. */
  | { readonly kind: 'ask'; readonly term: number; readonly id: number; readonly operation?: Operation }
  | { readonly kind: 'told'; readonly term: number; readonly id: number; readonly answer: Answer };

export type Answer =
  | { readonly kind: 'outcome'; readonly outcome: Outcome }
  | { readonly kind: 'fresh'; readonly index: number }
  /** Nothing happened: the one that was asked is not the leader. */
  | { readonly kind: 'not-leader' }
  /** It may have happened or not. */
  | { readonly kind: 'unknown' };

/** In milliseconds. */
export interface MemberTimers {
  readonly heartbeatMs: number;
  /** A member that hears no leader for this long, and up to as long again by chance, stands for election. */
  readonly electionMs: number;
  /** How long a request waits for a majority. */
  readonly requestMs: number;
}

/** Time and chance of a member, so that tests bring their own. */
export interface MemberTime {
  nowMs(): number;
  after(ms: number, callback: () => void): () => void;
  /** As soon as what is going on is done: what is asked at once travels together. */
  soon(callback: () => void): void;
  /** Uniform in [0, 1). */
  random(): number;
}
