import { OWNER_KEY } from '../model/own-marks.ts';
import type { ProbeSpec } from '../model/plan.ts';
import { CloudMaker, stemOf, type Made } from './cloud-maker.ts';
import type { CloudMeans } from './cloud-means.ts';
import { numberParameter, type GroundTools } from './probes/probe.ts';
import { scalarText } from '../model/scalar-text.ts';

/** Of a network that nobody else is on, so any will do; not one that the networks under a cloud often have. */
const CIDR = '10.231.77.0/24';

/** A port into which a server can be plugged, and where it is reached then. */
export interface CloudPort {
  readonly id: string;
  /** Absent: it is not reached from here. */
  readonly address?: string;
}

/**
 * Ports for so many servers: on a network of their own behind a router of their own, with a floating address each; on the network
 * that this host reaches; or, where nobody asks them, on a network of their own. What is there already is taken as it is.
 */
export async function layPorts(
  spec: ProbeSpec,
  means: CloudMeans,
  names: readonly string[],
  tools: GroundTools,
  signal: AbortSignal,
): Promise<readonly CloudPort[]> {
  const maker = new CloudMaker(spec, tools, signal);
  const stem = stemOf(spec, tools.run);
  const group = means.groups && means.way.kind !== 'closed' ? await openGroup(spec, stem, maker) : undefined;
  const network = means.way.kind === 'direct' ? means.way.network : await ownNetwork(stem, means, maker);
  const ports: CloudPort[] = [];
  for (const name of names) {
    const port = await maker.make({
      type: 'network',
      path: '/ports',
      key: 'port',
      name,
      body: { network_id: network, ...(group === undefined ? {} : { security_groups: [group] }) },
    });
    const address = await addressOf(port, name, means, maker);
    ports.push({ id: port.id, ...(address === undefined ? {} : { address }) });
  }
  return ports;
}

/** The order for a server in that port. */
export const serverOrder = (
  name: string,
  { image, flavor }: CloudMeans,
  port: CloudPort,
  run: string,
): object => ({
  server: {
    name,
    imageRef: image,
    flavorRef: flavor,
    networks: [{ port: port.id }],
    metadata: { [OWNER_KEY]: run },
  },
});

async function openGroup(spec: ProbeSpec, stem: string, maker: CloudMaker): Promise<string> {
  const order = { type: 'network', path: '/security-groups', key: 'security_group' } as const;
  const { id } = await maker.make({ ...order, name: `${stem}-group`, body: {} });
  const port = numberParameter(spec, 'port', 80);
  const inward = { security_group_id: id, direction: 'ingress', ethertype: 'IPv4' };
  for (const rule of [
    { ...inward, protocol: 'tcp', port_range_min: port, port_range_max: port },
    { ...inward, protocol: 'icmp' },
  ])
    // An earlier process of this run may have made it.
    await maker.call('network', 'POST', '/security-group-rules', { security_group_rule: rule }, [409]);
  return id;
}

async function ownNetwork(stem: string, { way }: CloudMeans, maker: CloudMaker): Promise<string> {
  const own = { type: 'network', path: '/networks', key: 'network' } as const;
  const network = await maker.make({ ...own, name: `${stem}-net`, body: {} });
  const inside = { network_id: network.id, ip_version: 4, cidr: CIDR };
  const subnet = await maker.make({
    ...own,
    path: '/subnets',
    key: 'subnet',
    name: `${stem}-subnet`,
    body: inside,
  });
  if (way.kind !== 'routed') return network.id;
  const router = await maker.make({
    ...own,
    path: '/routers',
    key: 'router',
    name: `${stem}-router`,
    body: { external_gateway_info: { network_id: way.network } },
  });
  const plugged = `/ports?network_id=${network.id}&device_id=${router.id}`;
  if ((await maker.cloud.listAll('network', plugged, 'ports')).length === 0)
    await maker.call('network', 'PUT', `/routers/${router.id}/add_router_interface`, {
      subnet_id: subnet.id,
    });
  return network.id;
}

async function addressOf(
  port: Made,
  name: string,
  { way }: CloudMeans,
  maker: CloudMaker,
): Promise<string | undefined> {
  if (way.kind === 'closed') return undefined;
  if (way.kind === 'direct') {
    const [fixed] = port['fixed_ips'] as readonly { readonly ip_address?: string }[];
    return fixed?.ip_address;
  }
  const floating = await maker.make({
    type: 'network',
    path: '/floatingips',
    key: 'floatingip',
    name,
    nameless: true,
    body: { floating_network_id: way.network, port_id: port.id },
  });
  return scalarText(floating['floating_ip_address']);
}
