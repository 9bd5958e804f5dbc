import { healEntry } from '../chaos/index.ts';
import { healRuns, readJournal } from '../custody/index.ts';
import { HarnessError } from '../model/errors.ts';
import type { HealingEntry, Verification } from '../model/injection.ts';
import type { RunFolder } from '../ports/run-folder.ts';
import { conclude } from './conclude.ts';
import { NOTES_FILE, readEarlier } from './earlier.ts';
import { gather, type Story } from './gather.ts';
import type { Outcome } from './outcome.ts';
import { readEvidence } from './read-evidence.ts';
import type { RunRequest, World } from './world.ts';

/**
 * Goes on with a run whose harness died or was stopped: heals what is open, keeps what was measured, leaves the time between
 * unseen, does the steps that are left, and gives the verdict that the evidence allows. Where the run cannot go on, because its
 * lab is gone or is another, it is judged by what there is.
 * @throws SQ_LOCKED while its harness lives, or another process goes on with it; SQ_USAGE when nothing is left to do.
 */
export async function resume(
  story: Story,
  request: RunRequest,
  world: World,
  stop: AbortSignal,
): Promise<Outcome> {
  const { state, self, clock } = world;
  const { host, pid, birth } = self;
  const holder = {
    run: `${request.id}-resume-${pid}`,
    host,
    pid,
    ...(birth === undefined ? {} : { birth }),
    since: clock.wall(),
  };
  const identity = `resume ${request.id}`;
  const other = await state.lock(identity, holder);
  if (other !== undefined) throw goingOn(request.id, other);
  try {
    return await resumeAlone(story, request, world, stop);
  } finally {
    await state.unlock(identity, holder.run).catch(() => undefined);
  }
}

async function resumeAlone(
  story: Story,
  request: RunRequest,
  world: World,
  stop: AbortSignal,
): Promise<Outcome> {
  const { folder, state, lab } = world;
  await refuseUnlessCutShort(request, world);
  await state.reopen(request.id);
  await endTornLines(folder);
  const gone = lab.owned && (await lab.status()).state === 'down';
  await healRuns(
    {
      store: state,
      clock: world.clock,
      runs: [request.id],
      self: world.self,
      keep: true,
      heal: (entry, signal) => (gone ? Promise.resolve(goneWithLab(world)) : healNow(entry, world, signal)),
      report: (says) => world.progress.report({ kind: 'note', level: 'info', says }),
    },
    new AbortController().signal,
  );
  const earlier = await readEarlier(folder, state, request.id);
  folder.append(NOTES_FILE, { kind: 'resumed', at: world.clock.now() });
  await gather(story, request, world, stop, earlier);
  if (earlier.chaos !== undefined && (await folder.readJson('chaos.json')) === undefined) {
    const says = 'The run could not go on after its harness had died.';
    await folder.write('chaos.json', { ...earlier.chaos, stopped: { by: 'refusal', says } });
  }
  return conclude(await readEvidence(folder), folder);
}

async function refuseUnlessCutShort({ id }: RunRequest, { folder, state, isRunning }: World): Promise<void> {
  const { owner, closed } = await readJournal(state, id);
  if (owner !== undefined && !closed && isRunning(owner)) throw goingOn(id, owner);
  const end = await folder.readJson<{ readonly reason: string }>('end.json');
  if (end?.reason !== 'complete') return;
  throw new HarnessError('SQ_USAGE', `Run ${id} came to its end, so nothing is left to go on with.`, {
    remedy: 'Judge it again with `squall judge`, or run its plan again.',
  });
}

const goingOn = (run: string, { pid, host }: { readonly pid: number; readonly host: string }): HarnessError =>
  new HarnessError('SQ_LOCKED', `Run ${run} is still going on, in process ${pid} on ${host}.`, {
    remedy: 'Stop it first, or wait for its end.',
  });

async function healNow(entry: HealingEntry, world: World, signal: AbortSignal): Promise<Verification> {
  const { lab, clock } = world;
  const clients = await lab
    .connection()
    .then((connection) => world.connect(connection))
    .catch(() => ({}));
  return healEntry(entry, { lab, ...clients, clock, run: entry.run }, signal, world.faults);
}

const goneWithLab = ({ clock, lab }: World): Verification => ({
  ok: true,
  says: `The lab ${lab.name} is down, and the fault with it.`,
  at: clock.now(),
  differences: [],
});

/** What stands after the last newline was being written when the harness died; a line after it would be lost with it. */
async function endTornLines(folder: RunFolder): Promise<void> {
  for (const name of await folder.list('')) {
    if (!name.endsWith('.ndjson') || name.startsWith('journal/')) continue;
    const text = (await folder.readText(name)) ?? '';
    if (text !== '' && !text.endsWith('\n'))
      await folder.write(name, text.slice(0, text.lastIndexOf('\n') + 1));
  }
}
