import { HarnessError } from '../../model/errors.ts';
import type { KubernetesApi } from '../../ports/kubernetes.ts';
import type { NodeNetworks } from './link-scripts.ts';

/** What the API says of a node, as far as acts on nodes need it. */
export interface NodeFact extends NodeNetworks {
  /** By which other nodes reach it. */
  readonly address: string;
  /** Its kubelet reports, so that pods can be run there. */
  readonly ready: boolean;
}

interface NodeObject {
  readonly spec?: { readonly podCIDR?: string; readonly podCIDRs?: readonly string[] };
  readonly status?: {
    readonly addresses?: readonly { readonly type: string; readonly address: string }[];
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

export async function readNodes(kubernetes: KubernetesApi): Promise<readonly NodeFact[]> {
  const nodes = await kubernetes.list('/api/v1/nodes');
  return nodes.map((object) => {
    const { spec, status } = object as unknown as NodeObject;
    const addresses = (status?.addresses ?? [])
      .filter(({ type }) => type === 'InternalIP')
      .map((each) => each.address);
    const pods = spec?.podCIDRs ?? (spec?.podCIDR === undefined ? [] : [spec.podCIDR]);
    return {
      name: object.metadata.name,
      networks: [...addresses, ...pods],
      address: addresses[0] ?? '',
      ready: (status?.conditions ?? []).some(({ type, status: is }) => type === 'Ready' && is === 'True'),
    };
  });
}

/** @throws SQ_LAB */
export function nodeNamed(nodes: readonly NodeFact[], name: string): NodeFact {
  const found = nodes.find((node) => node.name === name);
  if (found !== undefined) return found;
  throw new HarnessError('SQ_LAB', `The cluster has no node ${name}.`);
}

/** Nodes from which another can be looked at: two, for one of them may be hurt as well. @throws SQ_LAB when none is ready. */
export function othersOf(nodes: readonly NodeFact[], name: string): readonly NodeFact[] {
  const found = nodes.filter((node) => node.name !== name && node.ready).slice(0, 2);
  if (found.length > 0) return found;
  throw new HarnessError('SQ_LAB', `No other node is ready from which ${name} could be looked at.`);
}
