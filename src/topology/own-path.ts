import type { OwnPath, Service, TopologyNode } from '../model/topology.ts';
import type { KubernetesObject } from '../ports/kubernetes.ts';
import { ADDRESS, ADDRESS_LEASES, apiHosts } from './api-address.ts';
import { textAt } from './object-fields.ts';

/** Where this process runs, as far as it can tell; to be compared with what a system says of its nodes and pods. */
export interface OwnPlace {
  readonly host: string;
  /** Of this machine's interfaces. */
  readonly addresses: readonly string[];
  /** In a pod: which one. */
  readonly pod?: { readonly namespace: string; readonly name: string };
  /** In a pod: the node, where the pod was told it. */
  readonly node?: string;
}

interface Around {
  readonly nodes: readonly TopologyNode[];
  readonly services: readonly Service[];
  readonly pods: readonly KubernetesObject[];
  readonly leases: readonly KubernetesObject[];
  /** Who holds what now, where nodes are reached through the API alone; absent where there is another way to them. */
  readonly holders?: readonly { readonly what: string; readonly node: string }[];
}

/**
 * The node that Squall runs on, and the node that it reaches the API through when that is no address that moves. Pure. Loopback
 * addresses tell nothing: every machine has them.
 */
export function findOwnPath(place: OwnPlace, apiUrl: string, around: Around): readonly OwnPath[] {
  return [...runsOn(place, around), ...asksThrough(apiUrl, around), ...actsThrough(around)];
}

/** A pod of which nobody knows the node is on an empty one: it might be any. */
function runsOn(place: OwnPlace, { nodes, pods }: Around): readonly OwnPath[] {
  const { pod } = place;
  if (pod !== undefined) {
    const found = pods.find(
      ({ metadata }) => metadata.name === pod.name && metadata.namespace === pod.namespace,
    );
    const node = place.node ?? textAt(found, 'spec', 'nodeName');
    return [
      {
        node: node ?? '',
        pod,
        says: `Squall runs in the pod ${pod.namespace}/${pod.name}${node === undefined ? '' : ` on ${node}`}`,
      },
    ];
  }
  const own = new Set(place.addresses.filter((address) => !isLoopback(address)).map(lower));
  return nodes
    .filter(
      ({ name, addresses }) =>
        sameHost(name, place.host) || addresses.some((address) => own.has(lower(address))),
    )
    .map(({ name }) => ({ node: name, says: `Squall runs on ${name}` }));
}

/** An address that moves is lost for a moment to us, and for most of a minute to kubelets that spoke to it where it was. */
const actsThrough = ({ holders = [], services }: Around): readonly OwnPath[] => {
  const keeper = services.find(({ unit }) => unit === 'keepalived');
  return holders
    .filter(({ what }) => what === ADDRESS)
    .map(({ node }) => ({
      node,
      ...(keeper === undefined ? {} : { service: keeper.id }),
      says: `Squall reaches the nodes through the API, whose address ${node} holds`,
    }));
};

/** An address of the API that is a node's own does not move away from that node when it goes. */
function asksThrough(apiUrl: string, { nodes, services, leases }: Around): readonly OwnPath[] {
  if (leases.some(({ metadata }) => ADDRESS_LEASES.includes(metadata.name))) return [];
  const hosts = apiHosts(apiUrl, []);
  const server = services.find(({ service, workload }) => [service, workload].includes('kube-apiserver'));
  return nodes
    .filter(
      ({ name, addresses }) =>
        hosts.includes(lower(name)) || addresses.some((address) => hosts.includes(lower(address))),
    )
    .map(({ name }) => ({
      node: name,
      ...(server === undefined ? {} : { service: server.id }),
      says: `Squall reaches the API through ${name} alone`,
    }));
}

const lower = (text: string): string => text.toLowerCase();

const isLoopback = (address: string): boolean => address === '::1' || address.startsWith('127.');

/** A node is often called by the first part of its machine's name. */
const sameHost = (node: string, host: string): boolean =>
  host !== '' && (lower(node) === lower(host) || lower(node) === lower(host).split('.')[0]);
