import type { Analysis } from '../model/analysis.ts';
import type { Evidence } from '../model/evidence.ts';
import type { Verdict } from '../model/verdict.ts';
import { conclude } from './conclude.ts';
import { gather } from './gather.ts';
import { readEvidence } from './read-evidence.ts';
import type { RunRequest, World } from './world.ts';

export interface Outcome {
  readonly evidence: Evidence;
  readonly analysis: Analysis;
  readonly verdict: Verdict;
}

/**
 * One run: gather evidence, then conclude from what is on the disk, just as `judge` will.
 * @param stop aborted when the user stops the run; its reason says how. Everything injected is healed all the same.
 */
export async function run(request: RunRequest, world: World, stop: AbortSignal): Promise<Outcome> {
  await gather(request, world, stop);
  return conclude(await readEvidence(world.folder), world.folder);
}
