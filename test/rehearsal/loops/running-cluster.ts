import type { KubeObject } from '../../../src/rehearsal/cluster-api/kube-object.ts';
import { ObjectClient } from '../../../src/rehearsal/cluster-api/object-client.ts';
import { seedCluster } from '../../../src/rehearsal/cluster-api/seed.ts';
import { staticPodsOf } from '../../../src/rehearsal/cluster-api/static-pods.ts';
import { NODES } from '../../../src/rehearsal/lab-layout.ts';
import { startControllers } from '../../../src/rehearsal/loops/start-controllers.ts';
import { startKubelet } from '../../../src/rehearsal/loops/kubelet.ts';
import { startLeaderElection, type LeaderElection } from '../../../src/rehearsal/loops/leader-election.ts';
import type { Stop } from '../../../src/rehearsal/loops/loop.ts';
import { startScheduler } from '../../../src/rehearsal/loops/scheduler.ts';
import { createMemoryStore, type MemoryStore } from '../../../src/rehearsal/memory-store.ts';
import { at, token } from '../cluster-api/model-cluster.ts';

/** How much faster than the rehearsal's own timers the clock of these tests goes. */
const FASTER = 20;

export interface Running {
  readonly store: MemoryStore;
  readonly objects: ObjectClient;
  nowMs(): number;
  list(plural: string, namespace?: string): Promise<readonly KubeObject[]>;
  /** Ends all loops. */
  stop(): void;
  readonly errors: unknown[];
  readonly started: string[];
  readonly stopped: string[];
  /** Ends the kubelet of a node and all that runs there; the pods it knew are gone with it. */
  powerOff(node: string): void;
  powerOn(node: string): void;
  eventually(what: string, holds: () => Promise<boolean>): Promise<void>;
}

/** Loops tick fast in real time, and their clock is fast too, so that every timer passes in a twentieth of its time. */
export async function startCluster(): Promise<Running> {
  const store = createMemoryStore();
  const stops: Stop[] = [];
  const begun = Date.now();
  const nowMs = (): number => begun + (Date.now() - begun) * FASTER;
  const errors: unknown[] = [];
  const context = {
    store,
    nowMs,
    token,
    faster: FASTER,
    report: (error: unknown) => void errors.push(error),
  };
  await seedCluster(context);
  const kubelets = new Map<string, Stop>();
  const [started, stopped]: [string[], string[]] = [[], []];
  const powerOn = (node: string): void => {
    const running = new Set<string>();
    const runner = {
      start: (pod: KubeObject) =>
        void (running.add(pod.metadata.uid), started.push(`${node} ${pod.metadata.name}`)),
      stop: (pod: KubeObject) =>
        void (running.delete(pod.metadata.uid), stopped.push(`${node} ${pod.metadata.name}`)),
      ready: () => true,
    };
    const stop = startKubelet({ ...context, node, runner, staticPods: staticPodsOf(node) });
    kubelets.set(node, stop);
    stops.push(stop);
  };
  for (const node of NODES) powerOn(node);
  const elect = (name: string): LeaderElection =>
    startLeaderElection({ ...context, name, node: 'control-1' });
  const [managers, schedulers] = [elect('kube-controller-manager'), elect('kube-scheduler')];
  stops.push(
    managers.stop,
    schedulers.stop,
    startControllers({ ...context, isLeader: () => managers.isLeader() }),
    startScheduler({ ...context, isLeader: () => schedulers.isLeader() }),
  );
  const objects = new ObjectClient(context);
  return {
    store,
    objects,
    nowMs,
    stop() {
      for (const stop of stops) stop();
    },
    errors,
    started,
    stopped,
    powerOn,
    powerOff: (node) => kubelets.get(node)?.(),
    list: async (plural, namespace) => (await objects.list(plural, namespace)).objects,
    async eventually(what, holds) {
      const end = Date.now() + 6000;
      while (!(await holds())) {
        if (Date.now() > end) throw new Error(`It did not come true in time that ${what}.`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
  };
}

export async function allReady(cluster: Running): Promise<boolean> {
  const workloads = [...(await cluster.list('deployments')), ...(await cluster.list('statefulsets'))];
  const daemons = await cluster.list('daemonsets');
  return (
    workloads.every((each) => at(each, 'status', 'readyReplicas') === at(each, 'spec', 'replicas')) &&
    daemons.every((each) => at(each, 'status', 'numberReady') === 2)
  );
}
