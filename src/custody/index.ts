export { openJournal, type JournalOptions } from './open-journal.ts';
export {
  readJournal,
  mergeJournals,
  readOpenEntries,
  type EntryStory,
  type JournalReading,
} from './read-open-entries.ts';
export { healRuns, type HealedRun, type HealRunsOrder } from './heal-runs.ts';
export { takeLock, type HeldLock } from './cloud-lock.ts';
export { createClusterState } from './cluster-state.ts';
export { joinStates, type JoinedState } from './join-states.ts';
export { createLedger, readLedger, reopenLedger, type RunLedger } from './ledger.ts';
export { sweep } from './sweep.ts';
export { takeAway } from './take-away.ts';
export { followJournal, type ReaperEnd, type ReaperWatch } from './follow-journal.ts';
export type { JournalOwner } from './journal-line.ts';
export { healMarks, type HealedMarks, type HealMarksOrder } from './heal-marks.ts';
export { labelledObjects } from './labelled-objects.ts';
export { taggedObjects } from './tagged-objects.ts';
