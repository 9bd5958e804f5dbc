import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { KubeObject } from '../cluster-api/kube-object.ts';
import type { Front, Unit } from '../lab-layout.ts';
import type { PodRunner } from '../loops/pod-runner.ts';
import { openStackReplica, startComputeAgent } from '../openstack/index.ts';
import { OPENSTACK_SERVICES } from '../replica.ts';
import type { ReplicaListener } from '../replica.ts';
import type { Databases } from './databases.ts';
import type { Host } from './host.ts';

/** HTTP servers of this node behind each front, asked in turn. */
export class Replicas {
  readonly #servers = new Map<Front, readonly Server[]>();
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  /** @returns how to end it: its connections are reset and new ones refused */
  serve(front: Front, replica: string, listener: ReplicaListener): () => void {
    const server = createServer({ keepAliveTimeout: 75_000 }, listener);
    const { truth, self } = this.#host;
    const here = (): readonly Server[] => this.#servers.get(front) ?? [];
    this.#servers.set(front, [...here(), server]);
    truth({ kind: 'replica', node: self, front, replica, up: true });
    return () => {
      this.#servers.set(
        front,
        here().filter((each) => each !== server),
      );
      truth({ kind: 'replica', node: self, front, replica, up: false });
      server.closeAllConnections();
    };
  }

  /** False when none is there, so that the connection is refused. */
  take(front: Front, stream: Duplex): boolean {
    const [first, ...rest] = this.#servers.get(front) ?? [];
    if (first === undefined) return false;
    this.#servers.set(front, [...rest, first]);
    first.emit('connection', stream);
    return true;
  }
}

/** What runs in a pod of the model. Most pods do nothing but be there. */
interface PodProgram {
  readonly stop: () => void;
  readonly ready: () => boolean | Promise<boolean>;
}

const IDLE: PodProgram = { stop: () => undefined, ready: () => true };

/** The labels `component` of pods that serve an API of OpenStack. */
const API_COMPONENTS = ['api', 'os-api', 'server'];

function startPodProgram({ metadata }: KubeObject, replicas: Replicas, databases: Databases): PodProgram {
  const { application = '', component = '' } = metadata.labels ?? {};
  if (application === 'mariadb' && component === 'server') return databases.start();
  const context = databases.contextOf(metadata.name);
  if (application === 'nova' && component === 'compute') return { ...IDLE, stop: startComputeAgent(context) };
  const service = OPENSTACK_SERVICES.find((each) => each === application);
  if (service === undefined || !API_COMPONENTS.includes(component)) return IDLE;
  return {
    stop: replicas.serve(service, metadata.name, openStackReplica(service, context)),
    // As its /healthcheck answers.
    ready: () =>
      context.database.get('openstack/health').then(
        () => true,
        () => false,
      ),
  };
}

/** The containerd of a node: what it runs goes on when the kubelet is stopped, and nothing new starts while it is stopped itself. */
export function podRunner(
  replicas: Replicas,
  databases: Databases,
  isRunning: (unit: Unit) => boolean,
): PodRunner {
  const programs = new Map<string, PodProgram>();
  const stop = ({ metadata }: KubeObject): void => {
    programs.get(metadata.uid)?.stop();
    programs.delete(metadata.uid);
  };
  return {
    start(pod) {
      if (!isRunning('containerd')) throw new Error('The container runtime does not answer.');
      stop(pod);
      programs.set(pod.metadata.uid, startPodProgram(pod, replicas, databases));
    },
    stop,
    ready({ metadata: { uid, labels } }) {
      const unit = labels?.['tier'] === 'control-plane' ? labels['component'] : undefined;
      return unit === undefined ? (programs.get(uid)?.ready() ?? false) : isRunning(unit as Unit);
    },
    running: ({ metadata }) => programs.has(metadata.uid),
  };
}
