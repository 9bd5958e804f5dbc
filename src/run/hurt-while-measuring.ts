import { expectedDuration, runMethod, silentSince, startedAgain, type StartedAgain } from '../chaos/index.ts';
import { readOpenEntries } from '../custody/index.ts';
import { LiveBoard, readWritesBack, startWatchers } from '../measure/index.ts';
import { milliseconds, minutes } from '../model/duration.ts';
import type { ChaosRecord, HealingEntry } from '../model/injection.ts';
import type { Prober } from '../ports/prober.ts';
import { discover, isFullyRedundant } from '../topology/index.ts';
import { NOTES_FILE } from './earlier.ts';
import type { Session } from './session.ts';
import { runSuites } from './prove-steady.ts';
import { accessOf, startProber } from './start-prober.ts';
import { waitForRecovered, type RecoveredLook } from './wait-for-recovered.ts';

/** Well before the first token that a cloud hands out runs out: Keystone's default is an hour, and few set less than ten minutes. */
const REFRESH_EVERY = minutes(5);

/** After the method, so that the last outage is seen to its end. */
const TAIL = milliseconds(1000);

const READ_BACK_MS = 40_000;

/** Injects the method's faults while probes, watchers and suites go on beside them; returns when all of them have ended. */
export async function hurtWhileMeasuring(session: Session, stop: AbortSignal): Promise<void> {
  const { world, request, notebook } = session;
  const board = new LiveBoard(world.clock, (probe, state) =>
    world.progress.report({ kind: 'probe', probe, state }),
  );
  const { schedule, earlier } = session;
  const { ms } = expectedDuration(earlier === undefined ? schedule : { steps: earlier.left });
  world.progress.report({ kind: 'expect', stage: 'chaos', tookMs: request.plan.baseline.ms + ms + TAIL.ms });
  // Each process of a run has a folder of its own; the samples of a probe are put together when they are read.
  const prober = await startProber(session, request.plan.probes, `samples/host${turnOf(session)}`, stop);
  prober.onLive((states) => board.update(states));
  const done = new AbortController();
  // What goes on beside the faults is noted as soon as it fails: a rejection that nobody hears would end this process amid a fault.
  const watching = notebook.attempt(() => startWatching(session, done.signal));
  const refreshing = notebook.attempt(() => keepAccessFresh(session, prober, done.signal));
  try {
    await world.clock.sleep(request.plan.baseline, stop);
    const during = notebook.attempt(() => suitesBeside(session, stop, done.signal));
    try {
      const chaos = await inject(session, board, prober, stop);
      await world.folder.write('chaos.json', chaos);
      await world.clock.sleep(TAIL, stop);
    } finally {
      done.abort();
      await during;
    }
  } finally {
    done.abort();
    await notebook.attempt(() => prober.stop());
    await notebook.attempt(() => keepWhatWasWritten(session));
    await watching;
    await refreshing;
  }
  stop.throwIfAborted();
}

/** What is still there of the writes that were acknowledged: to be known before anything is swept, also of a run that was stopped. */
async function keepWhatWasWritten({ world, request, clients }: Session): Promise<void> {
  const tools = { ...clients, clock: world.clock, run: request.id };
  const writes = await readWritesBack(request.plan.probes, tools, AbortSignal.timeout(READ_BACK_MS));
  if (writes.length > 0) await world.folder.write('writes.json', writes);
}

/** Hands the prober new tokens in time. One that cannot be had now is tried again at the next turn. */
async function keepAccessFresh(session: Session, prober: Prober, done: AbortSignal): Promise<void> {
  const { world, request } = session;
  while (await slept(world.clock, done)) {
    const fresh = await Promise.allSettled(
      request.plan.probes.map(async ({ name, endpoint }) => ({
        probe: name,
        access: await accessOf(endpoint, session),
      })),
    );
    prober.refresh(fresh.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])));
  }
}

/** False when it was over before the time was. */
const slept = (clock: Session['world']['clock'], done: AbortSignal): Promise<boolean> =>
  clock.sleep(REFRESH_EVERY, done).then(
    () => true,
    () => false,
  );

