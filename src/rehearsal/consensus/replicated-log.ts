import { DocumentState } from './document-state.ts';
import type { Outcome } from './document-state.ts';
import type { LogEntry, MemberDisk, Snapshot } from './member-disk.ts';

/** Entries after which the log is folded into a snapshot. */
const FOLD_AFTER = 2000;

/** The log of one member with its term and vote: what is in it is on the disk, what is committed is in `state`. */
export class ReplicatedLog {
  readonly state = new DocumentState();
  readonly #disk: MemberDisk;
  #term: number;
  #vote: string | undefined;
  #snapshot: Snapshot;
  #entries: LogEntry[];
  #commit: number;
  #applied: number;

  constructor(disk: MemberDisk) {
    const { term, vote, snapshot, entries } = disk.read();
    this.#disk = disk;
    this.#term = term;
    this.#vote = vote;
    this.#snapshot = snapshot;
    this.#entries = [...entries];
    this.#commit = snapshot.index;
    this.#applied = snapshot.index;
    this.state.restore(snapshot.image);
  }

  get term(): number {
    return this.#term;
  }
  get vote(): string | undefined {
    return this.#vote;
  }
  get commit(): number {
    return this.#commit;
  }
  get last(): number {
    return this.#snapshot.index + this.#entries.length;
  }
  /** The first index that is still there as an entry. */
  get first(): number {
    return this.#snapshot.index + 1;
  }
  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  /** undefined where the log has nothing, or no longer. */
  termAt(index: number): number | undefined {
    if (index === this.#snapshot.index) return this.#snapshot.term;
    return this.#entries[index - this.first]?.term;
  }

  from(index: number): readonly LogEntry[] {
    return this.#entries.slice(index - this.first);
  }

  enterTerm(term: number, vote?: string): void {
    this.#term = term;
    this.#vote = vote;
    this.#disk.vote(term, vote);
  }

  add(entries: readonly LogEntry[]): void {
    if (entries.length === 0) return;
    this.#disk.write(this.last + 1, entries);
    this.#entries.push(...entries);
  }

  /** Takes what a leader sent after `previous`. An entry that is there already stays, and so does what follows it. */
  merge(previous: number, entries: readonly LogEntry[]): void {
    const known = entries.findIndex(({ term }, at) => {
      const index = previous + 1 + at;
      return index >= this.first && this.termAt(index) !== term;
    });
    if (known < 0) return;
    const index = previous + 1 + known;
    const fresh = entries.slice(known);
    this.#disk.write(index, fresh);
    this.#entries.splice(index - this.first, Number.POSITIVE_INFINITY, ...fresh);
  }

  install(snapshot: Snapshot): void {
    if (snapshot.index <= this.#commit) return;
    this.#snapshot = snapshot;
    this.#entries = [];
    this.#commit = snapshot.index;
    this.#applied = snapshot.index;
    this.state.restore(snapshot.image);
    this.#save();
  }

  /** Applies everything up to `commit`, and tells what each entry did. */
  commitTo(commit: number, applied: (index: number, term: number, outcome: Outcome) => void): void {
    this.#commit = Math.max(this.#commit, Math.min(commit, this.last));
    while (this.#applied < this.#commit) {
      const entry = this.#entries[this.#applied + 1 - this.first];
      if (entry === undefined) break;
      this.#applied += 1;
      applied(this.#applied, entry.term, this.state.apply(entry.operation));
    }
    if (this.#entries.length > FOLD_AFTER && this.#applied - this.#snapshot.index > FOLD_AFTER / 2)
      this.#fold();
  }

  #fold(): void {
    const term = this.termAt(this.#applied) ?? this.#snapshot.term;
    const rest = this.from(this.#applied + 1);
    this.#snapshot = { index: this.#applied, term, image: this.state.image() };
    this.#entries = [...rest];
    this.#save();
  }

  #save(): void {
    this.#disk.replace({
      term: this.#term,
      vote: this.#vote,
      snapshot: this.#snapshot,
      entries: this.#entries,
    });
  }
}
