import type { DocumentChange, DocumentStore } from './replica.ts';

/** A store whose changes can be followed, as one of its members applies them. */
export interface WatchedStore extends DocumentStore {
  /** The revision that the local member has applied. */
  revision(): number;
  /**
   * Changes after that revision of keys that start with `prefix`, oldest first, as the local member applies them. Ends with the
   * signal. @throws RevisionTooOld when the history since then is no longer kept.
   */
  follow(prefix: string, afterRevision: number, signal: AbortSignal): AsyncIterable<DocumentChange>;
}

/** The member no longer keeps the changes since the revision that was asked for, only those after `oldest`. */
export class RevisionTooOld extends Error {
  override readonly name = 'RevisionTooOld';
  readonly asked: number;
  readonly oldest: number;

  constructor(asked: number, oldest: number) {
    super(`Changes after revision ${asked} were asked for, and only those after ${oldest} are kept.`);
    [this.asked, this.oldest] = [asked, oldest];
  }
}
