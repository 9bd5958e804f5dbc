import { createHash } from 'node:crypto';
import { analyse, measuresOf } from '../analysis/index.ts';
import type { Analysis } from '../model/analysis.ts';
import type { RunSummary } from '../model/comparison.ts';
import { HarnessError } from '../model/errors.ts';
import type { RunEnd, RunRecord } from '../model/evidence.ts';
import type { ChaosRecord } from '../model/injection.ts';
import type { Plan } from '../model/plan.ts';
import type { Verdict } from '../model/verdict.ts';
import type { RunFolder } from '../ports/run-folder.ts';
import { readEvidence } from './read-evidence.ts';

/** Of a run whose subject was never found. */
export const NO_SUBJECT = 'unknown';

/**
 * What of a stored run is needed beside others. Samples are not read where the run was analysed before.
 * @throws SQ_RUN_UNREADABLE when it is no run folder, or not whole.
 */
export async function summariseRun(folder: RunFolder): Promise<RunSummary> {
  const [run, plan, keys, end, chaos, verdict] = await Promise.all([
    folder.readJson<RunRecord>('run.json'),
    folder.readJson<Plan>('plan.json'),
    keysOf(folder),
    folder.readJson<RunEnd>('end.json'),
    folder.readJson<ChaosRecord>('chaos.json'),
    folder.readJson<Verdict>('verdict.json'),
  ]);
  if (run === undefined || plan === undefined || keys === undefined)
    throw new HarnessError('SQ_RUN_UNREADABLE', `${folder.path} is not a run folder.`);
  const analysis = (await folder.readJson<Analysis>('analysis.json')) ?? analyse(await readEvidence(folder));
  return {
    schemaVersion: 1,
    id: run.id,
    startedWall: run.startedWall,
    plan: plan.name,
    ...keys,
    lab: run.lab,
    host: run.host,
    seed: run.seed,
    squall: run.squall.version,
    truth: verdict?.truth ?? 'unknown',
    exitCode: verdict?.exitCode ?? 4,
    end: end?.reason ?? 'broken',
    measures: measuresOf(plan, analysis, chaos),
  };
}

/** What runs that can be set beside each other have in common. undefined where no plan is. */
export async function keysOf(
  folder: RunFolder,
): Promise<Pick<RunSummary, 'planKey' | 'subjectKey'> | undefined> {
  const [plan, subject] = await Promise.all([
    folder.readJson<Plan>('plan.json'),
    folder.readText('subject.json'),
  ]);
  if (plan === undefined) return undefined;
  return { planKey: planKeyOf(plan), subjectKey: subject === undefined ? NO_SUBJECT : keyOf(subject) };
}

/** A plan with another seed is the same plan: it draws other targets of the same kind. */
function planKeyOf({ seed: _seed, learns: _learns, ...plan }: Plan): string {
  return keyOf(JSON.stringify(plan));
}

/** Files of a run folder are written with sorted keys, so equal values are equal texts. */
const keyOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);
