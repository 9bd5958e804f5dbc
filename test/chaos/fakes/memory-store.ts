import { readLine } from '../../../src/custody/journal-line.ts';
import type { DurableLog, LockHolder, StateStore, StopOrder } from '../../../src/ports/state-store.ts';

/** A state store in memory that notes each line in a list of actions, and fails where a test says so. */
export class MemoryStore implements StateStore {
  readonly files = new Map<string, Map<string, string[]>>();
  readonly archived: string[] = [];
  readonly locks = new Map<string, LockHolder>();
  readonly actions: string[];
  /** Called before each line; throws to be a broken disk. */
  onAppend: (writer: string, kind: string, file: string) => void = () => undefined;
  order: StopOrder | undefined;

  constructor(actions: string[] = []) {
    this.actions = actions;
  }

  journal = async (run: string, writer: 'harness' | 'reaper' | 'heal'): Promise<DurableLog> => {
    const files = this.files.get(run) ?? new Map<string, string[]>();
    this.files.set(run, files);
    const name = `${writer}-${String(files.size).padStart(3, '0')}`;
    const lines: string[] = [];
    files.set(name, lines);
    return {
      append: async (text) => {
        const read = readLine(text);
        const kind = read !== undefined && 'line' in read ? read.line.event.kind : 'torn';
        this.onAppend(writer, kind, name);
        lines.push(text);
        this.actions.push(`${writer}: ${kind}`);
      },
      close: async () => undefined,
    };
  };

  readJournals = async (run: string) =>
    [...(this.files.get(run) ?? new Map<string, string[]>())].map(([writer, lines]) => ({
      writer,
      lines: [...lines],
    }));

  runs = async () => [...this.files.keys()];

  archive = async (run: string) => {
    if (this.files.delete(run)) this.archived.push(run);
  };

  lock = async (identity: string, holder: LockHolder) => {
    const other = this.locks.get(identity);
    if (other === undefined) this.locks.set(identity, holder);
    return other;
  };

  unlock = async (identity: string, run: string) => {
    if (this.locks.get(identity)?.run === run) this.locks.delete(identity);
  };

  renew = async (identity: string, run: string) => this.locks.get(identity)?.run === run;

  holders = async () => [...this.locks.values()];

  reopen = async () => undefined;

  stop = async (order: StopOrder) => {
    this.order = order;
  };

  allow = async () => {
    const { order } = this;
    this.order = undefined;
    return order;
  };

  stopped = async () => this.order;
}
