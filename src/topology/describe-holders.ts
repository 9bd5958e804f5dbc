import type { LiveState } from '../model/topology.ts';
import type { ClusterObjects } from './cluster-objects.ts';
import { byText, listAt, textAt } from './object-fields.ts';

/** The lease that stands for the API address, by the names that address holders use; kube-vip's is the second. */
const ADDRESS_LEASES: readonly string[] = ['api-address', 'plndr-cp-lock'];
const ADDRESS = 'api-address';

/**
 * Who holds what, by the leases of `kube-system`. Without a lease for the API address, the node that has the address of the
 * API as its own holds it: so it is where there is one control node.
 */
export function describeHolders(objects: ClusterObjects, apiUrl: string): LiveState['holders'] {
  const nodes = objects.nodes.map(({ metadata }) => metadata.name);
  const holders = new Map<string, string>();
  for (const lease of objects.leases) {
    const node = nodeOfHolder(textAt(lease, 'spec', 'holderIdentity') ?? '', nodes);
    const { name } = lease.metadata;
    if (node !== undefined) holders.set(ADDRESS_LEASES.includes(name) ? ADDRESS : name, node);
  }
  if (!holders.has(ADDRESS)) {
    const host = URL.canParse(apiUrl) ? new URL(apiUrl).hostname.replace(/^\[|\]$/g, '') : '';
    const owner = objects.nodes.find((node) => addressesOf(node).includes(host));
    if (owner !== undefined) holders.set(ADDRESS, owner.metadata.name);
  }
  return [...holders].map(([what, node]) => ({ what, node })).sort((a, b) => byText(a.what, b.what));
}

/** Controllers hold leases as `<node>_<uuid>`, others as the node's name alone. */
function nodeOfHolder(identity: string, nodes: readonly string[]): string | undefined {
  const name = identity.split('_')[0] ?? '';
  return nodes.find((node) => node === identity || node === name);
}

const addressesOf = (node: unknown): readonly (string | undefined)[] =>
  listAt(node, 'status', 'addresses').map((each) => textAt(each, 'address'));
