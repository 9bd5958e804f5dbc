import { nanosecondsOf } from '../model/duration.ts';
import { describeError } from '../model/errors.ts';
import type { HealingEntry, Verification } from '../model/injection.ts';
import type { Clock } from '../ports/clock.ts';
import type { HealingJournal } from '../ports/healing-journal.ts';
import type { JournalFile, StateStore } from '../ports/state-store.ts';
import type { JournalOwner } from './journal-line.ts';
import { openJournal } from './open-journal.ts';
import { mergeJournals, readJournal } from './read-open-entries.ts';

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
  /** Handed the files of a run of a dead harness before they are put away, for a copy in its run folder. */
  readonly copy?: (files: readonly JournalFile[], owner: JournalOwner | undefined) => Promise<void>;
  readonly report?: (says: string) => void;
}

export interface HealedRun {
  readonly run: string;
  readonly entries: readonly { readonly entry: HealingEntry; readonly verification: Verification }[];
  /** True when nothing of this run is open any more. */
  readonly ok: boolean;
  /** Torn tails and damage that was found. */
  readonly troubles: readonly string[];
  /** An intent may be lost with a damaged line or an unreadable file, so marks are to be looked for as well. */
  readonly damaged: boolean;
}

/** How often a second `heal` looks whether the first has finished. */
const WAIT_EVERY = { ms: 200 };

/** A healer that takes longer than its deadline for one fault may hang; healing beside it is safe. */
const TURN_PATIENCE = { ms: 90_000 };

/** The lock under which runs are healed, so that two at a time take turns. */
const lockOf = (run: string): string => `heal ${run}`;

/**
 * Heals what is open in one run or all, newest first, from the journals alone. May be repeated, and two may do it at a time: the
 * second waits for the first and finds nothing left. A run whose faults are all closed is put away; one that cannot be read or
 * healed keeps no other from it, and is not `ok`.
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
  const { host, pid, birth } = self;
  // A holder's name must tell two processes apart that heal the same run.
  const holder = {
    run: `${run}-heal-${pid}-${clock.now().ns}`,
    host,
    pid,
    ...(birth === undefined ? {} : { birth }),
    since: clock.wall(),
  };
  const untilNs = clock.now().ns + nanosecondsOf(TURN_PATIENCE);
  const inTurn = async (): Promise<boolean> => {
    while ((await store.lock(lockOf(run), holder)) !== undefined) {
      if (clock.now().ns >= untilNs) return false;
      await clock.sleep(WAIT_EVERY, signal);
    }
    return true;
  };
  // Taking turns saves work and is no more than that: neither a disk that takes no lock nor a healer that hangs may keep us.
  const mine = await inTurn().catch((error: unknown) => {
    signal.throwIfAborted();
    order.report?.(`Nobody else is kept from healing run ${run} beside us: ${describeError(error)}`);
    return false;
  });
  try {
    return await healRun(run, order, signal);
  } catch (error) {
    signal.throwIfAborted();
    // Other runs are owed their healing all the same.
    const trouble = `Nobody could heal run ${run}: ${describeError(error)}`;
    return { run, entries: [], ok: false, troubles: [trouble], damaged: true };
  } finally {
    if (mine) await store.unlock(lockOf(run), holder.run).catch(() => undefined);
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
  await journal?.close().catch((error: unknown) => {
    says.push(`That nothing follows could not be written: ${describeError(error)}`);
  });
  const files = await store.readJournals(run);
  const after = mergeJournals(files);
  const living = owner !== undefined && !closed && (order.alive?.(owner) ?? false);
  // Lines of a later Squall may hold what only that one can heal, so it must find them.
  const ok = after.open.length === 0 && !after.later;
  if (exists && ok && !living && order.keep !== true) {
    await order.copy?.(files, owner).catch((error: unknown) => {
      says.push(`The journal could not be copied into the run folder: ${describeError(error)}`);
    });
    await store.archive(run).catch((error: unknown) => {
      says.push(`The journal could not be put away: ${describeError(error)}`);
    });
  }
  return { run, entries, ok, troubles: says, damaged: troubles.length > 0 };
}
