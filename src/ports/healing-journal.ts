import type { HealingEntry, Verification } from '../model/injection.ts';

/**
 * The write-ahead journal of one run. Every method returns only once the line is on the disk; when one fails, all later
 * `intend`s fail too, so nothing more is injected, while healing goes on.
 */
export interface HealingJournal {
  /** Before the first touch. @throws SQ_JOURNAL */
  intend(entry: HealingEntry): Promise<void>;
  /** The effect was seen (or was not). */
  verified(id: string, verification: Verification): Promise<void>;
  /** Never injected after all: nothing is owed. */
  abandoned(id: string, says: string): Promise<void>;
  /** Healed and looked at; only `verification.ok` closes the entry. */
  healed(id: string, verification: Verification): Promise<void>;
  /** Entries that are not closed, oldest first. */
  open(): readonly HealingEntry[];
  /** No fault follows; lets the reaper leave once all is closed. */
  close(): Promise<void>;
}
