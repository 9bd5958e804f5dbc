import { createStateFolder } from '../../adapters/system/state-folder.ts';
import { createSystemClock } from '../../adapters/system/system-clock.ts';
import { EXIT } from '../../model/exit-code.ts';
import { healEverything, type HealedEverything } from '../heal-everything.ts';
import { knownRuns, LabsInReach } from '../labs-of-runs.ts';
import { stateFolder } from '../places.ts';
import { resolveSettings } from '../settings.ts';
import type { SharedArguments } from '../shared-arguments.ts';
import { tellHealed } from '../tell-healed.ts';

const NOTHING_OPEN = 'nothing is open in the journals of this machine';

const isNothing = ({ runs, marks }: HealedEverything): boolean =>
  runs.length === 0 &&
  marks.every(({ healed, left, spared, troubles }) => [healed, left, spared, troubles].flat().length === 0);

/** Whoever is called at night wants to read that there was nothing to heal, and where that was looked for. */
function sayNothing({ marks }: HealedEverything): string {
  if (marks.length === 0) return `${NOTHING_OPEN}, and no lab is up that could carry a mark of Squall`;
  return `${NOTHING_OPEN}, and nothing on the lab ${marks.map(({ lab }) => lab).join(', ')} carries a mark of Squall`;
}

/** Heals one run or all from their journals, each on the lab that it was on, and what carries our marks without one. */
export async function healCommand(argv: SharedArguments & { readonly run?: string }): Promise<number> {
  const settings = await resolveSettings(argv);
  const clock = createSystemClock();
  const store = createStateFolder(stateFolder(process.env));
  const { run } = argv;
  const runs = (await knownRuns(store)).filter((known) => run === undefined || known.run === run);
  if (settings.dryRun) {
    if (runs.length === 0) process.stderr.write(`squall: would heal nothing: ${NOTHING_OPEN}\n`);
    for (const { run: id, reading } of runs)
      process.stderr.write(`squall: would heal run ${id} on the lab ${reading.owner?.lab ?? settings.lab}\n`);
    return EXIT.pass;
  }
  if (run !== undefined && runs.length === 0)
    process.stderr.write(`squall: run ${run} has nothing open in the journals of this machine\n`);
  const healed = await healEverything({
    store,
    clock,
    labs: new LabsInReach(settings, clock),
    ...(run === undefined ? {} : { run }),
    report: (says) => process.stderr.write(`${says}\n`),
  });
  tellHealed(healed, settings);
  if (run === undefined && isNothing(healed)) process.stderr.write(`squall: ${sayNothing(healed)}\n`);
  return healed.ok ? EXIT.pass : EXIT.oursLeft;
}
