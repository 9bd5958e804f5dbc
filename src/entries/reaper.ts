import { appendFileSync, mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createStateFolder } from '../adapters/system/state-folder.ts';
import { createSystemChance } from '../adapters/system/system-chance.ts';
import { createSystemClock } from '../adapters/system/system-clock.ts';
import { faultRegistry, healEntry } from '../chaos/index.ts';
import { followJournal, readJournal } from '../custody/index.ts';
import { describeError, HarnessError } from '../model/errors.ts';
import type { Clients } from '../run/world.ts';
import { connect } from './connect.ts';
import { isRunning } from './is-running.ts';
import { createLab } from './labs.ts';
import { stateFolder } from './places.ts';

// The terminal's Ctrl-C is meant for the harness; what that leaves open is ours to end, so no polite signal ends us.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => undefined);
// The harness may be gone before it reads what we say.
process.on('error', () => undefined);
process.on('disconnect', () => undefined);

const { values } = parseArgs({
  options: { run: { type: 'string' }, lab: { type: 'string' }, harness: { type: 'string' } },
});

await main(values).catch(async (error: unknown) => {
  process.exitCode = 1;
  await tell({ kind: 'failed', says: describeError(error) });
});
if (process.connected) process.disconnect();
// A lab may keep something open that nobody waits for any more.
process.exit();

async function main({
  run,
  lab: labName,
  harness,
}: {
  run?: string | undefined;
  lab?: string | undefined;
  harness?: string | undefined;
}): Promise<void> {
  if (run === undefined || labName === undefined || !/^[\w.-]+$/.test(run)) {
    throw new HarnessError('SQ_USAGE', 'The reaper needs `--run` and `--lab`.');
  }
  const pid = Number(harness);
  const clock = createSystemClock();
  const report = logTo(join(stateFolder(process.env), 'reaper'), run, () => clock.wall());
  const store = createStateFolder(stateFolder(process.env));
  // By the same files as the harness, whatever they were typed as.
  const { cloud, ...files } = (await readJournal(store, run)).owner?.connection ?? {};
  const way = { ...files, ...(cloud === undefined ? {} : { osCloud: cloud }) };
  const lab = await createLab(labName, { ...way, clock, chance: createSystemChance() });
  let opened: Promise<Clients> | undefined;
  // The libraries under the clients are heavy, and most faults are ended without them.
  const clientsFor = (fault: string): Promise<Clients> => {
    const needs = faultRegistry.find(({ name }) => name === fault)?.needs ?? [];
    if (!needs.includes('kubernetes') && !needs.includes('openstack')) return Promise.resolve({});
    opened ??= lab
      .connection()
      .then((connection) => connect(connection, clock))
      .catch(() => ({}));
    return opened;
  };
  report(`Following run ${run} of process ${pid} on the lab ${labName}.`);
  await tell({ kind: 'ready' });
  const end = await followJournal(
    {
      store,
      run,
      clock,
      heal: async (entry, signal) =>
        healEntry(entry, { lab, ...(await clientsFor(entry.fault)), clock, run }, signal),
      harnessAlive: () => Number.isInteger(pid) && isRunning({ host: hostname(), pid }),
      report,
    },
    new AbortController().signal,
  );
  report(`Leaving: ${end}.`);
}

/** Resolves when it was sent, or when nobody listens any more. */
function tell(message: object): Promise<void> {
  return new Promise((resolve) => {
    if (process.connected) process.send?.(message, undefined, undefined, () => resolve());
    else resolve();
  });
}

/** A log that cannot be written must not keep anything from being healed. */
function logTo(folder: string, run: string, wall: () => string): (says: string) => void {
  const file = join(folder, `${run}.log`);
  let made = false;
  return (says) => {
    try {
      // Made once: a state folder that somebody has removed meanwhile is not brought back by a log.
      if (!made) mkdirSync(folder, { recursive: true });
      made = true;
      appendFileSync(file, `${wall()} ${says}\n`);
    } catch {
      // Nobody reads it now.
    }
  };
}
