import type { Endpoint, Service, Topology } from '../model/topology.ts';
import type { KubernetesApi } from '../ports/kubernetes.ts';
import { abilitiesOf, type Lab, type LabConnection } from '../ports/lab.ts';
import type { OpenStackApi } from '../ports/openstack.ts';
import { collectCluster } from './collect-cluster.ts';
import { kubernetesEndpoint, openstackEndpoints } from './collect-endpoints.ts';
import { cloudElsewhere, describeCluster, type ClusterDescription } from './describe-cluster.ts';
import { findOwnPath, type OwnPlace } from './own-path.ts';

export interface DiscoveryTools {
  readonly lab: Lab;
  readonly connection: LabConnection;
  readonly kubernetes?: KubernetesApi;
  readonly openstack?: OpenStackApi;
  /** Where this process runs. Absent: what Squall itself stands on is not looked for. */
  readonly place?: OwnPlace | undefined;
}

/**
 * What runs where, as found. Asks and never changes anything; the same objects give the same topology in whatever order they
 * come.
 * @throws SQ_AUTH, SQ_UNREACHABLE, SQ_BAD_ANSWER of a system that could not be asked; SQ_LAB of the lab.
 */
export async function discover(tools: DiscoveryTools, signal: AbortSignal): Promise<Topology> {
  const { lab, connection, openstack } = tools;
  signal.throwIfAborted();
  const cloud = openstack === undefined ? undefined : { identity: await openstack.identity() };
  const cluster = await findCluster(tools, cloud, signal);
  const { services } = cluster.description;
  const clouds = openstack === undefined ? [] : await openstackEndpoints(openstack, services, signal);
  signal.throwIfAborted();
  return {
    schemaVersion: 1,
    lab: lab.name,
    owned: lab.owned,
    ...cluster.description,
    endpoints: [...cluster.endpoints, ...clouds],
    abilities: abilitiesOf(lab, connection),
    missingAbilities: await lab.missing(),
    disclosures: lab.disclosures,
  };
}

interface Found {
  readonly description: ClusterDescription;
  readonly endpoints: readonly Endpoint[];
}

async function findCluster(
  { lab, kubernetes, place }: DiscoveryTools,
  cloud: { readonly identity: string } | undefined,
  signal: AbortSignal,
): Promise<Found> {
  if (kubernetes === undefined) {
    const services: readonly Service[] = [];
    const systems = cloud === undefined ? [] : [cloudElsewhere(cloud)];
    return {
      description: {
        systems,
        nodes: [],
        services,
        timers: [],
        unknownTimers: [],
        blindness: [],
        live: { nodes: [], members: [], holders: [] },
      },
      endpoints: [],
    };
  }
  const access = await kubernetes.access();
  const objects = await collectCluster(kubernetes, lab.abilities, access.url, signal);
  const described = describeCluster(objects, access.url, cloud);
  const { nodes, services, live } = described;
  const ownPath =
    place === undefined
      ? []
      : findOwnPath(place, access.url, {
          ...objects,
          nodes,
          services,
          ...(lab.abilities.throughApi === true ? { holders: live.holders } : {}),
        });
  const description = ownPath.length === 0 ? described : { ...described, live: { ...live, ownPath } };
  return { description, endpoints: [kubernetesEndpoint(access, description.services)] };
}
