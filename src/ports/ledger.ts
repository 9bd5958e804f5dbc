import type { LedgerEntry } from '../model/conformance.ts';

/** Written before anything is created on a system, so that the sweeper finds it whatever happens. */
export interface Ledger {
  creating(entry: LedgerEntry): void;
  created(entry: LedgerEntry): void;
  deleted(entry: LedgerEntry): void;
  /** Created, or perhaps created, and not known to be deleted. */
  outstanding(): readonly LedgerEntry[];
}
