import type { HostTime } from '../host-time.ts';
import type { Document, DocumentChange } from '../replica.ts';
import type { Operation, Outcome } from './document-log.ts';
import type { MemberDisk, Place } from './member-disk.ts';

/** A `trial` asks whether a vote would be given, so that a member that was away does not unseat a leader that is well. */
export type Candidacy = { readonly term: number; readonly trial: boolean; readonly last: Place };

/** All that the leader has committed ends at `base`, and `change` comes next. One that is behind gets all `documents` first. */
export type News = {
  readonly term: number;
  readonly base: Place;
  readonly change?: DocumentChange | undefined;
  readonly documents?: readonly Document[] | undefined;
};

/** What a member asks of another one. It may be lost or late, and so may its answer. */
export type Question =
  | { readonly kind: 'vote'; readonly candidacy: Candidacy }
  | { readonly kind: 'news'; readonly news: News }
  /** To the leader; without an operation: from which revision on a read is fresh. */
  | { readonly kind: 'ask'; readonly operation?: Operation | undefined };

export type Answer =
  | { readonly kind: 'told'; readonly term: number; readonly granted: boolean }
  /** Whoever asked must have applied that revision before it goes on. */
  | { readonly kind: 'done'; readonly revision: number; readonly outcome?: Outcome }
  /** It does not lead; `lost` when it did, and the operation may happen yet. */
  | { readonly kind: 'not-leader'; readonly lost: boolean };

/** In milliseconds. */
export interface MemberTimers {
  readonly heartbeatMs: number;
  /** A member that hears no leader for this long, and up to as long again by chance, stands for election. */
  readonly electionMs: number;
  /** How long a request waits for a majority. */
  readonly requestMs: number;
}

export interface MemberOptions {
  readonly self: string;
  readonly peers: readonly string[];
  readonly disk: MemberDisk;
  readonly timers: MemberTimers;
  readonly time: HostTime;
  /** Rejects when no answer came within `limitMs`. */
  readonly ask: (peer: string, question: Question, limitMs: number) => Promise<Answer>;
  /** Called when this member becomes the leader of a term, and with undefined when it no longer leads. */
  readonly onLead?: (term: number | undefined) => void;
}
