import type { BoundTarget, TargetIdentity } from '../model/schedule.ts';
import type { OwnPath, Topology } from '../model/topology.ts';
import { placesOf, type Losses, type TargetGroup } from './count-losses.ts';
import { refuses, type ReasoningLine } from './reasoning.ts';

/** What Squall stands on, or sees and heals through, must not go: nobody would be left to heal. */
export function keepOwnPath(
  groups: readonly TargetGroup[],
  all: Losses,
  before: Losses,
  topology: Topology,
): readonly ReasoningLine[] {
  const targets = groups.flatMap((group) => group.targets);
  return (topology.live.ownPath ?? []).flatMap((path) => {
    const why = losesPath(path, targets, all, before, topology);
    return why === undefined
      ? []
      : [refuses('own-path', `${why}, and ${path.says}, so nobody would be left to heal.`, path.node)];
  });
}

function losesPath(
  path: OwnPath,
  targets: readonly (TargetIdentity | BoundTarget)[],
  all: Losses,
  before: Losses,
  topology: Topology,
): string | undefined {
  const gone = [...all.nodes.keys()].filter((node) => !before.nodes.has(node));
  if (gone.includes(path.node)) return `node ${path.node} would be lost`;
  if (path.node === '' && gone.length > 0)
    return `${gone.join(', ')} would be lost, which may be the node that it is on`;
  const { pod } = path;
  const isPod = (target: TargetIdentity | BoundTarget): boolean =>
    pod !== undefined &&
    'name' in target &&
    target.subject === 'pod' &&
    target.name === pod.name &&
    target.namespace === pod.namespace;
  if (targets.some(isPod)) return `the pod ${pod?.namespace}/${pod?.name} would be hurt`;
  const service = topology.services.find(({ id }) => id === path.service);
  if (service === undefined) return undefined;
  const lost = all.members.get(service.id);
  const earlier = before.members.get(service.id);
  const here = placesOf(service, topology).some(
    ({ node, rank }) => node === path.node && lost?.has(rank) === true && earlier?.has(rank) !== true,
  );
  return here ? `${service.workload} on ${path.node} would be lost` : undefined;
}
