import { createClusterState } from '../custody/index.ts';
import type { Clock } from '../ports/clock.ts';
import type { SharedState } from '../ports/state-store.ts';
import { isRunning } from './is-running.ts';
import type { LabsInReach } from './labs-of-runs.ts';

export interface ClusterInReach {
  readonly lab: string;
  readonly state: SharedState;
}

/** The cluster form of what runs share, for each lab that was asked for and that a kubeconfig leads to. */
export async function clustersInReach(labs: LabsInReach, clock: Clock): Promise<readonly ClusterInReach[]> {
  const found: ClusterInReach[] = [];
  for (const { lab, clients } of await labs.all()) {
    const { kubernetes } = await clients();
    if (kubernetes === undefined) continue;
    const state = createClusterState({ kubernetes, clock, isGone: (holder) => !isRunning(holder) });
    found.push({ lab: lab.name, state });
  }
  return found;
}
