import type { Analysis } from '../model/analysis.ts';
import type { Evidence } from '../model/evidence.ts';
import type { Verdict } from '../model/verdict.ts';
import { conclude } from './conclude.ts';
import { gather, type Session } from './gather.ts';
import { hurtWhileMeasuring } from './hurt-while-measuring.ts';
import { proveSteady, runSuites } from './prove-steady.ts';
import { readEvidence } from './read-evidence.ts';
import type { RunRequest, World } from './world.ts';

export interface Outcome {
  readonly evidence: Evidence;
  readonly analysis: Analysis;
  readonly verdict: Verdict;
  /** Reports, by their names in the run folder. */
  readonly files: readonly string[];
  /** Reports that could not be written, and why; they never break a run. */
  readonly troubles: readonly string[];
}

/**
 * One run: gather evidence, then conclude from what is on the disk, just as `judge` will.
 * @param stop aborted when the user stops the run; its reason says how. Everything injected is healed all the same.
 */
export async function run(request: RunRequest, world: World, stop: AbortSignal): Promise<Outcome> {
  await gather(wholeStory, request, world, stop);
  return conclude(await readEvidence(world.folder), world.folder);
}

/** The suites of `conformance.before` alone, judged like a run: nothing is hurt. */
export async function runSuitesAlone(request: RunRequest, world: World, stop: AbortSignal): Promise<Outcome> {
  await gather(suitesAlone, request, world, stop);
  return conclude(await readEvidence(world.folder), world.folder);
}

/** Steady, hurt while measuring, steady again. */
async function wholeStory(session: Session, stop: AbortSignal): Promise<void> {
  const { stage } = session.notebook;
  await stage('conformance before', () => proveSteady('before', session, stop));
  await stage('chaos', () => hurtWhileMeasuring(session, stop));
  await stage('conformance after', () => proveSteady('after', session, stop));
}

async function suitesAlone(session: Session, stop: AbortSignal): Promise<void> {
  const selection = session.request.plan.conformance.before;
  if (selection !== undefined) await runSuites('alone', selection, session, stop);
  stop.throwIfAborted();
}
