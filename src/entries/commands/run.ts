import { worstExitCode, type ExitCode } from '../../model/exit-code.ts';
import { HarnessError } from '../../model/errors.ts';
import type { GivenSubject } from '../../model/evidence.ts';
import type { Plan } from '../../model/plan.ts';
import { run } from '../../run/run.ts';
import type { SharedArguments } from '../shared-arguments.ts';
import { openLab, type OpenedLab } from '../compose-world.ts';
import { confirm } from '../confirm.ts';
import { readGivenSubject } from '../given-subject.ts';
import { guardExisting } from '../guard-existing.ts';
import { howManyLanes } from '../how-many-lanes.ts';
import { inARun } from '../in-a-run.ts';
import { bundledSuites } from '../places.ts';
import { readPlan } from '../read-plan.ts';
import { resolveSettings, withProtection, type Settings } from '../settings.ts';
import { planCommand } from './plan.ts';

export interface RunArguments extends SharedArguments {
  readonly plan: string;
  readonly repeat: number;
  readonly lanes?: number;
  readonly resume?: string;
  readonly subject?: readonly string[];
}

export async function runCommand(argv: RunArguments): Promise<number> {
  const lanes = howManyLanes(argv.lanes);
  if (argv.resume !== undefined) {
    const { resumeRun } = await import('../resume-run.ts');
    return resumeRun(argv.resume, await resolveSettings(argv), lanes);
  }
  if (!Number.isInteger(argv.repeat) || argv.repeat < 1) {
    throw new HarnessError(
      'SQ_USAGE',
      `--repeat takes a whole number from 1, not ${Number.isNaN(argv.repeat) ? 'a word' : argv.repeat}.`,
    );
  }
  const { set } = await resolveSettings(argv);
  const read = await readPlan(argv.plan, set);
  const subject = await readGivenSubject(argv.subject ?? []);
  const resolved = await resolveSettings(argv, read.plan.seed);
  if (resolved.dryRun) return planCommand(argv);
  const settings = await guardExisting(resolved);
  const opened = await openLab(settings);
  if (!opened.lab.owned)
    await confirm(
      `Run ${read.plan.name} against the lab ${opened.lab.name}, which Squall does not own?`,
      settings,
    );
  const codes: ExitCode[] = [];
  for (let round = 0; round < argv.repeat; round++) {
    const code = await runOnce(
      { ...read, plan: withProtection(read.plan, settings), subject },
      settings,
      opened,
      lanes,
    );
    codes.push(code as ExitCode);
    if (code >= 128) break;
  }
  return worstExitCode(codes);
}

function runOnce(
  read: { readonly plan: Plan; readonly text: string; readonly subject: GivenSubject },
  settings: Settings,
  opened: OpenedLab,
  lanes: number,
): Promise<number> {
  const seed = settings.seed ?? opened.base.chance.token(8);
  return inARun(settings, opened, { files: bundledSuites(), loaders: [] }, (id, world, stop) =>
    run({ id, plan: read.plan, planText: read.text, seed, lanes, subject: read.subject }, world, stop),
  );
}
