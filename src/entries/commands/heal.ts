import { hostname } from 'node:os';
import { createStateFolder } from '../../adapters/system/state-folder.ts';
import { createSystemChance } from '../../adapters/system/system-chance.ts';
import { createSystemClock } from '../../adapters/system/system-clock.ts';
import { healRuns, readJournal, type HealedRun } from '../../custody/index.ts';
import { HarnessError } from '../../model/errors.ts';
import { EXIT } from '../../model/exit-code.ts';
import type { SharedArguments } from '../shared-arguments.ts';
import { createHealer } from '../create-healer.ts';
import { isRunning } from '../is-running.ts';
import { createLab } from '../labs.ts';
import { stateFolder } from '../places.ts';
import { resolveSettings, type Settings } from '../settings.ts';

/** Heals one run or all from their journals, each on the lab that it was on. */
export async function healCommand(argv: SharedArguments & { readonly run?: string }): Promise<number> {
  const settings = await resolveSettings(argv);
  const store = createStateFolder(stateFolder(process.env));
  const runs = await store.runs();
  if (argv.run !== undefined && !runs.includes(argv.run)) {
    process.stderr.write(`squall: run ${argv.run} has nothing open\n`);
    return EXIT.pass;
  }
  const healed: HealedRun[] = [];
  for (const run of argv.run === undefined ? runs : [argv.run])
    healed.push(...(await healOne(run, store, settings)));
  tell(healed, settings);
  return healed.every(({ ok }) => ok) ? EXIT.pass : EXIT.oursLeft;
}

async function healOne(
  run: string,
  store: ReturnType<typeof createStateFolder>,
  settings: Settings,
): Promise<readonly HealedRun[]> {
  const clock = createSystemClock();
  const { owner } = await readJournal(store, run);
  const lab = await createLab(owner?.lab ?? settings.lab, {
    ...settings,
    clock,
    chance: createSystemChance(),
  });
  if (settings.dryRun) {
    process.stderr.write(`squall: would heal run ${run} on the lab ${lab.name}\n`);
    return [];
  }
  return healRuns(
    {
      store,
      clock,
      runs: [run],
      self: { host: hostname(), pid: process.pid, lab: lab.name },
      heal: createHealer({ lab, clock, run }),
      alive: isRunning,
      report: (says) => process.stderr.write(`${says}\n`),
    },
    new AbortController().signal,
  ).catch((error: unknown) => {
    throw new HarnessError('SQ_HEAL_FAILED', `Run ${run} could not be healed.`, { cause: error });
  });
}

function tell(healed: readonly HealedRun[], { output }: Settings): void {
  if (output === 'json') {
    process.stdout.write(`${JSON.stringify({ schemaVersion: 1, runs: healed }, null, 2)}\n`);
    return;
  }
  for (const { run, entries, ok, troubles } of healed) {
    process.stdout.write(`run ${run}: ${ok ? 'nothing is open' : 'something is still open'}\n`);
    for (const { entry, verification } of entries) {
      process.stdout.write(`  ${entry.step} (${entry.fault}): ${verification.says}\n`);
      for (const difference of verification.differences) process.stdout.write(`    ${difference}\n`);
    }
    for (const trouble of troubles) process.stdout.write(`  ${trouble}\n`);
  }
}
