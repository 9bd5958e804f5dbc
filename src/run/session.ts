import { makeSchedule, proveSchedule } from '../chaos/index.ts';
import {
  createLedger,
  openJournal,
  reopenLedger,
  sweep,
  takeAway,
  type HeldLock,
  type RunLedger,
} from '../custody/index.ts';
import { checkGrounds, clearGrounds, makersOfGrounds, refuseProbes } from '../measure/index.ts';
import { describeError, HarnessError } from '../model/errors.ts';
import type { Schedule } from '../model/schedule.ts';
import type { Topology } from '../model/topology.ts';
import type { HealingJournal } from '../ports/healing-journal.ts';
import { discover } from '../topology/index.ts';
import { stepsLeft, type Earlier } from './earlier.ts';
import type { Notebook } from './notebook.ts';
import { refuseSuites } from './refuse-suites.ts';
import type { Clients, RunRequest, World } from './world.ts';

/** What the later parts of a run are handed. */
export interface Session {
  readonly request: RunRequest;
  readonly world: World;
  readonly clients: Clients;
  readonly connection: Awaited<ReturnType<World['lab']['connection']>>;
  readonly topology: Topology;
  readonly schedule: Schedule;
  readonly ledger: RunLedger;
  readonly journal: HealingJournal;
  readonly notebook: Notebook;
  /** What an earlier process of this run had come to, when it is gone on with. */
  readonly earlier?: Earlier;
}

/** What a session is opened on. */
export interface Found extends Pick<Session, 'connection' | 'clients' | 'topology' | 'notebook' | 'earlier'> {
  readonly lock: HeldLock;
}

export async function openSession(request: RunRequest, world: World, found: Found): Promise<Session> {
  const { lock, earlier, ...rest } = found;
  // Where nothing had begun, what is there may be a schedule that was refused, or none; the same is drawn once more.
  const before = earlier?.chaos === undefined ? undefined : earlier.schedule;
  const schedule = before ?? (await proveRequest(request, world, found));
  const { connection } = found;
  return {
    request,
    world,
    ...rest,
    ...(earlier && { earlier: { ...earlier, schedule, left: stepsLeft(schedule, earlier.chaos) } }),
    schedule,
    ledger: earlier === undefined ? createLedger(world.folder) : await reopenLedger(world.folder),
    journal: await openJournal(world.state, {
      run: request.id,
      clock: world.clock,
      self: { ...world.self, lab: world.lab.name, connection, folder: world.folder.path },
      mayIntend: () => lock.check(),
    }),
  };
}

/**
 * @throws SQ_RADIUS_REFUSED when the plan may hurt more than is proved safe on the topology as it was found. @throws SQ_SUITE for a suite
 * that there is not.
 */
async function proveRequest(
  request: RunRequest,
  world: World,
  { topology, clients }: Pick<Found, 'topology' | 'clients'>,
): Promise<Schedule> {
  refuseSuites(request.plan, world.suites);
  refuseProbes(request.plan.probes, topology);
  const patience = AbortSignal.timeout(CHECK_PATIENCE.ms);
  await checkGrounds(request.plan.probes, { ...clients, topology }, patience);
  const schedule = makeSchedule(request.plan, topology, request.seed);
  await world.folder.write('schedule.json', schedule);
  const proof = proveSchedule(schedule, topology, request.plan.limits);
  await world.folder.write('proof.json', proof);
  if (proof.ok) return schedule;
  throw new HarnessError(
    'SQ_RADIUS_REFUSED',
    proof.reasoning
      .filter((line) => line.refused)
      .map((line) => line.says)
      .join('\n'),
  );
}

/** What is owed whatever happened: journal closed and copied, our objects swept, the topology seen once more. */
export async function closeSession(session: Session): Promise<void> {
  const { world, notebook, journal, ledger, clients, request } = session;
  const { folder } = world;
  await notebook.attempt(() => journal.close());
  await notebook.attempt(async () => {
    const open = journal.open().map((entry) => entry.id);
    const files = await world.state.readJournals(request.id);
    // Put away first: a full disk under the run folder must not make a healed run look owed.
    if (open.length === 0) await world.state.archive(request.id);
    await folder.write('open-faults.json', open);
    for (const { writer, lines, tail } of files) {
      const text = [...lines.map((line) => `${line}\n`), tail ?? ''].join('');
      await folder.write(`journal/${writer}.ndjson`, text);
    }
  });
  // A stopped run still owes its sweep, so none of this listens to the stop signal.
  await notebook.attempt(() =>
    clearGrounds(
      request.plan.probes,
      { ...clients, run: request.id, ledger },
      AbortSignal.timeout(CLEAR_PATIENCE.ms),
    ),
  );
  await notebook.attempt(() =>
    takeAway(
      ledger,
      makersOfGrounds(request.plan.probes),
      clients,
      world.clock,
      AbortSignal.timeout(TAKE_AWAY_PATIENCE.ms),
    ),
  );
  await notebook.attempt(async () =>
    folder.write('leftovers.json', await sweep(ledger, clients, world.clock)),
  );
  await notebook.attempt(async () => folder.write('topology-after.json', await lookAfter(session)));
  // It leaves by itself when it sees the run closed; nothing of ours outlives us but what a fault still needs.
  await notebook.attempt(async () => void (await world.reaper.left(REAPER_PATIENCE)));
}

const CHECK_PATIENCE = { ms: 60_000 };
const CLEAR_PATIENCE = { ms: 15_000 };
/** Servers go first, and what they are plugged into cannot go before. */
const TAKE_AWAY_PATIENCE = { ms: 60_000 };
const REAPER_PATIENCE = { ms: 3000 };
const LOOK_PATIENCE = { ms: 30_000 };
const LOOK_AGAIN_AFTER = { ms: 1000 };

/**
 * The topology once more. A cloud that was just healed may still drop a request, so one that fails is made again while there is
 * patience.
 * @throws HarnessError with exit code 4: what was hurt and measured stands, and only this look is missing.
 */
async function lookAfter({ world, connection, clients }: Session): Promise<Topology> {
  const { lab, clock, self } = world;
  const over = AbortSignal.timeout(LOOK_PATIENCE.ms);
  for (;;) {
    try {
      return await discover({ lab, connection, ...clients, place: self.place }, over);
    } catch (error) {
      await clock.sleep(LOOK_AGAIN_AFTER, over).catch(() => undefined);
      if (!over.aborted) continue;
      const says = `What there is after the run could not be seen: ${describeError(error)}`;
      throw new HarnessError('SQ_UNREACHABLE', says, { exitCode: 4, cause: error });
    }
  }
}
