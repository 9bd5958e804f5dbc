import { createClusterState, joinStates, takeLock, type HeldLock } from '../custody/index.ts';
import { HarnessError } from '../model/errors.ts';
import type { Topology } from '../model/topology.ts';
import type { SharedState, StopOrder } from '../ports/state-store.ts';
import { sayOrder } from './stop-signal.ts';
import { LOOK_EVERY, type StopWatch } from './watch-stop.ts';
import type { Clients, World } from './world.ts';

/** What runs of other machines say to this one, where there is a cluster that can hold it. */
export function clusterStateOf(
  { clock, isRunning }: World,
  { kubernetes }: Clients,
): SharedState | undefined {
  return kubernetes === undefined
    ? undefined
    : createClusterState({ kubernetes, clock, isGone: (holder) => !isRunning(holder) });
}

/**
 * Takes the lock of the cloud, in both forms, and looks out for a stop in the cluster from now on.
 * @throws SQ_LOCKED, and SQ_NOT_ALLOWED when everything is stopped there.
 */
export async function holdCloud(
  run: string,
  world: World,
  clients: Clients,
  topology: Topology,
  watch: StopWatch,
): Promise<HeldLock> {
  const cluster = clusterStateOf(world, clients);
  const state = joinStates(world.state, cluster);
  refuseIfStopped(await state.stopped());
  const lock = await takeLock(state, topology, { run, self: world.self, clock: world.clock });
  for (const says of state.troubles())
    world.progress.report({ kind: 'note', level: 'info', says: `${says} This machine's own state counts.` });
  if (cluster !== undefined) watch.watch(cluster, LOOK_EVERY.cluster);
  return lock;
}

/** @throws SQ_NOT_ALLOWED with who stopped everything, and why. */
export function refuseIfStopped(order: StopOrder | undefined): void {
  if (order === undefined) return;
  throw new HarnessError('SQ_NOT_ALLOWED', `All runs are stopped by ${sayOrder(order)}.`, {
    facts: { ...order },
  });
}
