import type { Service, System, Timer, Topology, Unknown } from '../model/topology.ts';
import type { ClusterObjects } from './cluster-objects.ts';
import { describeHolders } from './describe-holders.ts';
import { describeLiveNodes, describeNodes } from './describe-nodes.ts';
import { describeUnits } from './describe-units.ts';
import { etcdServers } from './etcd-servers.ts';
import { describeWorkloads, type Described } from './describe-workloads.ts';
import { DISTRIBUTIONS } from './distributions/distribution-registry.ts';
import type { Distribution } from './distributions/distribution.ts';
import { byText } from './object-fields.ts';
import { readTimers } from './read-timers.ts';

/** What the Kubernetes side of a topology amounts to. */
export interface ClusterDescription {
  readonly systems: readonly System[];
  readonly nodes: Topology['nodes'];
  readonly services: readonly Service[];
  readonly timers: readonly Timer[];
  readonly unknownTimers: readonly Unknown[];
  readonly blindness: readonly Unknown[];
  readonly live: Topology['live'];
}

/** What is known of an OpenStack from its own API; absent where there is none. */
export interface CloudFacts {
  readonly identity: string;
}

/** Pure, and the same for the same objects in any order. */
export function describeCluster(
  objects: ClusterObjects,
  apiUrl: string,
  cloud?: CloudFacts,
): ClusterDescription {
  const recognised = recognise(objects);
  const systems = describeSystems(objects, recognised, cloud);
  const described = join(describeWorkloads(objects, recognised), describeUnits(objects));
  return {
    systems,
    nodes: describeNodes(objects, systems),
    services: described.services,
    ...readTimers(objects, described),
    blindness: [...objects.blind, ...unseenMembers(objects, described)],
    live: {
      nodes: describeLiveNodes(objects),
      members: described.members,
      ...describeHolders(objects, apiUrl),
    },
  };
}

/** A control plane without its store in sight: nothing can be proved about a majority that nobody sees. */
function unseenMembers(objects: ClusterObjects, { services }: Described): readonly Unknown[] {
  if (services.some(({ roles }) => roles.includes('etcd'))) return [];
  const where = etcdServers(objects);
  const reason =
    where.length === 0
      ? 'Neither the members of etcd nor the flags of an API server are among what the cluster shows.'
      : `The API servers keep their objects in ${where.join(', ')}, and nothing in the cluster says which nodes that is.`;
  return [
    {
      what: 'etcd',
      reason,
      remedy: 'Protect the nodes that etcd runs on by `limits.protectedNodes` of the plan.',
    },
  ];
}

/** The first distribution of each kind that fits. */
function recognise(objects: ClusterObjects): readonly Distribution[] {
  const fitting = DISTRIBUTIONS.filter((distribution) => distribution.recognises(objects));
  return fitting.filter((each, index) => fitting.findIndex(({ kind }) => kind === each.kind) === index);
}

function describeSystems(
  objects: ClusterObjects,
  recognised: readonly Distribution[],
  cloud: CloudFacts | undefined,
): readonly System[] {
  const uid = objects.namespaces.find(({ metadata }) => metadata.name === 'kube-system')?.metadata.uid ?? '';
  const systems = recognised.map((distribution): System => {
    const { kind, name } = distribution;
    const version = distribution.version?.(objects) ?? (kind === 'kubernetes' ? objects.version : 'unknown');
    // Without an API of its own, a cloud in a cluster is known by the cluster that it is in.
    return {
      name: kind,
      kind,
      distribution: name,
      version,
      identity: kind === 'openstack' ? (cloud?.identity ?? uid) : uid,
    };
  });
  const hasCloud = systems.some((system) => system.kind === 'openstack');
  return [...systems, ...(cloud !== undefined && !hasCloud ? [cloudElsewhere(cloud)] : [])].sort((a, b) =>
    byText(a.name, b.name),
  );
}

/** An OpenStack that does not run in this cluster: what runs it cannot be seen from its API. */
export const cloudElsewhere = ({ identity }: CloudFacts): System => ({
  name: 'openstack',
  kind: 'openstack',
  distribution: 'unknown',
  version: 'unknown',
  identity,
});

function join(a: Described, b: Described): Described {
  return {
    services: [...a.services, ...b.services].sort((x, y) => byText(x.id, y.id) || byText(x.kind, y.kind)),
    members: [...a.members, ...b.members].sort(
      (x, y) => byText(x.service, y.service) || x.rank - y.rank || byText(x.name, y.name),
    ),
  };
}
