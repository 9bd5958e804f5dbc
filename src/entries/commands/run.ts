import { availableParallelism } from 'node:os';
import { worstExitCode, type ExitCode } from '../../model/exit-code.ts';
import { HarnessError } from '../../model/errors.ts';
import type { Plan } from '../../model/plan.ts';
import { run } from '../../run/run.ts';
import type { CommonArguments } from '../common-arguments.ts';
import { composeWorld, openLab } from '../compose-world.ts';
import { confirm } from '../confirm.ts';
import { bundledSuites } from '../places.ts';
import { openProgress } from '../open-progress.ts';
import { readPlan } from '../read-plan.ts';
import { resolveSettings, type Settings } from '../settings.ts';
import { showOutcome } from '../show-outcome.ts';
import { stopOnSignals } from '../stop-on-signals.ts';
import { planCommand } from './plan.ts';

export interface RunArguments extends CommonArguments {
  readonly plan: string;
  readonly repeat: number;
  readonly lanes?: number;
}

/** More lanes than this only queue up at the APIs. */
const MOST_LANES = 4;

export const defaultLanes = (): number => Math.max(1, Math.min(MOST_LANES, availableParallelism()));

export async function runCommand(argv: RunArguments): Promise<number> {
  if (!Number.isInteger(argv.repeat) || argv.repeat < 1) {
    throw new HarnessError('SQ_USAGE', `--repeat takes a whole number from 1, not ${argv.repeat}.`);
  }
  const { set } = await resolveSettings(argv);
  const read = await readPlan(argv.plan, set);
  const settings = await resolveSettings(argv, read.plan.seed);
  if (settings.dryRun) return planCommand(argv);
  const opened = await openLab(settings);
  if (!opened.lab.owned) await confirm(`Run ${read.plan.name} against the lab ${opened.lab.name}, which Squall does not own?`, settings);
  const codes: ExitCode[] = [];
  for (let round = 0; round < argv.repeat; round++) {
    const code = await runOnce(read, settings, opened, argv.lanes ?? defaultLanes());
    codes.push(code as ExitCode);
    if (code >= 128) break;
  }
  return worstExitCode(codes);
}

async function runOnce(
  read: { readonly plan: Plan; readonly text: string },
  settings: Settings,
  opened: Awaited<ReturnType<typeof openLab>>,
  lanes: number,
): Promise<number> {
  const { clock, chance } = opened.base;
  const id = `${clock.wall().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')}-${chance.token(4)}`;
  const { stop, forget } = stopOnSignals(id);
  const display = await openProgress(settings, clock);
  try {
    const world = await composeWorld(settings, { id, suites: bundledSuites(), progress: display.into }, opened);
    const seed = settings.seed ?? chance.token(8);
    const outcome = await run({ id, plan: read.plan, planText: read.text, seed, lanes }, world, stop);
    display.close();
    await showOutcome(outcome, world.folder, settings);
    return outcome.verdict.exitCode;
  } finally {
    display.close();
    forget();
  }
}
