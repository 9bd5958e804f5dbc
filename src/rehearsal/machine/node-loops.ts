import type { KubeObject } from '../cluster-api/object-client.ts';
import { staticPodsOf } from '../cluster-api/static-pods.ts';
import type { Unit } from '../lab-layout.ts';
import { startControllers } from '../loops/start-controllers.ts';
import { startKubelet } from '../loops/kubelet.ts';
import type { PodRunner } from '../loops/pod-runner.ts';
import { startLeaderElection } from '../loops/leader-election.ts';
import type { LoopContext, Stop } from '../loops/loop.ts';
import { startScheduler } from '../loops/scheduler.ts';
import type { WatchedStore } from '../watched-store.ts';
import { hexToken } from './databases.ts';
import type { Databases } from './databases.ts';
import type { Host } from './host.ts';
import { startPodProgram } from './pod-programs.ts';
import type { PodProgram, Replicas } from './pod-programs.ts';
import type { UnitProgram } from './unit-keeper.ts';
import { writeToLog } from './write-to-log.ts';

export interface NodeLoopsOptions {
  readonly host: Host;
  readonly replicas: Replicas;
  readonly databases: Databases;
  /** The API through the address. */
  readonly distant: WatchedStore;
  /** The API of this very node. */
  readonly beside: WatchedStore;
  readonly running: (unit: Unit) => boolean;
}

/** The units of a node that work through the API. */
export class NodeLoops {
  readonly kubelet: UnitProgram;
  readonly controllers: UnitProgram;
  readonly scheduler: UnitProgram;

  constructor(options: NodeLoopsOptions) {
    const { host, distant, beside } = options;
    const contextOver = (store: WatchedStore): LoopContext => ({
      store,
      nowMs: () => Date.now(),
      token: hexToken,
      report: writeToLog,
    });
    const node = host.self;
    const staticPods = staticPodsOf(node);
    const runner = podRunner(options);
    this.kubelet = stoppable(() => startKubelet({ ...contextOver(distant), node, runner, staticPods }));
    const leading =
      (name: string, start: (context: LoopContext & { isLeader(): boolean }) => Stop): (() => Stop) =>
      () => {
        const election = startLeaderElection({ ...contextOver(beside), name, node });
        const stop = start({ ...contextOver(beside), isLeader: () => election.isLeader() });
        return () => {
          stop();
          election.stop();
        };
      };
    this.controllers = stoppable(leading('kube-controller-manager', startControllers));
    this.scheduler = stoppable(leading('kube-scheduler', startScheduler));
  }
}

function stoppable(begin: () => Stop): UnitProgram {
  let stop: Stop | undefined;
  return {
    start: () => void (stop = begin()),
    stop: () => stop?.(),
  };
}

/** The containerd of a node: what it runs goes on when the kubelet is stopped, and nothing new starts while it is stopped itself. */
function podRunner({ host, replicas, databases, running }: NodeLoopsOptions): PodRunner {
  const programs = new Map<string, PodProgram>();
  const surroundings = {
    host,
    replicas,
    contextOf: (pod: string) => databases.contextOf(pod),
    startDatabase: () => databases.start(),
  };
  return {
    start({ metadata }: KubeObject) {
      if (!running('containerd')) throw new Error('The container runtime does not answer.');
      programs.get(metadata.uid)?.stop();
      programs.set(
        metadata.uid,
        startPodProgram({ name: metadata.name, labels: metadata.labels ?? {} }, surroundings),
      );
    },
    stop({ metadata }) {
      programs.get(metadata.uid)?.stop();
      programs.delete(metadata.uid);
    },
    ready({ metadata }) {
      const unit = metadata.labels?.['tier'] === 'control-plane' ? metadata.labels['component'] : undefined;
      if (unit !== undefined) return running(unit as Unit);
      return programs.get(metadata.uid)?.ready() ?? false;
    },
    running: ({ metadata }) => programs.has(metadata.uid),
  };
}
