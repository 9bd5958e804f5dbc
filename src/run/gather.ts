import { readJournal, readOpenEntries } from '../custody/index.ts';
import { describeError, HarnessError } from '../model/errors.ts';
import type { Topology } from '../model/topology.ts';
import { discover, discoverSubject, joinSubject } from '../topology/index.ts';
import { LAB_FILE, type Earlier, type LabRecord } from './earlier.ts';
import { holdCloud, refuseIfStopped } from './hold-cloud.ts';
import { Notebook } from './notebook.ts';
import { closeSession, openSession, type Session } from './session.ts';
import { LOOK_EVERY, StopWatch } from './watch-stop.ts';
import type { Clients, RunRequest, World } from './world.ts';
import { writeHistory } from './write-history.ts';
import { writeOpening } from './write-opening.ts';

/** What is done between finding the system and leaving it: the whole story, or the suites alone. */
export type Story = (session: Session, stop: AbortSignal) => Promise<void>;

/** What one visit to the cloud stands on. */
interface Visit {
  readonly story: Story;
  readonly request: RunRequest;
  readonly world: World;
  readonly notebook: Notebook;
  readonly watch: StopWatch;
  readonly earlier?: Earlier;
}

/**
 * The part of a run that touches the cloud. Everything it finds is in the run folder when it returns, also when it was
 * stopped, refused or broken: then `end.json` says so.
 * @param stop the user's; a stop of all runs ends it likewise.
 * @param earlier what an earlier process of this run had come to, when it is gone on with.
 * @throws only when the run folder itself cannot be written.
 */
export async function gather(
  story: Story,
  request: RunRequest,
  world: World,
  stop: AbortSignal,
  earlier?: Earlier,
): Promise<void> {
  const notebook = new Notebook(world.clock, world.progress, earlier);
  const watch = new StopWatch(world.clock);
  const visit: Visit = {
    story,
    request,
    world,
    notebook,
    watch,
    ...(earlier === undefined ? {} : { earlier }),
  };
  if (earlier === undefined) await writeOpening(request, world);
  announce(request, world);
  try {
    await notebook.attempt(() => labUpAndDown(visit, AbortSignal.any([stop, watch.signal])));
  } finally {
    watch.release();
  }
  await writeHistory(world, request.id);
  await closeFolder(request, world, notebook);
}

function announce({ id, plan, seed }: RunRequest, { progress, folder }: World): void {
  progress.report({ kind: 'run', id, plan: plan.name, seed, folder: folder.path });
}

/** Brings the lab up where it is not, and takes down only what the run brought up: whoever found it up wants to find it up again. */
async function labUpAndDown(visit: Visit, stop: AbortSignal): Promise<void> {
  const { world, notebook, request, watch, earlier } = visit;
  refuseIfStopped(await world.state.stopped());
  await refuseIfOwed(world);
  watch.watch(world.state, LOOK_EVERY.file);
  const { state } = await world.lab.status();
  const broughtUp = world.lab.owned && (state !== 'up' || earlier?.broughtUp === true);
  try {
    if (state !== 'up') await bringUp(visit, stop);
    await visitCloud(visit, stop);
  } finally {
    if (broughtUp) await notebook.attempt(() => takeDown(request, world, notebook));
  }
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

async function visitCloud(visit: Visit, stop: AbortSignal): Promise<void> {
  const { request, world, notebook, earlier, story, watch } = visit;
  const connection = await world.lab.connection();
  const clients = await world.connect(connection);
  const found = await notebook.stage('discovery', () => find(visit, connection, clients, stop));
  const lock = await holdCloud(request.id, world, clients, found, watch);
  try {
    const topology = earlier?.topology ?? found;
    const session = await openSession(request, world, {
      connection,
      clients,
      topology,
      notebook,
      lock,
      ...(earlier === undefined ? {} : { earlier }),
    });
    await notebook.attempt(() => story(session, AbortSignal.any([stop, lock.lost])));
    await closeSession(session);
  } finally {
    await notebook.attempt(() => lock.release());
  }
}

async function bringUp({ world, notebook, earlier }: Visit, stop: AbortSignal): Promise<void> {
  if (earlier !== undefined) {
    throw new HarnessError(
      'SQ_LAB_ABSENT',
      'The lab that the run was on is not up any more, so the run cannot go on; it is judged by what was measured.',
      { exitCode: 4, remedy: 'Run the plan again.' },
    );
  }
  const report = (says: string): void => world.progress.report({ kind: 'event', says });
  const record: LabRecord = { broughtUp: world.lab.owned };
  await world.folder.write(LAB_FILE, record);
  await notebook.stage('lab up', () => world.lab.up(report, stop));
}

/** A lab with a fault that could not be healed is left as it is, for whoever looks into it. */
async function takeDown(request: RunRequest, world: World, notebook: Notebook): Promise<void> {
  if ((await readOpenEntries(world.state, request.id)).length > 0) return;
  await notebook.stage('lab down', () =>
    world.lab.down((says) => world.progress.report({ kind: 'event', says })),
  );
}

/** The topology as it is now. Of a run that is gone on with, the one before its first fault stays the one to compare with. */
async function find(
  { world, earlier, request }: Visit,
  connection: Session['connection'],
  clients: Clients,
  stop: AbortSignal,
): Promise<Topology> {
  const topology = await discover({ lab: world.lab, connection, ...clients, place: world.self.place }, stop);
  if (earlier?.topology !== undefined) {
    const identities = (of: Topology): string => of.systems.map(({ identity }) => identity).join(' ');
    if (identities(topology) === identities(earlier.topology)) return topology;
    throw new HarnessError(
      'SQ_TARGET_CHANGED',
      'The run was on another cloud than the one that is there now.',
      {
        exitCode: 4,
      },
    );
  }
  await world.folder.write('topology-before.json', topology);
  const subject = await discoverSubject(topology, clients, stop);
  await world.folder.write('subject.json', joinSubject(subject, request.subject));
  return topology;
}

/** No run starts while a fault of a dead one is open. What lives is kept apart by the lock. */
async function refuseIfOwed({ state, isRunning }: World): Promise<void> {
  for (const run of await state.runs()) {
    const { open, owner, later } = await readJournal(state, run);
    const [entry] = open;
    if ((entry === undefined && !later) || (owner !== undefined && isRunning(owner))) continue;
    const what = entry?.fault ?? 'What a later Squall may have done';
    throw new HarnessError('SQ_OPEN_FAULT', `${what} in run ${run} is not healed.`);
  }
}
