import type { Outcome } from '../run/outcome.ts';
import type { World } from '../run/world.ts';
import { composeWorld, type OpenedLab } from './compose-world.ts';
import { openProgress } from './open-progress.ts';
import type { OwnSuites } from './own-suites.ts';
import type { Settings } from './settings.ts';
import { showOutcome } from './show-outcome.ts';
import { stopOnSignals } from './stop-on-signals.ts';
import { writeSuiteDurations } from './suite-durations.ts';

/**
 * What every run has around it: an id, signals that stop it, progress that is shown, and its last lines.
 * @returns the exit code of its verdict.
 */
export async function inARun(
  settings: Settings,
  opened: OpenedLab,
  { files: suites, loaders }: OwnSuites,
  act: (id: string, world: World, stop: AbortSignal) => Promise<Outcome>,
): Promise<number> {
  const { clock, chance } = opened.base;
  // Sorts by time, and tells two of one second apart: 20261121-084455-k3fd.
  const second = clock.wall().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
  const id = `${second}-${chance.token(4)}`;
  const { stop, forget } = stopOnSignals(id);
  const display = await openProgress(settings, clock);
  try {
    const world = await composeWorld(settings, { id, suites, loaders, progress: display.into }, opened);
    const outcome = await act(id, world, stop);
    display.close();
    await writeSuiteDurations(opened.lab.name, outcome.evidence.conformance);
    await showOutcome(outcome, world.folder, settings);
    return outcome.verdict.exitCode;
  } finally {
    display.close();
    forget();
  }
}
