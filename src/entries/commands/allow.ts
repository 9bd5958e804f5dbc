import { createStateFolder } from '../../adapters/system/state-folder.ts';
import { createSystemClock } from '../../adapters/system/system-clock.ts';
import { describeError } from '../../model/errors.ts';
import { EXIT } from '../../model/exit-code.ts';
import type { StopOrder } from '../../ports/state-store.ts';
import { clustersInReach } from '../clusters-in-reach.ts';
import { LabsInReach } from '../labs-of-runs.ts';
import { stateFolder } from '../places.ts';
import { resolveSettings } from '../settings.ts';
import type { SharedArguments } from '../shared-arguments.ts';

/** Lets runs start again, here and in the clusters in reach. Ends with 3 where a stop may still stand. */
export async function allowCommand(argv: SharedArguments): Promise<number> {
  const settings = await resolveSettings(argv);
  const clock = createSystemClock();
  const store = createStateFolder(stateFolder(process.env));
  const say = (says: string): void => void process.stderr.write(`squall: ${says}\n`);
  if (settings.dryRun) {
    const order = await store.stopped();
    say(order === undefined ? 'nothing is stopped on this machine' : `would take back ${describe(order)}`);
    return EXIT.pass;
  }
  const labs = new LabsInReach(settings, clock);
  await labs.of(undefined);
  let sure = true;
  const allowed = [await store.allow()];
  for (const { lab, state } of await clustersInReach(labs, clock)) {
    try {
      allowed.push(await state.allow());
    } catch (error) {
      sure = false;
      say(`the cluster of the lab ${lab} may still hold a stop: ${describeError(error)}`);
    }
  }
  const orders = allowed.filter((order) => order !== undefined);
  for (const order of orders) say(`runs may start again; this took back ${describe(order)}`);
  if (orders.length === 0 && sure) say('nothing was stopped');
  return sure ? EXIT.pass : EXIT.refusedState;
}

const describe = ({ by, why, since }: StopOrder): string =>
  `the stop by ${by}${since === '' ? '' : ` of ${since}`}${why === '' ? '' : `: ${why}`}`;
