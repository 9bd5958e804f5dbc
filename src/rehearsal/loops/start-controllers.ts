import { RESOURCES } from '../cluster-api/resources.ts';
import { timer } from '../timers.ts';
import { collect, finishNamespace } from './clean-up.ts';
import { syncEndpoints } from './endpoints.ts';
import { attempt, LOOK_MS, startLoop, toolsNow, type LeaderContext, type Stop, type Sync } from './loop.ts';
import { syncNode } from './node-lifecycle.ts';
import { syncDaemonSet, syncDeployment, syncReplicaSet, syncStatefulSet } from './workload-pods.ts';

type Controllers = readonly (readonly [plural: string, sync: Sync])[];

/** In the order in which one's work is the next one's input. */
const CONTROLLERS: Controllers = [
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
  const { nowMs } = context;
  let readMs = nowMs();
  let readableSinceMs = readMs;
  const start = (everyMs: number, controllers: Controllers): Stop =>
    startLoop(context, everyMs, async () => {
      // Also while another leads, so that a new leader knows whether the store was readable all the time.
      const tools = await toolsNow(context, readableSinceMs);
      if (nowMs() - readMs > timer('node-lease-renew-interval')) readableSinceMs = nowMs();
      readMs = nowMs();
      // Another may lead by now: what it does is not to be done twice.
      for (const [plural, sync] of controllers)
        for (const object of tools.of(plural))
          if (context.isLeader()) await attempt(sync({ ...tools, readableSinceMs }, object));
    });
  const stops = [start(LOOK_MS, CONTROLLERS), start(timer('node-monitor-period'), [['nodes', syncNode]])];
  return () => stops.forEach((stop) => stop());
}
