import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { openStackReplica, startComputeAgent } from '../openstack/index.ts';
import { OPENSTACK_SERVICES } from '../replica.ts';
import type { OpenStackService, ReplicaContext, ReplicaListener } from '../replica.ts';
import type { WireStream } from '../links/wire-stream.ts';
import type { Front } from '../lab-layout.ts';
import type { Host } from './host.ts';

/** What runs in a pod of the model. Most pods do nothing but be there. */
export interface PodProgram {
  stop(): void;
  ready(): Promise<boolean>;
}

/** What of a pod decides what runs in it. */
export interface PodToRun {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface PodSurroundings {
  readonly host: Host;
  readonly replicas: Replicas;
  readonly contextOf: (pod: string) => ReplicaContext;
  /** Runs the database's member on this node until it is stopped. */
  readonly startDatabase: () => { stop(): void; ready(): boolean };
}

/** HTTP servers of this node behind each front, asked in turn. */
export class Replicas {
  readonly #servers = new Map<Front, Map<string, Server>>();
  readonly #turns = new Map<Front, number>();
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  /** @returns how to end it: its connections are reset and new ones refused */
  serve(front: Front, replica: string, listener: ReplicaListener): () => void {
    const server = createServer({ keepAliveTimeout: 75_000 }, listener);
    const here = this.#servers.get(front) ?? new Map<string, Server>();
    this.#servers.set(front, here);
    here.set(replica, server);
    const { truth, self } = this.#host;
    truth({ kind: 'replica', node: self, front, replica, up: true });
    return () => {
      here.delete(replica);
      truth({ kind: 'replica', node: self, front, replica, up: false });
      server.closeAllConnections();
      server.close();
    };
  }

  /** False when none is there, so that the connection is refused. */
  take(front: Front, stream: WireStream): boolean {
    const servers = [...(this.#servers.get(front)?.values() ?? [])];
    const turn = this.#turns.get(front) ?? 0;
    this.#turns.set(front, turn + 1);
    const server = servers[turn % servers.length];
    if (server === undefined) return false;
    server.emit('connection', stream);
    return true;
  }
}

const OPENSTACK_APIS: Readonly<Record<string, readonly string[]>> = {
  keystone: ['api'],
  glance: ['api'],
  nova: ['os-api'],
  neutron: ['server'],
  cinder: ['api'],
  placement: ['api'],
};

function apiOf({
  application = '',
  component = '',
}: Readonly<Record<string, string>>): OpenStackService | undefined {
  if (OPENSTACK_APIS[application]?.includes(component) !== true) return undefined;
  return OPENSTACK_SERVICES.find((service) => service === application);
}

const IDLE: PodProgram = { stop: () => undefined, ready: () => Promise.resolve(true) };

/** Starts what runs in that pod. */
export function startPodProgram(
  pod: PodToRun,
  { host, replicas, contextOf, startDatabase }: PodSurroundings,
): PodProgram {
  const { application, component } = pod.labels;
  if (application === 'mariadb' && component === 'server') {
    const member = startDatabase();
    return { stop: () => member.stop(), ready: () => Promise.resolve(member.ready()) };
  }
  if (application === 'nova' && component === 'compute')
    return { ...IDLE, stop: startComputeAgent(contextOf(pod.name)) };
  const service = apiOf(pod.labels);
  if (service === undefined) return IDLE;
  const context = contextOf(pod.name);
  const stop = replicas.serve(service, pod.name, openStackReplica(service, context));
  const { time } = host;
  return {
    stop,
    // As its /healthcheck answers, within the second that a readiness probe waits.
    ready: () =>
      new Promise((resolve) => {
        time.after(1000, () => resolve(false));
        context.database.get('openstack/health').then(
          () => resolve(true),
          () => resolve(false),
        );
      }),
  };
}
