/** An append-only file whose lines are on the disk when `append` returns: written, and synced with the folder that holds it. */
export interface DurableLog {
  /**
   * @throws whatever the disk said. After a failed sync nothing may be appended again: what the disk holds is not known.
   */
  append(line: string): Promise<void>;
  close(): Promise<void>;
}

/** Who holds a lock. */
export interface LockHolder {
  readonly run: string;
  readonly host: string;
  readonly pid: number;
  readonly since: string;
}

/**
 * What must survive the harness: healing journals, locks, the global stop, the state of labs. A folder today; a cluster can
 * hold it too.
 */
export interface StateStore {
  /** A healing journal of a run; `writer` tells the harness's own from the reaper's, for each has one writer only. */
  journal(run: string, writer: 'harness' | 'reaper' | 'heal'): Promise<DurableLog>;
  /** All journals of a run, whole lines only, by writer. */
  readJournals(
    run: string,
  ): Promise<readonly { readonly writer: string; readonly lines: readonly string[] }[]>;
  /** Runs that have a journal. */
  runs(): Promise<readonly string[]>;
  /** Puts the journal of a run away, once all in it is closed. */
  archive(run: string): Promise<void>;
  /** Takes the lock, or says who holds it. A lock whose process is gone on this host is taken over. */
  lock(identity: string, holder: LockHolder): Promise<LockHolder | undefined>;
  unlock(identity: string, run: string): Promise<void>;
  /** undefined, or why no run may start. */
  stopped(): Promise<{ readonly by: string; readonly why: string } | undefined>;
}
