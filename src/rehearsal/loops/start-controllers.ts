import { ObjectClient } from '../cluster-api/object-client.ts';
import { RESOURCES } from '../cluster-api/resources.ts';
import { timer } from '../timers.ts';
import { collect, finishNamespace } from './clean-up.ts';
import { syncEndpoints } from './endpoints.ts';
import { attempt, LOOK_MS, startLoop, takeSnapshot } from './loop.ts';
import type { ControllerTools, LeaderContext, Stop, Sync } from './loop.ts';
import { syncNode } from './node-lifecycle.ts';
import { syncDaemonSet, syncDeployment, syncReplicaSet, syncStatefulSet } from './workload-pods.ts';

/** What is done for each object of a kind, in the order in which one's work is the next one's input. */
const CONTROLLERS: readonly (readonly [plural: string, sync: Sync])[] = [
  ['deployments', syncDeployment],
  ['replicasets', syncReplicaSet],
  ['statefulsets', syncStatefulSet],
  ['daemonsets', syncDaemonSet],
  ['services', syncEndpoints],
  ['namespaces', finishNamespace],
  ...RESOURCES.map(({ plural }) => [plural, collect] as const),
];

/** Brings the cluster nearer to what its objects ask for, while this one leads. */
export function startControllers(context: LeaderContext): Stop {
  const { store, nowMs } = context;
  const objects = new ObjectClient(context);
  const look = async (): Promise<ControllerTools> => ({
    ...context,
    objects,
    snapshot: await takeSnapshot(store),
  });
  const stopWork = startLoop(context, LOOK_MS, async () => {
    if (!context.isLeader()) return;
    const tools = await look();
    for (const [plural, sync] of CONTROLLERS)
      // Another may lead by now: what it does is not to be done twice.
      for (const object of tools.snapshot.of(plural))
        if (context.isLeader()) await attempt(sync(tools, object));
  });
  let readMs = nowMs();
  let readableSinceMs = readMs;
  const stopNodes = startLoop(context, timer('node-monitor-period'), async () => {
    // Also while another leads, so that a new leader knows whether the store was readable all the time.
    const tools = await look();
    if (nowMs() - readMs > timer('node-lease-renew-interval')) readableSinceMs = nowMs();
    readMs = nowMs();
    for (const node of tools.snapshot.of('nodes'))
      if (context.isLeader()) await attempt(syncNode(tools, node, readableSinceMs));
  });
  return () => {
    stopWork();
    stopNodes();
  };
}
