import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What all processes of one rehearsal must agree on, and where each thing lies in its folder:
 *
 * - `lab.json`: this shape, written once by `up`; `ports.json`: the ports that the address process listens on
 * - `processes/<name>.json`: pid of each process; `logs/<name>.log`
 * - `nodes/<name>/`: what that machine has on its disk, its `wire` port and its `control` port
 * - `links/<id>.json`: rules of links, with the instant at which each ends
 * - `truth/<writer>.ndjson`: when what stopped and resumed answering
 * - `kubeconfig`, `clouds.yaml`
 */
export interface LabLayout {
  readonly id: string;
  readonly folder: string;
  /** Asked for on the control ports. */
  readonly controlToken: string;
  readonly adminToken: string;
  readonly readerToken: string;
  readonly adminPassword: string;
  readonly demoPassword: string;
}

export const CONTROL_NODES = ['control-1', 'control-2', 'control-3'] as const;
export const NODES: readonly string[] = [...CONTROL_NODES, 'compute-1', 'compute-2'];
/** The process that stands for the switch and the address (VIP) in front of the control nodes. */
export const ADDRESS = 'address';
/** Every process, in the order that decides who dials whom: the earlier dials the later. */
export const PROCESSES: readonly string[] = [ADDRESS, ...NODES];

/** What is reached through the address, with the port number that it has on a real cloud. */
export const FRONTS = {
  kubernetes: 6443,
  keystone: 5000,
  nova: 8774,
  neutron: 9696,
  glance: 9292,
  cinder: 8776,
  placement: 8778,
} as const;

export type Front = keyof typeof FRONTS;

export const FRONT_NAMES = Object.keys(FRONTS) as readonly Front[];

/** Units of a node, with the port number that each has on a real node; a compute node has the first two. */
export const UNIT_PORTS = {
  kubelet: 10_250,
  containerd: 1338,
  keepalived: 112,
  etcd: 2379,
  'kube-apiserver': 6443,
  'kube-controller-manager': 10_257,
  'kube-scheduler': 10_259,
} as const;

export type Unit = keyof typeof UNIT_PORTS;

/** The groups that store documents, with the port number of the traffic between their members. */
export const STORE_PORTS = { etcd: 2380, mariadb: 4567 } as const;

export type StoreGroup = keyof typeof STORE_PORTS;

export const isControlNode = (node: string): boolean => node.startsWith('control-');

export const unitsOf = (node: string): readonly Unit[] =>
  (Object.keys(UNIT_PORTS) as Unit[]).slice(0, isControlNode(node) ? undefined : 2);

/** Ports on 127.0.0.1 that the address process holds for the life of the lab; they relay to nodes. */
export interface LabPorts {
  readonly fronts: Readonly<Record<Front, number>>;
  /** By node: the port that stands for the machine itself. */
  readonly nodes: Readonly<Record<string, number>>;
  /** By `<node>/<unit>`. */
  readonly units: Readonly<Record<string, number>>;
}

export const layoutFile = (folder: string): string => join(folder, 'lab.json');
export const portsFile = (folder: string): string => join(folder, 'ports.json');
export const wireFile = (folder: string, name: string): string => join(folder, 'nodes', name, 'wire');
export const controlFile = (folder: string, name: string): string => join(folder, 'nodes', name, 'control');
export const processFile = (folder: string, name: string): string =>
  join(folder, 'processes', `${name}.json`);

/** undefined when it is not JSON. */
export function parseJson<T>(text: string): T | undefined {
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}

/** undefined when it is not there (yet), or not whole. */
export function readJson<T>(file: string): T | undefined {
  try {
    return parseJson<T>(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Whoever reads it sees the old content or the new one, never half of it. */
export function writeWhole(file: string, content: string, mode = 0o600): void {
  const draft = `${file}.${process.pid}.draft`;
  writeFileSync(draft, content, { mode });
  renameSync(draft, file);
}
