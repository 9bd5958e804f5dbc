import { calibrate } from './calibrate.ts';
import { conclude } from './conclude.ts';
import { gather } from './gather.ts';
import { hurtWhileMeasuring } from './hurt-while-measuring.ts';
import type { Outcome } from './outcome.ts';
import { proveSteady, runSuites } from './prove-steady.ts';
import { readEvidence } from './read-evidence.ts';
import { runEngine } from './run-engine.ts';
import { resume } from './resume.ts';
import type { Session } from './session.ts';
import type { RunRequest, World } from './world.ts';

/**
 * One run: gather evidence, then conclude from what is on the disk, just as `judge` will.
 * @param stop aborted when the user stops the run; its reason says how. Everything injected is healed all the same.
 */
export async function run(request: RunRequest, world: World, stop: AbortSignal): Promise<Outcome> {
  await gather(wholeStory, request, world, stop);
  return conclude(await readEvidence(world.folder), world.folder);
}

/** Goes on with a run that was cut short; see `resume`. */
export function goOn(request: RunRequest, world: World, stop: AbortSignal): Promise<Outcome> {
  return resume(wholeStory, request, world, stop);
}

/** The suites of `conformance.before` alone, or the tests of an engine, or both, judged like a run: nothing is hurt. */
export async function runSuitesAlone(request: RunRequest, world: World, stop: AbortSignal): Promise<Outcome> {
  await gather(suitesAlone, request, world, stop);
  return conclude(await readEvidence(world.folder), world.folder);
}

/** Steady, calibrated where the plan asks for it, hurt while measuring, steady again. */
async function wholeStory(session: Session, stop: AbortSignal): Promise<void> {
  const { stage } = session.notebook;
  await stage('conformance before', () => proveSteady('before', session, stop));
  if (session.request.plan.calibration !== undefined)
    await stage('calibration', () => calibrate(session, stop));
  if (session.earlier?.methodDone !== true) await stage('chaos', () => hurtWhileMeasuring(session, stop));
  await stage('conformance after', () => proveSteady('after', session, stop));
}

async function suitesAlone(session: Session, stop: AbortSignal): Promise<void> {
  const { plan, engine } = session.request;
  const selection = plan.conformance.before;
  if (selection !== undefined && engine?.besideOwn !== false)
    await runSuites({ stage: 'alone', selection }, session, stop);
  stop.throwIfAborted();
  if (selection !== undefined && engine !== undefined) await runEngine(engine, selection, session, stop);
  stop.throwIfAborted();
}
