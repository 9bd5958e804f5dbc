import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HarnessError } from '../../src/model/errors.ts';
import { seededRandom } from '../../src/model/seeded-random.ts';
import type { KubernetesApi, KubernetesObject } from '../../src/ports/kubernetes.ts';
import type { Inspect, Lab } from '../../src/ports/lab.ts';
import type { CatalogueService, OpenStackApi } from '../../src/ports/openstack.ts';
import type { DiscoveryTools } from '../../src/topology/index.ts';

/** What a cluster answered, by path: the recording that discovery is held against. */
export interface Recording {
  version: string;
  server: string;
  lists: Record<string, KubernetesObject[]>;
  objects: Record<string, KubernetesObject>;
  units: Record<string, string[]>;
  catalogue: CatalogueService[] | null;
  /** What nodes say when they are asked; absent where the lab cannot ask. */
  inspect?: Record<string, NodeFacts>;
  /** What single requests beyond list and get are answered with, by path; all others are refused with 403. */
  answers?: Record<string, unknown>;
}

export interface NodeFacts {
  readonly addresses: readonly string[];
  readonly files: Readonly<Record<string, string>>;
}

export const RECORDINGS = ['kubeadm-openstack-helm', 'kind', 'minikube'] as const;

/** A fresh copy, so that a test may change it. */
export const readRecording = (name: (typeof RECORDINGS)[number]): Recording =>
  JSON.parse(readFileSync(join('test', 'topology', 'recorded', `${name}.json`), 'utf8')) as Recording;

/** The same recording with every list in another order. */
export function shuffled(recording: Recording, seed: string): Recording {
  const random = seededRandom(seed);
  const mix = <T>(list: readonly T[]): T[] => [...random.pick(list, list.length)];
  return {
    ...recording,
    lists: Object.fromEntries(Object.entries(recording.lists).map(([path, list]) => [path, mix(list)])),
    units: Object.fromEntries(
      mix(Object.entries(recording.units)).map(([node, units]) => [node, mix(units)]),
    ),
    catalogue:
      recording.catalogue &&
      mix(recording.catalogue).map((service) => ({ ...service, endpoints: mix(service.endpoints) })),
  };
}

const refuse = (status: number, path: string): never => {
  throw new HarnessError(status === 403 ? 'SQ_AUTH' : 'SQ_BAD_ANSWER', `${status} about ${path}.`, {
    facts: { status },
  });
};

export function kubernetesOf(recording: Recording, forbidden: readonly string[] = []): KubernetesApi {
  const never = (): never => {
    throw new Error('discovery only asks');
  };
  return {
    name: 'kubernetes',
    request: (request) => {
      const at = { clock: 'recorded', ns: 0 };
      const answer = forbidden.includes(request.path) ? undefined : recording.answers?.[request.path];
      const body = request.path === '/version' ? { gitVersion: recording.version } : answer;
      return Promise.resolve({
        status: body === undefined ? 403 : 200,
        headers: {},
        body: body as never,
        sent: at,
        received: at,
        url: request.path,
      });
    },
    list: async (collection) => {
      await Promise.resolve();
      if (forbidden.includes(collection)) return refuse(403, collection);
      return recording.lists[collection] ?? refuse(404, collection);
    },
    get: async (path) => {
      await Promise.resolve();
      return forbidden.includes(path) ? refuse(403, path) : recording.objects[path];
    },
    create: never,
    patch: never,
    delete: never,
    watch: never,
    access: () =>
      Promise.resolve({ url: recording.server, headers: {}, ca: 'PEM of the cluster', verify: true }),
  };
}

/** A node that is not in the recording cannot be asked. */
function inspectOf(nodes: Readonly<Record<string, NodeFacts>>): Inspect {
  const ask = async (node: string): Promise<NodeFacts> => {
    await Promise.resolve();
    const facts = nodes[node];
    if (facts === undefined) throw new Error(`${node} does not answer`);
    return facts;
  };
  return {
    addresses: async (node) => (await ask(node)).addresses,
    file: async (node, path) => (await ask(node)).files[path],
  };
}

export function toolsOf(recording: Recording): DiscoveryTools {
  const hasUnits = Object.keys(recording.units).length > 0;
  const unused = (): never => {
    throw new Error('discovery only asks');
  };
  const lab: Lab = {
    name: 'recorded',
    owned: false,
    disclosures: ['it is a recording'],
    up: unused,
    down: unused,
    status: unused,
    connection: unused,
    abilities: {
      ...(hasUnits
        ? {
            units: {
              list: (node) =>
                Promise.resolve((recording.units[node] ?? []).map((unit) => ({ unit, running: true }))),
              stop: unused,
              start: unused,
              look: unused,
            },
          }
        : {}),
      ...(recording.inspect === undefined ? {} : { inspect: inspectOf(recording.inspect) }),
    },
    missing: () => Promise.resolve([{ ability: 'power', reason: 'recorded', remedy: 'none' }]),
  };
  const { catalogue } = recording;
  const openstack = {
    cloud: 'recorded',
    identity: () => Promise.resolve('http://10.20.0.100:5000'),
    catalogue: () => Promise.resolve(catalogue ?? []),
    access: () => Promise.resolve({ url: '', headers: {}, verify: true }),
  } as unknown as OpenStackApi;
  return {
    lab,
    connection: { kubeconfig: 'config' },
    kubernetes: kubernetesOf(recording),
    ...(catalogue === null ? {} : { openstack }),
  };
}
