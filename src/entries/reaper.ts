import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createStateFolder } from '../adapters/system/state-folder.ts';
import { createSystemChance } from '../adapters/system/system-chance.ts';
import { createSystemClock } from '../adapters/system/system-clock.ts';
import { followJournal, readJournal } from '../custody/index.ts';
import { describeError, HarnessError } from '../model/errors.ts';
import { createHealer } from './create-healer.ts';
import { watchProcess } from './is-running.ts';
import { createLab } from './labs.ts';
import { stateFolder } from './places.ts';

// The terminal's Ctrl-C is meant for the harness; what that leaves open is ours to end, so no polite signal ends us.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => undefined);
// The harness may be gone before it reads what we say.
process.on('error', () => undefined);
process.on('disconnect', () => undefined);

const { values } = parseArgs({
  options: {
    run: { type: 'string' },
    lab: { type: 'string' },
    harness: { type: 'string' },
    kubeconfig: { type: 'string' },
    context: { type: 'string' },
  },
});

await main(values).catch(async (error: unknown) => {
  process.exitCode = 1;
  await tell({ kind: 'failed', says: describeError(error) });
});
if (process.connected) process.disconnect();
// A lab may keep something open that nobody waits for any more.
process.exit();

async function main({ run, lab: labName, harness, kubeconfig, context }: typeof values): Promise<void> {
  if (run === undefined || labName === undefined || !/^[\w.-]+$/.test(run)) {
    throw new HarnessError('SQ_USAGE', 'The reaper needs `--run` and `--lab`.');
  }
  const pid = Number(harness);
  // Looked at before anything else, while it waits for us: later its number may be another's.
  const lives = watchProcess(pid);
  const clock = createSystemClock();
  const report = logTo(join(stateFolder(process.env), 'reaper'), run, () => clock.wall());
  const store = createStateFolder(stateFolder(process.env));
  // By the same files as the harness, whatever they were typed as.
  const { cloud, ...files } = (await readJournal(store, run)).owner?.connection ?? {};
  const way = { ...files, ...(cloud === undefined ? {} : { osCloud: cloud }) };
  const lab = await createLab(labName, {
    ...way,
    clock,
    chance: createSystemChance(),
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
  });
  report(`Following run ${run} of process ${pid} on the lab ${labName}.`);
  await tell({ kind: 'ready' });
  const end = await followJournal(
    {
      store,
      run,
      clock,
      heal: createHealer({ lab, clock, run }),
      harnessAlive: () => Number.isInteger(pid) && lives(),
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
