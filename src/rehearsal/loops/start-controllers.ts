import { timer } from '../timers.ts';
import { collectGarbage, finishNamespaces } from './clean-up.ts';
import {
  attempt,
  clientOf,
  startTicking,
  takeSnapshot,
  type ControllerTools,
  type LoopContext,
  type Stop,
} from './loop.ts';
import { newNodeMemory, syncNodes } from './node-lifecycle.ts';
import { syncDeployments, syncReplicaSets } from './replica-workloads.ts';
import { syncBudgets, syncEndpointSlices } from './service-endpoints.ts';
import { syncDaemonSets, syncStatefulSets } from './set-workloads.ts';

export interface ControllersContext extends LoopContext {
  /** Of the lease `kube-controller-manager`. */
  isLeader(): boolean;
}

/** In the order in which one's work is the next one's input. */
const CONTROLLERS: readonly ((tools: ControllerTools) => Promise<void>)[] = [
  syncDeployments,
  syncReplicaSets,
  syncStatefulSets,
  syncDaemonSets,
  syncEndpointSlices,
  syncBudgets,
  finishNamespaces,
  collectGarbage,
];

/** Brings the cluster nearer to what its objects ask for, while this one leads. */
export function startControllers(context: ControllersContext): Stop {
  const { nowMs, token, store } = context;
  const objects = clientOf(context);
  const toolsNow = async (): Promise<ControllerTools> => ({
    objects,
    snapshot: await takeSnapshot(store),
    nowMs,
    token,
    attempt,
  });
  const stopWork = startTicking(context, async () => {
    if (!context.isLeader()) return;
    const tools = await toolsNow();
    for (const sync of CONTROLLERS) {
      // Another may lead by now: what it does is not to be done twice.
      if (!context.isLeader()) return;
      await sync(tools);
    }
  });
  const memory = newNodeMemory(nowMs());
  let readMs = nowMs();
  const stopNodes = startTicking(
    context,
    async () => {
      // Also while another leads, so that a new leader knows whether the store was readable all the time.
      const tools = await toolsNow();
      if (nowMs() - readMs > timer('node-lease-renew-interval')) memory.readableSinceMs = nowMs();
      readMs = nowMs();
      if (context.isLeader()) await syncNodes(tools, memory);
      else memory.unreachableSinceMs.clear();
    },
    Math.min(timer('node-monitor-period'), context.tickMs ?? Number.POSITIVE_INFINITY),
  );
  return () => {
    stopWork();
    stopNodes();
  };
}
