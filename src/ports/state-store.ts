/** An append-only file whose lines are on the disk when `append` returns: written, and synced with the folder that holds it. */
export interface DurableLog {
  /**
   * @throws whatever the disk said. After a failed write or sync nothing may be appended again: what the disk holds is not known.
   */
  append(line: string): Promise<void>;
  close(): Promise<void>;
}

/** Who holds a lock. */
export interface LockHolder {
  readonly run: string;
  readonly host: string;
  readonly pid: number;
  /** Tells a process from a later one that got the same pid, and a host from another of the same name; absent: not known. */
  readonly birth?: string;
  readonly since: string;
}

/** Somebody stopped all runs. */
export interface StopOrder {
  /** Who, as `user@host`. */
  readonly by: string;
  readonly why: string;
  /** UTC, ISO 8601. */
  readonly since: string;
}

/**
 * What runs must agree on. It has a file form, for one machine, and a cluster form, for all machines that reach the cluster; both
 * keep the same promises, and a run that has both obeys both.
 */
export interface SharedState {
  /** Takes the lock, or says who holds it. It is taken over from another only when that one is provably gone. */
  lock(identity: string, holder: LockHolder): Promise<LockHolder | undefined>;
  /** Says that the holder still lives. False when the lock is not this run's any more. */
  renew(identity: string, run: string): Promise<boolean>;
  /** Does nothing when it is not this run's. */
  unlock(identity: string, run: string): Promise<void>;
  /** Who holds a lock of a cloud now, and is not provably gone. */
  holders(): Promise<readonly LockHolder[]>;
  /** From now on no run starts, and runs that are on stop. The last order counts. */
  stop(order: StopOrder): Promise<void>;
  /** Takes the stop back. @returns what it was; undefined when there was none. */
  allow(): Promise<StopOrder | undefined>;
  /** undefined, or why no run may start. What cannot be read counts as a stop. */
  stopped(): Promise<StopOrder | undefined>;
}

/** The journal file of one writer, as far as the disk has it. */
export interface JournalFile {
  /** The writer and a number, such as `harness-000`. */
  readonly writer: string;
  /** Whole lines. */
  readonly lines: readonly string[];
  /** What stands after the last newline: its writer died, or its disk failed, while it wrote. Absent: nothing. */
  readonly tail?: string;
}

/**
 * What must survive the harness: healing journals, locks, the global stop, the state of labs. A folder of this machine, for
 * healing must not depend on what is hurt.
 */
export interface StateStore extends SharedState {
  /** A healing journal of a run; `writer` tells the harness's own from the reaper's, for each has one writer only. */
  journal(run: string, writer: 'harness' | 'reaper' | 'heal'): Promise<DurableLog>;
  /** All journals of a run, by writer. */
  readJournals(run: string): Promise<readonly JournalFile[]>;
  /** Runs that have a journal. */
  runs(): Promise<readonly string[]>;
  /** Puts the journal of a run away, once all in it is closed. */
  archive(run: string): Promise<void>;
  /** Brings back a journal that was put away; does nothing when there is none. */
  reopen(run: string): Promise<void>;
}
