import type { Outcome } from '../run/outcome.ts';
import type { World } from '../run/world.ts';
import { composeWorld, type OpenedLab } from './compose-world.ts';
import { openProgress } from './open-progress.ts';
import type { OwnSuites } from './own-suites.ts';
import type { Settings } from './settings.ts';
import { showOutcome } from './show-outcome.ts';
import { stopOnSignals } from './stop-on-signals.ts';
import { writeSuiteDurations } from './suite-durations.ts';

/** A run that is gone on with. */
export interface EarlierRun {
  readonly id: string;
  readonly folder?: string;
}

/** Sorts by time, and tells two of one second apart: 20261121-084455-k3fd. */
function newId({ clock, chance }: OpenedLab['base']): string {
  const second = clock.wall().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
  return `${second}-${chance.token(4)}`;
}

/**
 * What every run has around it: an id, signals that stop it, progress that is shown, and its last lines.
 * @returns the exit code of its verdict.
 */
export async function inARun(
  settings: Settings,
  opened: OpenedLab,
  { files: suites, loaders }: OwnSuites,
  act: (id: string, world: World, stop: AbortSignal) => Promise<Outcome>,
  earlier?: EarlierRun,
): Promise<number> {
  const { clock } = opened.base;
  const { id, folder } = earlier ?? { id: newId(opened.base) };
  const { stop, forget } = stopOnSignals(id);
  const display = await openProgress(settings, clock);
  try {
    const world = await composeWorld(
      settings,
      { id, ...(folder === undefined ? {} : { folder }), suites, loaders, progress: display.into },
      opened,
    );
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
