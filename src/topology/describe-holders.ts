import type { LiveState, Unknown } from '../model/topology.ts';
import { ADDRESS, ADDRESS_LEASES, apiHosts, holderInApi, nodeOfHolder } from './api-address.ts';
import type { CarriedAddresses, ClusterObjects } from './cluster-objects.ts';
import { byText, textAt } from './object-fields.ts';

export type Holders = Required<Pick<LiveState, 'holders' | 'unknownHolders'>>;

/** Who holds what: leaders by the leases of `kube-system`, and the address of the API by lease, by node, or by asking nodes. */
export function describeHolders(objects: ClusterObjects, apiUrl: string): Holders {
  const nodes = objects.nodes.map(({ metadata }) => metadata.name);
  const holders = new Map<string, string>();
  for (const lease of objects.leases) {
    const node = nodeOfHolder(textAt(lease, 'spec', 'holderIdentity') ?? '', nodes);
    const { name } = lease.metadata;
    if (node !== undefined && !ADDRESS_LEASES.includes(name)) holders.set(name, node);
  }
  const address = findAddressHolder(objects, apiHosts(apiUrl, objects.files));
  if (typeof address === 'string') holders.set(ADDRESS, address);
  const blind = objects.blind.filter(({ what }) => what === 'leases');
  return {
    holders: [...holders].map(([what, node]) => ({ what, node })).sort((a, b) => byText(a.what, b.what)),
    unknownHolders: [
      ...blind.map((each): Unknown => ({ ...each, what: 'leaders' })),
      ...(typeof address === 'string' ? [] : [{ what: ADDRESS, ...address }]),
    ],
  };
}

type Why = Pick<Unknown, 'reason' | 'remedy'>;

/** The node's name, or why it is not known. */
function findAddressHolder(objects: ClusterObjects, hosts: readonly string[]): string | Why {
  const told = holderInApi(objects, hosts);
  if (told !== undefined) return told;
  if (hosts.length === 0) {
    return {
      reason:
        'The API is reached through this machine itself, so the address that other users reach it by is not known.',
      remedy: 'Use a kubeconfig whose server is the address that users reach.',
    };
  }
  const address = hosts.join(' or ');
  const { carried } = objects;
  if (carried === undefined) {
    return {
      reason: `No lease and no node names ${address} as its own, and this lab cannot ask the nodes which of them carries it.`,
      remedy:
        'Give the lab a way onto its nodes (see docs/existing-clusters.md), or choose a node by name or role in the plan.',
    };
  }
  return byCarriers(carried, hosts, address);
}

function byCarriers(
  carried: readonly CarriedAddresses[],
  hosts: readonly string[],
  address: string,
): string | Why {
  const carriers = carried.filter(
    (each) => 'addresses' in each && each.addresses.some((one) => hosts.includes(one.toLowerCase())),
  );
  const [only, ...others] = carriers.map(({ node }) => node);
  if (only !== undefined && others.length === 0) return only;
  if (only !== undefined)
    return { reason: `${[only, ...others].join(' and ')} carry ${address} at the same time.` };
  const silent = carried.flatMap((each) =>
    'reason' in each ? [`${each.node} could not be asked: ${each.reason}`] : [],
  );
  return {
    reason: `No control node that was asked carries ${address}.${silent.length === 0 ? '' : ` ${silent.join(' ')}`}`,
  };
}
