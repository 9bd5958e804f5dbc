/** Something of ours that stands on a system, found there and not in any record of ours: for when the journal is gone. */
export interface Mark {
  /** The same for the same thing, whoever finds it. */
  readonly id: string;
  /** Absent: the thing does not tell. */
  readonly run?: string;
  /** What it is and where, to be read by people. */
  readonly says: string;
  /** Takes it away; does nothing when it is gone. */
  heal(signal: AbortSignal): Promise<void>;
}

/** What one search found. */
export interface FoundMarks {
  readonly marks: readonly Mark[];
  /** Where nobody could look, and why. */
  readonly troubles: readonly string[];
}