function startWatching({ request, clients, world }: Session, signal: AbortSignal): Promise<void> {
  return startWatchers(
    request.plan.watchers,
    { ...clients, clock: world.clock },
    (event) => world.folder.append('events.ndjson', event),
    signal,
  );
}

async function suitesBeside(session: Session, stop: AbortSignal, done: AbortSignal): Promise<void> {
  const selection = session.request.plan.conformance.during;
  if (selection !== undefined)
    await runSuites(
      { stage: 'during', label: `during${turnOf(session)}`, selection, repeatUntil: done },
      session,
      stop,
    );
}

/** Tells files of a run that is gone on with from those of the process before. */
const turnOf = ({ earlier }: Session): string =>
  earlier === undefined ? '' : `-${earlier.resumed.length + 2}`;

async function inject(
  session: Session,
  board: LiveBoard,
  { lost }: Prober,
  stop: AbortSignal,
): Promise<ChaosRecord> {
  const { world, request, schedule, journal, clients, earlier } = session;
  const reaper = await world.reaper.launch({
    run: request.id,
    lab: world.lab.name,
    connection: session.connection,
  });
  const rediscover = (signal: AbortSignal): ReturnType<typeof discover> =>
    discover({ lab: world.lab, connection: session.connection, ...clients, place: world.self.place }, signal);
  const restarted: StartedAgain[] = (earlier?.chaos?.injections ?? []).flatMap(startedAgain);
  const stateOpen = await openOfOthers(session);
  let suiteSteps = earlier?.stages.filter((name) => name.startsWith('conformance/step-')).length ?? 0;
  const record = await runMethod(
    earlier === undefined ? schedule : { ...schedule, steps: earlier.left },
    {
      plan: request.plan,
      run: request.id,
      tools: { lab: world.lab, ...clients, clock: world.clock, run: request.id },
      journal,
      stateOpen,
      reaper,
      progress: world.progress,
      guard: board.guardSignal(request.plan.guards),
      // Without guards, what nobody saw is for the verdict to say.
      ...(request.plan.guards.length === 0 || lost === undefined ? {} : { blind: lost }),
      rediscover,
      recovered: (ceiling, signal) => waitForRecovered(lookOf(session, board, restarted), ceiling, signal),
      runSuites: async (selection, signal) => {
        suiteSteps += 1;
        await runSuites({ stage: 'step', label: `step-${suiteSteps}`, selection }, session, signal);
      },
      noted: (note) => {
        if (note.kind === 'injection') restarted.push(...startedAgain(note.injection));
        // Whoever goes on with the run counts from the first beginning.
        if (note.kind !== 'started' || earlier?.chaos === undefined) world.folder.append(NOTES_FILE, note);
      },
      ...(world.faults === undefined ? {} : { faults: world.faults }),
    },
    stop,
  );
  if (earlier?.chaos === undefined) return record;
  const { started, injections, steps } = earlier.chaos;
  return {
    ...record,
    started,
    injections: [...injections, ...record.injections],
    steps: [...steps, ...record.steps],
  };
}

/** Faults that runs beside this one hold from the same machine; the radius counts those whose nodes are here. */
async function openOfOthers({ world, request }: Session): Promise<readonly HealingEntry[]> {
  const others = (await world.state.runs()).filter((run) => run !== request.id);
  return (await Promise.all(others.map((run) => readOpenEntries(world.state, run)))).flat();
}

/** Looks at the probes and at the topology as it is now. */
const lookOf = (session: Session, board: LiveBoard, restarted: readonly StartedAgain[]): RecoveredLook => ({
  clock: session.world.clock,
  allUp: (sinceNs) => session.request.plan.probes.length === 0 || board.allUp(sinceNs),
  lacks: async (signal) => {
    const { world, connection, clients, topology } = session;
    const now = await discover({ lab: world.lab, connection, ...clients }, signal);
    return [...silentSince(restarted, now), ...isFullyRedundant(now, topology).lacks];
  },
  emit: (event) => session.world.folder.append('events.ndjson', event),
  report: (says) => session.world.progress.report({ kind: 'event', says }),
});
