import { createStateFolder } from '../../adapters/system/state-folder.ts';
import { createSystemClock } from '../../adapters/system/system-clock.ts';
import { EXIT } from '../../model/exit-code.ts';
import { healEverything } from '../heal-everything.ts';
import { knownRuns, LabsInReach } from '../labs-of-runs.ts';
import { stateFolder } from '../places.ts';
import { resolveSettings } from '../settings.ts';
import type { SharedArguments } from '../shared-arguments.ts';
import { tellHealed } from '../tell-healed.ts';

/** Heals one run or all from their journals, each on the lab that it was on, and what carries our marks without one. */
export async function healCommand(argv: SharedArguments & { readonly run?: string }): Promise<number> {
  const settings = await resolveSettings(argv);
  const clock = createSystemClock();
  const store = createStateFolder(stateFolder(process.env));
  const { run } = argv;
  const runs = (await knownRuns(store)).filter((known) => run === undefined || known.run === run);
  if (settings.dryRun) {
    for (const { run: id, reading } of runs)
      process.stderr.write(`squall: would heal run ${id} on the lab ${reading.owner?.lab ?? settings.lab}\n`);
    return EXIT.pass;
  }
  if (run !== undefined && runs.length === 0) process.stderr.write(`squall: run ${run} has nothing open\n`);
  const healed = await healEverything({
    store,
    clock,
    labs: new LabsInReach(settings, clock),
    ...(run === undefined ? {} : { run }),
    report: (says) => process.stderr.write(`${says}\n`),
  });
  tellHealed(healed, settings);
  return healed.ok ? EXIT.pass : EXIT.oursLeft;
}
