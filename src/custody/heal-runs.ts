import { describeError } from '../model/errors.ts';
import type { HealingEntry, Verification } from '../model/injection.ts';
import type { Clock } from '../ports/clock.ts';
import type { HealingJournal } from '../ports/healing-journal.ts';
import type { StateStore } from '../ports/state-store.ts';
import type { JournalOwner } from './journal-line.ts';
import { openJournal } from './open-journal.ts';
import { readJournal } from './read-open-entries.ts';

export interface HealRunsOrder {
  readonly store: StateStore;
  readonly clock: Clock;
  /** Heals one entry and looks; repeatable. It has its own deadline. */
  readonly heal: (entry: HealingEntry, signal: AbortSignal) => Promise<Verification>;
  /** Default all that have a journal. */
  readonly runs?: readonly string[];
  /** This process. */
  readonly self: JournalOwner;
  /** Whether the process that injected still lives; then its journal is left in its place. Default: it is gone. */
  readonly alive?: (owner: JournalOwner) => boolean;
  /** Leaves the journal in its place also when all in it is closed, for a run that is gone on with. */
  readonly keep?: boolean;
  readonly report?: (says: string) => void;
}

export interface HealedRun {
  readonly run: string;
  readonly entries: readonly { readonly entry: HealingEntry; readonly verification: Verification }[];
  /** True when nothing of this run is open any more. */
  readonly ok: boolean;
  /** Torn tails and damage that was found. */
  readonly troubles: readonly string[];
}

/** How often a second `heal` looks whether the first has finished. */
const WAIT_EVERY = { ms: 200 };

/** The lock under which runs are healed, so that two at a time take turns. */
const lockOf = (run: string): string => `heal ${run}`;

/**
 * Heals what is open in one run or all, newest first, from the journals alone. May be repeated, and two may do it at a time: the
 * second waits for the first and finds nothing left. A run whose faults are all closed is put away.
 * @throws the signal's reason
 */
export async function healRuns(order: HealRunsOrder, signal: AbortSignal): Promise<readonly HealedRun[]> {
  const runs = order.runs ?? (await order.store.runs());
  const healed: HealedRun[] = [];
  for (const run of runs) healed.push(await takingTurns(run, order, signal));
  return healed;
}

async function takingTurns(run: string, order: HealRunsOrder, signal: AbortSignal): Promise<HealedRun> {
  const { store, clock, self } = order;
  // A holder's name must tell two processes apart that heal the same run.
  const holder = {
    run: `${run}-heal-${self.pid}-${clock.now().ns}`,
    host: self.host,
    pid: self.pid,
    since: clock.wall(),
  };
  while ((await store.lock(lockOf(run), holder)) !== undefined) await clock.sleep(WAIT_EVERY, signal);
  try {
    return await healRun(run, order, signal);
  } finally {
    await store.unlock(lockOf(run), holder.run);
  }
}

async function healRun(run: string, order: HealRunsOrder, signal: AbortSignal): Promise<HealedRun> {
  const { store, clock, self, report } = order;
  const { exists, open, closed, owner, torn, troubles } = await readJournal(store, run);
  const entries: { entry: HealingEntry; verification: Verification }[] = [];
  const says = [
    ...torn.map((writer) => `${writer}: the last line is torn; nothing was done on its word.`),
    ...troubles,
  ];
  let journal: HealingJournal | undefined;
  for (const entry of [...open].reverse()) {
    signal.throwIfAborted();
    report?.(`Healing ${entry.fault} of step ${entry.step}, run ${run}.`);
    const verification = await order.heal(entry, signal);
    entries.push({ entry, verification });
    report?.(verification.says);
    try {
      // A harness that still lives may have put its journal away meanwhile; then all is closed, and it is not begun anew.
      if (journal === undefined && !(await readJournal(store, run)).exists) continue;
      // Opened only now: a full disk must not keep anybody from healing.
      journal ??= await openJournal(store, { run, clock, self, writer: 'heal' });
      await journal.healed(entry.id, verification);
    } catch (error) {
      says.push(`That ${entry.id} was healed could not be written: ${describeError(error)}`);
    }
  }
  await journal?.close();
  const left = exists ? (await readJournal(store, run)).open : [];
  const living = owner !== undefined && !closed && (order.alive?.(owner) ?? false);
  if (exists && left.length === 0 && !living && order.keep !== true) await store.archive(run);
  return { run, entries, ok: left.length === 0, troubles: says };
}
