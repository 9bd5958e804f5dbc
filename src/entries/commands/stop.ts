import { hostname, userInfo } from 'node:os';
import { createStateFolder } from '../../adapters/system/state-folder.ts';
import { createSystemClock } from '../../adapters/system/system-clock.ts';
import { describeError, HarnessError } from '../../model/errors.ts';
import { EXIT } from '../../model/exit-code.ts';
import type { Clock } from '../../ports/clock.ts';
import type { StateStore, StopOrder } from '../../ports/state-store.ts';
import { clustersInReach } from '../clusters-in-reach.ts';
import { healEverything } from '../heal-everything.ts';
import { isRunning } from '../is-running.ts';
import { knownRuns, LabsInReach } from '../labs-of-runs.ts';
import { stateFolder } from '../places.ts';
import { resolveSettings } from '../settings.ts';
import type { SharedArguments } from '../shared-arguments.ts';
import { tellHealed } from '../tell-healed.ts';

export interface StopArguments extends SharedArguments {
  readonly why?: string;
}

/** A run that is going on heals itself, with all that it knows; one that does not within this time is healed from here. */
const RUNS_HEAL_WITHIN = { ms: 20_000 };
/** One that has nothing open may have begun a fault just before it noticed, which it does within this time. */
const RUNS_NOTICE_WITHIN = { ms: 1000 };
const LOOK_EVERY = { ms: 100 };

/**
 * Stops all runs and heals everything, here and, where a cluster is in reach, on all machines that reach it. Neither needs the
 * API: the file of this machine stands first, and faults are healed where they are.
 * @throws SQ_JOURNAL when the file could not be written, after everything was healed.
 */
export async function stopCommand(argv: StopArguments): Promise<number> {
  const settings = await resolveSettings(argv);
  const clock = createSystemClock();
  const store = createStateFolder(stateFolder(process.env));
  const order: StopOrder = { by: whoWeAre(), why: argv.why ?? '', since: clock.wall() };
  const say = (says: string): void => void process.stderr.write(`squall: ${says}\n`);
  if (settings.dryRun) {
    say(`would stop all runs as ${order.by}, and heal everything`);
    return EXIT.pass;
  }
  const untaken = await store.stop(order).then(
    () => say(`all runs are stopped on this machine by ${order.by}; \`squall allow\` lets them start again`),
    (error: unknown) => notTaken(error),
  );
  // Whoever wants everything stopped wants it healed above all, also on a disk that is full.
  if (untaken !== undefined) say(untaken);
  const labs = new LabsInReach(settings, clock);
  const owners = (await knownRuns(store)).map(({ reading }) => reading.owner);
  // One that cannot be opened is told of with the run that is on it.
  await Promise.allSettled([undefined, ...owners].map((owner) => labs.of(owner)));
  // Both at once: a cluster that does not answer must not keep this machine's runs from being waited for.
  await Promise.all([stopClusters(labs, order, clock, say), untilRunsHealed(store, clock, say)]);
  const healed = await healEverything({ store, clock, labs, report: say });
  tellHealed(healed, settings);
  if (untaken !== undefined)
    throw new HarnessError('SQ_JOURNAL', untaken, healed.ok ? {} : { exitCode: EXIT.oursLeft });
  return healed.ok ? EXIT.pass : EXIT.oursLeft;
}

const notTaken = (error: unknown): string =>
  `The stop does not stand on this machine, for its state folder did not take it: ${describeError(error)}`;

async function stopClusters(
  labs: LabsInReach,
  order: StopOrder,
  clock: Clock,
  say: (says: string) => void,
): Promise<void> {
  for (const { lab, state } of await clustersInReach(labs, clock)) {
    await state.stop(order).then(
      () => say(`the stop stands in the cluster of the lab ${lab} too, for all machines`),
      (error: unknown) =>
        say(
          `the stop stands on this machine alone, for the cluster of the lab ${lab} took none: ${describeError(error)}`,
        ),
    );
  }
}

async function untilRunsHealed(store: StateStore, clock: Clock, say: (says: string) => void): Promise<void> {
  const beganNs = clock.now().ns;
  const untilNs = beganNs + RUNS_HEAL_WITHIN.ms * 1e6;
  const told = new Set<string>();
  for (;;) {
    const living = (await knownRuns(store)).filter(
      ({ reading: { owner, closed } }) => owner !== undefined && !closed && isRunning(owner),
    );
    const going = living.filter(({ reading: { open } }) => open.length > 0);
    for (const { run, reading } of going) {
      if (!told.has(run)) say(`run ${run} (process ${reading.owner?.pid ?? '?'}) is healing`);
      told.add(run);
    }
    const now = clock.now().ns;
    const allNoticed = living.length === 0 || now >= beganNs + RUNS_NOTICE_WITHIN.ms * 1e6;
    if ((going.length === 0 && allNoticed) || now >= untilNs) return;
    await clock.sleep(LOOK_EVERY);
  }
}

function whoWeAre(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    // A container may run as a number that has no name.
    return `${process.getuid?.() ?? 'somebody'}@${hostname()}`;
  }
}
