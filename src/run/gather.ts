import { makeSchedule, proveSchedule } from '../chaos/index.ts';
import {
  createLedger,
  openJournal,
  readJournal,
  readOpenEntries,
  sweep,
  takeLock,
  type RunLedger,
} from '../custody/index.ts';
import { describeError, HarnessError } from '../model/errors.ts';
import type { Schedule } from '../model/schedule.ts';
import type { Topology } from '../model/topology.ts';
import type { HealingJournal } from '../ports/healing-journal.ts';

import { discover, discoverSubject } from '../topology/index.ts';
import { Notebook } from './notebook.ts';
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
}

/** What is done between finding the system and leaving it: the whole story, or the suites alone. */
export type Story = (session: Session, stop: AbortSignal) => Promise<void>;

/**
 * The part of a run that touches the cloud. Everything it finds is in the run folder when it returns, also when it was
 * stopped, refused or broken: then `end.json` says so.
 * @throws only when the run folder itself cannot be written.
 */
export async function gather(
  story: Story,
  request: RunRequest,
  world: World,
  stop: AbortSignal,
): Promise<void> {
  const notebook = new Notebook(world.clock, world.progress);
  await writeOpening(request, world);
  await notebook.attempt(async () => {
    await refuseIfOwed(world);
    const { state } = await world.lab.status();
    // Whoever found the lab up wants to find it up again.
    const ours = world.lab.owned && state !== 'up';
    try {
      if (state !== 'up') await bringUp(world, notebook, stop);
      await visit(story, request, world, notebook, stop);
    } finally {
      if (ours) await notebook.attempt(() => takeDown(request, world, notebook));
    }
  });
  await closeFolder(request, world, notebook);
}

/** A run folder that cannot be written hides neither a fault that is still open nor the error that came first. */
async function closeFolder(request: RunRequest, world: World, notebook: Notebook): Promise<void> {
  try {
    await world.folder.write('end.json', notebook.end());
    await world.folder.flush();
  } catch (error) {
    const open = await readOpenEntries(world.state, request.id);
    if (open.length === 0) throw error;
    const names = open.map(({ fault, step }) => `${fault} of step ${step}`).join(', ');
    throw new HarnessError('SQ_HEAL_FAILED', `Not healed: ${names}. Besides, ${describeError(error)}`, {
      cause: error,
    });
  }
}

async function visit(
  story: Story,
  request: RunRequest,
  world: World,
  notebook: Notebook,
  stop: AbortSignal,
): Promise<void> {
  const connection = await world.lab.connection();
  const clients = await world.connect(connection);
  const topology = await notebook.stage('discovery', () => find(world, connection, clients, stop));
  const unlock = await takeLock(world.state, topology, {
    run: request.id,
    self: world.self,
    clock: world.clock,
  });
  try {
    const session = await openSession(request, world, { connection, clients, topology, notebook });
    await notebook.attempt(() => story(session, stop));
    await closeSession(session);
  } finally {
    await notebook.attempt(unlock);
  }
}

async function bringUp(world: World, notebook: Notebook, stop: AbortSignal): Promise<void> {
  const report = (says: string): void => world.progress.report({ kind: 'event', says });
  await notebook.stage('lab up', () => world.lab.up(report, stop));
}

/** A lab with a fault that could not be healed is left as it is, for whoever looks into it. */
async function takeDown(request: RunRequest, world: World, notebook: Notebook): Promise<void> {
  if ((await readOpenEntries(world.state, request.id)).length > 0) return;
  await notebook.stage('lab down', () =>
    world.lab.down((says) => world.progress.report({ kind: 'event', says })),
  );
}

async function find(
  world: World,
  connection: Session['connection'],
  clients: Clients,
  stop: AbortSignal,
): Promise<Topology> {
  const topology = await discover({ lab: world.lab, connection, ...clients, place: world.self.place }, stop);
  await world.folder.write('topology-before.json', topology);
  await world.folder.write('subject.json', await discoverSubject(topology, clients, stop));
  return topology;
}

async function openSession(
  request: RunRequest,
  world: World,
  found: Pick<Session, 'connection' | 'clients' | 'topology' | 'notebook'>,
): Promise<Session> {
  const schedule = makeSchedule(request.plan, found.topology, request.seed);
  await world.folder.write('schedule.json', schedule);
  const proof = proveSchedule(schedule, found.topology, request.plan.limits);
  await world.folder.write('proof.json', proof);
  if (!proof.ok)
    throw new HarnessError(
      'SQ_RADIUS_REFUSED',
      proof.reasoning
        .filter((line) => line.refused)
        .map((line) => line.says)
        .join('\n'),
    );
  return {
    request,
    world,
    ...found,
    schedule,
    ledger: createLedger(world.folder),
    journal: await openJournal(world.state, {
      run: request.id,
      clock: world.clock,
      self: { ...world.self, lab: world.lab.name },
    }),
  };
}

/** No run starts while a fault of a dead one is open, or while everything is stopped. What lives is kept apart by the lock. */
async function refuseIfOwed({ state, isRunning }: World): Promise<void> {
  const stopped = await state.stopped();
  if (stopped !== undefined) {
    throw new HarnessError('SQ_LOCKED', `${stopped.by} stopped all runs: ${stopped.why}.`);
  }
  for (const run of await state.runs()) {
    const { open, owner } = await readJournal(state, run);
    const [entry] = open;
    if (entry === undefined || (owner !== undefined && isRunning(owner))) continue;
    throw new HarnessError('SQ_OPEN_FAULT', `${entry.fault} of run ${run} is not healed.`);
  }
}

/** What is owed whatever happened: journal closed and copied, our objects swept, the topology seen once more. */
async function closeSession(session: Session): Promise<void> {
  const { world, notebook, journal, ledger, clients, request } = session;
  const { folder } = world;
  await notebook.attempt(() => journal.close());
  await notebook.attempt(async () => {
    const open = journal.open().map((entry) => entry.id);
    await folder.write('open-faults.json', open);
    for (const { writer, lines } of await world.state.readJournals(request.id)) {
      await folder.write(`journal/${writer}.ndjson`, lines.map((line) => `${line}\n`).join(''));
    }
    if (open.length === 0) await world.state.archive(request.id);
  });
  // A stopped run still owes its sweep, so none of this listens to the stop signal.
  await notebook.attempt(async () =>
    folder.write('leftovers.json', await sweep(ledger, clients, world.clock)),
  );
  await notebook.attempt(async () => {
    const topology = await discover(
      { lab: world.lab, connection: session.connection, ...clients, place: world.self.place },
      AbortSignal.timeout(30_000),
    );
    await folder.write('topology-after.json', topology);
  });
}

async function writeOpening(request: RunRequest, world: World): Promise<void> {
  const { clock, folder, self } = world;
  const before = clock.now();
  const startedWall = clock.wall();
  const started = clock.now();
  await folder.write('run.json', {
    schemaVersion: 1,
    id: request.id,
    squall: { version: self.version, ...(self.commit === undefined ? {} : { commit: self.commit }) },
    node: self.node,
    host: self.host,
    commandLine: self.commandLine,
    lab: world.lab.name,
    seed: request.seed,
    started,
    startedWall,
    wallError: { ms: (started.ns - before.ns) / 1e6 },
  });
  await folder.write('plan.yaml', request.planText);
  await folder.write('plan.json', request.plan);
  world.progress.report({
    kind: 'run',
    id: request.id,
    plan: request.plan.name,
    seed: request.seed,
    folder: folder.path,
  });
}
