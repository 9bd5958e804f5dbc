import type { Topology } from '../model/topology.ts';
import type { Losses } from './count-losses.ts';
import { refuses, type ReasoningLine } from './reasoning.ts';

/** Where the members of etcd are not known, each node that may carry one of them might be the one too many. */
export function refuseUnseen(byUs: Losses, topology: Topology): readonly ReasoningLine[] {
  const blind = topology.blindness?.find(({ what }) => what === 'etcd');
  if (blind === undefined) return [];
  return topology.nodes
    .filter(({ name, roles }) => roles.includes('control') && byUs.nodes.has(name))
    .map(({ name }) =>
      refuses(
        'unseen-members',
        `${name} may carry a member of etcd, which cannot be seen: ${blind.reason}`,
        name,
      ),
    );
}
