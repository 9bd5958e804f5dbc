export { openJournal, type JournalOptions } from './open-journal.ts';
export { readJournal, readOpenEntries, type JournalReading } from './read-open-entries.ts';
export { healRuns, type HealedRun, type HealRunsOrder } from './heal-runs.ts';
export { takeLock } from './cloud-lock.ts';
export { createLedger, readLedger, type RunLedger } from './ledger.ts';
export { sweep } from './sweep.ts';
export { followJournal, type ReaperEnd, type ReaperWatch } from './follow-journal.ts';
export type { JournalOwner } from './journal-line.ts';
