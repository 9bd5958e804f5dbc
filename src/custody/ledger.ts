import type { LedgerEntry } from '../model/conformance.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { RunFolder } from '../ports/run-folder.ts';

export const LEDGER_FILE = 'ledger.ndjson';

/** One line of `ledger.ndjson`. */
export interface LedgerLine {
  readonly act: 'creating' | 'created' | 'deleted';
  readonly entry: LedgerEntry;
}

/** A ledger that the sweeper reads. */
export interface RunLedger extends Ledger {
  /** Those whose deletion was answered with success: the sweeper looks whether they are really gone. */
  deletedOnes(): readonly LedgerEntry[];
}

/** A ledger in memory whose every line is on its way to the run folder before the call returns. */
export const createLedger = (folder: Pick<RunFolder, 'append'>): RunLedger => ledgerOver(folder, new Map());

/** The ledger of a run that is gone on with: what it holds already, and what comes. */
export async function reopenLedger(folder: Pick<RunFolder, 'append' | 'readLines'>): Promise<RunLedger> {
  return ledgerOver(folder, await readAll(folder));
}

function ledgerOver(folder: Pick<RunFolder, 'append'>, lines: Map<string, LedgerLine>): RunLedger {
  const note = (act: LedgerLine['act'], entry: LedgerEntry): void => {
    folder.append(LEDGER_FILE, { act, entry });
    keep(lines, { act, entry });
  };
  return {
    creating: (entry) => note('creating', entry),
    created: (entry) => note('created', entry),
    deleted: (entry) => note('deleted', entry),
    outstanding: () => those(lines, false),
    deletedOnes: () => those(lines, true),
  };
}

/** The ledger of a stored run, for a sweep by another process. It takes no new lines. */
export async function readLedger(
  folder: Pick<RunFolder, 'readLines'>,
): Promise<Pick<RunLedger, 'outstanding' | 'deletedOnes'>> {
  const lines = await readAll(folder);
  return { outstanding: () => those(lines, false), deletedOnes: () => those(lines, true) };
}

async function readAll(folder: Pick<RunFolder, 'readLines'>): Promise<Map<string, LedgerLine>> {
  const lines = new Map<string, LedgerLine>();
  for (const line of await folder.readLines<LedgerLine>(LEDGER_FILE)) keep(lines, line);
  return lines;
}

function keep(lines: Map<string, LedgerLine>, line: LedgerLine): void {
  const { system, collection, name, id } = line.entry;
  const key = `${system} ${collection} ${name}`;
  const known = lines.get(key)?.entry.id;
  // Whoever deletes may know the name alone; the id was learnt when it was created.
  const entry = id === undefined && known !== undefined ? { ...line.entry, id: known } : line.entry;
  lines.delete(key);
  lines.set(key, { ...line, entry });
}

const those = (lines: Map<string, LedgerLine>, deleted: boolean): readonly LedgerEntry[] =>
  [...lines.values()].filter(({ act }) => (act === 'deleted') === deleted).map(({ entry }) => entry);
