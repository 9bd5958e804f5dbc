import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { birthOf } from '../adapters/system/process-birth.ts';
import { RunFolderOnDisk } from '../adapters/system/run-folder-on-disk.ts';
import { findMarks, healEntry } from '../chaos/index.ts';
import {
  createClusterState,
  healMarks,
  healRuns,
  joinStates,
  labelledObjects,
  type HealedMarks,
  type HealedRun,
} from '../custody/index.ts';
import type { JournalOwner } from '../custody/journal-line.ts';
import { describeError } from '../model/errors.ts';
import type { HealingEntry, Verification } from '../model/injection.ts';
import type { Clock } from '../ports/clock.ts';
import type { JournalFile, StateStore } from '../ports/state-store.ts';
import { isRunning } from './is-running.ts';
import { knownRuns, type KnownRun, type LabInReach, type LabsInReach } from './labs-of-runs.ts';

export interface HealOrder {
  readonly store: StateStore;
  readonly clock: Clock;
  readonly labs: LabsInReach;
  /** Default all. */
  readonly run?: string;
  readonly report: (says: string) => void;
}

export interface HealedEverything {
  readonly runs: readonly HealedRun[];
  readonly marks: readonly (HealedMarks & { readonly lab: string })[];
  readonly ok: boolean;
}

/**
 * Heals from the journals, then whatever still carries our marks on the labs concerned: those of the runs and the one in the settings.
 * A run or a lab that nobody gets at keeps no other from being healed. A damaged journal stays in its place until the marks of its
 * lab were looked for, and all is well only then.
 * @throws what kept the lab in the settings from being opened, after the runs were healed.
 */
export async function healEverything(order: HealOrder): Promise<HealedEverything> {
  const { store, labs, run } = order;
  const known = (await knownRuns(store)).filter((one) => run === undefined || one.run === run);
  const runs: HealedRun[] = [];
  for (const one of known) runs.push(await healOne(one, order, one.reading.troubles.length > 0));
  await labs.of(undefined);
  const marks: (HealedMarks & { readonly lab: string })[] = [];
  for (const lab of await labs.all()) {
    const found = await marksOn(lab, order);
    if (found !== undefined) marks.push({ lab: lab.lab.name, ...found });
  }
  const damaged = runs.filter((healed) => healed.damaged);
  const blind = marks.some(({ troubles }) => troubles.length > 0);
  for (const one of blind ? [] : known)
    if (damaged.some(({ run: id, ok }) => ok && id === one.run)) await healOne(one, order, false);
  const ok = runs.every((healed) => healed.ok) && marks.every(({ left }) => left.length === 0);
  return { runs, marks, ok: ok && !(blind && damaged.length > 0) };
}

/** @param keep leaves its journal in its place. */
async function healOne(known: KnownRun, order: HealOrder, keep: boolean): Promise<HealedRun> {
  const { run } = known;
  const healed = await healOnItsLab(known, order, keep).catch((error: unknown) => {
    const trouble = `Nobody could heal it: ${describeError(error)}`;
    return [{ run, entries: [], ok: false, troubles: [trouble], damaged: false }];
  });
  return healed[0] ?? { run, entries: [], ok: true, troubles: [], damaged: false };
}

async function healOnItsLab(
  { run, reading }: KnownRun,
  { store, clock, labs, report }: HealOrder,
  keep: boolean,
): Promise<readonly HealedRun[]> {
  const reach = await labs.of(reading.owner);
  const { lab } = reach;
  const gone = lab.owned && (await lab.status()).state === 'down';
  const heal = async (entry: HealingEntry, signal: AbortSignal): Promise<Verification> => {
    if (gone)
      return {
        ok: true,
        says: `The lab ${lab.name} is down, and the fault with it.`,
        at: clock.now(),
        differences: [],
      };
    return healEntry(entry, { lab, ...(await reach.clients()), clock, run }, signal);
  };
  const self = { host: hostname(), pid: process.pid, birth: birthOf(process.pid), lab: lab.name };
  const { birth, ...nameless } = self;
  return healRuns(
    {
      store,
      clock,
      runs: [run],
      self: birth === undefined ? nameless : { ...nameless, birth },
      heal,
      alive: isRunning,
      keep,
      copy: copyJournals,
      report,
    },
    new AbortController().signal,
  );
}

/** A run folder that was deleted is not brought back. */
async function copyJournals(files: readonly JournalFile[], owner: JournalOwner | undefined): Promise<void> {
  if (owner?.folder === undefined || !existsSync(owner.folder)) return;
  const folder = new RunFolderOnDisk(owner.folder);
  for (const { writer, lines, tail } of files)
    await folder.write(`journal/${writer}.ndjson`, [...lines, tail ?? ''].join('\n'));
}

async function marksOn({ lab, clients }: LabInReach, order: HealOrder): Promise<HealedMarks | undefined> {
  const { store, clock, run: wanted, report } = order;
  const status = await lab.status().catch((error: unknown) => describeError(error));
  if (typeof status === 'string') {
    const trouble = `Nobody could look for marks of ours: ${status}`;
    return { healed: [], left: [], spared: [], troubles: [trouble] };
  }
  // A lab that is down has nothing that could be looked at.
  if (status.state === 'down') return undefined;
  const { kubernetes } = await clients();
  const isGone = (holder: Parameters<typeof isRunning>[0]): boolean => !isRunning(holder);
  const cluster = kubernetes && createClusterState({ kubernetes, clock, isGone });
  const shared = joinStates(store, cluster);
  const holders = new Set((await shared.holders()).map(({ run }) => run));
  const blind = shared.troubles();
  const here = await knownRuns(store);
  const living = new Set(
    here.flatMap(({ run, reading: { owner, closed } }) =>
      owner !== undefined && !closed && isRunning(owner) ? [run] : [],
    ),
  );
  return healMarks(
    {
      clock,
      ...(wanted === undefined ? {} : { run: wanted }),
      // Where nobody can tell who holds the cloud, a run that is not known here may be another machine's that lives.
      lives: (run) =>
        holders.has(run) || living.has(run) || (blind.length > 0 && !lab.owned && run !== wanted),
      nameless: lab.owned && living.size === 0,
      report,
      async find(signal) {
        const faults = await findMarks({ lab, ...(kubernetes && { kubernetes }), clock, run: '' }, signal);
        const objects = kubernetes && (await labelledObjects(kubernetes, signal));
        return {
          marks: [...faults.marks, ...(objects?.marks ?? [])],
          troubles: [...blind, ...faults.troubles, ...(objects?.troubles ?? [])],
        };
      },
    },
    new AbortController().signal,
  );
}
