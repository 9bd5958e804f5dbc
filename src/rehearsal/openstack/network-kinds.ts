import { ApiFault, isAdmin, isRecord, projectOf, textOf, wordsOf } from './call.ts';
import type { Call, Json } from './call.ts';
import {
  createPort,
  ipOfNumber,
  networkTables,
  numberOfIp,
  owned,
  rangeOf,
  removePort,
} from './network-tables.ts';
import type { NetworkRow, NetworkTables, PortRow, SubnetRow } from './network-tables.ts';
import type { Records } from './records.ts';

/** Neutron's default quotas of a project. */
export const QUOTA = {
  network: 100,
  subnet: 100,
  port: 500,
  router: 10,
  security_group: 10,
  security_group_rule: 100,
} as const;

export interface Kind<Row> {
  readonly plural: string;
  readonly quota: keyof typeof QUOTA;
  /** As the error bodies name it: `Network` makes `NetworkNotFound`. */
  readonly title: string;
  readonly table: (tables: NetworkTables) => Records<Row>;
  readonly view: (row: Row, tables: NetworkTables) => Promise<Json> | Json;
  readonly make: (call: Call, given: Json, project: string) => Promise<Row>;
  readonly change: (row: Row, given: Json) => Partial<Row>;
  /** Throws when the row is in use; removes what goes with it. */
  readonly leave: (row: Row, call: Call) => Promise<void>;
  /** Filters by query that the list understands. */
  readonly filters: readonly string[];
}

export const conflict = (type: string, message: string): ApiFault => new ApiFault(409, message, type);
export const invalid = (message: string): ApiFault => new ApiFault(400, message, 'HTTPBadRequest');
export const notFound = (title: string, id: string): ApiFault =>
  new ApiFault(
    404,
    `${title.replace(/(?<=[a-z])[A-Z]/g, (sign) => ` ${sign.toLowerCase()}`)} ${id} could not be found.`,
    `${title}NotFound`,
  );

export const flag = (given: Json, field: string, fallback: boolean): boolean => {
  const value = given[field] ?? fallback;
  if (typeof value !== 'boolean')
    throw invalid(
      `Invalid input for ${field}. Reason: '${wordsOf(value).slice(0, 80)}' cannot be converted to boolean.`,
    );
  return value;
};

async function usable(call: Call, id: string): Promise<NetworkRow> {
  const row = await networkTables(call.context).networks.find(id);
  if (row === undefined || (row.project_id !== projectOf(call) && !row.shared && !isAdmin(call)))
    throw notFound('Network', id);
  return row;
}

export const networks: Kind<NetworkRow> = {
  plural: 'networks',
  quota: 'network',
  title: 'Network',
  table: (tables) => tables.networks,
  view: async (row, tables) => ({
    ...row,
    status: 'ACTIVE',
    subnets: (await tables.subnets.all()).filter((one) => one.network_id === row.id).map((one) => one.id),
    availability_zone_hints: [],
    availability_zones: ['nova'],
    port_security_enabled: true,
    tags: [],
  }),
  make: async (call, given, project) => {
    const named = ['shared', 'router:external'].filter((field) => given[field] === true);
    if (named.length > 0 && !isAdmin(call))
      throw new ApiFault(403, refusal(`create_network:${named[0]}`), 'PolicyNotAuthorized');
    return {
      ...owned(
        call.context,
        project,
        textOf(given, 'name', { fallback: '' }),
        textOf(given, 'description', { fallback: '' }),
      ),
      admin_state_up: flag(given, 'admin_state_up', true),
      shared: flag(given, 'shared', false),
      'router:external': flag(given, 'router:external', false),
      mtu: 1450,
    };
  },
  change: (row, given) => ({ admin_state_up: flag(given, 'admin_state_up', row.admin_state_up) }),
  leave: async (row, { context }) => {
    const tables = networkTables(context);
    const ports = (await tables.ports.all()).filter((one) => one.network_id === row.id).map((one) => one.id);
    const says = `Unable to complete operation on network ${row.id}. There are one or more ports still in use on the network, id for these ports: ${ports.join(',')}.`;
    if (ports.length > 0) throw conflict('NetworkInUse', says);
    for (const subnet of await tables.subnets.all())
      if (subnet.network_id === row.id) await tables.subnets.remove(subnet.id);
  },
  filters: ['id', 'name', 'project_id', 'tenant_id', 'shared', 'router:external', 'admin_state_up'],
};

const poolOf = (cidr: string, gateway: string | null): object[] => {
  const range = rangeOf(cidr) ?? { first: 0, last: 0 };
  const start = gateway === ipOfNumber(range.first + 1) ? range.first + 2 : range.first + 1;
  return [{ start: ipOfNumber(start), end: ipOfNumber(range.last - 1) }];
};

export const subnets: Kind<SubnetRow> = {
  plural: 'subnets',
  quota: 'subnet',
  title: 'Subnet',
  table: (tables) => tables.subnets,
  view: (row) => ({
    ...row,
    allocation_pools: poolOf(row.cidr, row.gateway_ip),
    host_routes: [],
    ipv6_address_mode: null,
    ipv6_ra_mode: null,
    service_types: [],
    subnetpool_id: null,
    tags: [],
  }),
  make: async (call, given, project) => {
    const network = await usable(call, textOf(given, 'network_id', { least: 1 }));
    const cidr = textOf(given, 'cidr', { least: 1 });
    const range = rangeOf(cidr);
    if (range === undefined || range.last - range.first < 3)
      throw invalid(`Invalid input for cidr. Reason: '${cidr.slice(0, 80)}' is not a valid IP subnet.`);
    if (given['ip_version'] !== undefined && given['ip_version'] !== 4)
      throw invalid('Invalid input for ip_version. Reason: only 4 is served here.');
    for (const other of await networkTables(call.context).subnets.all()) {
      const taken = rangeOf(other.cidr);
      if (other.network_id === network.id && taken && taken.first <= range.last && range.first <= taken.last)
        throw new ApiFault(
          400,
          `Invalid input for operation: Requested subnet with cidr: ${cidr} for network: ${network.id} overlaps with another subnet.`,
          'InvalidInput',
        );
    }
    const gateway =
      given['gateway_ip'] === null
        ? null
        : textOf(given, 'gateway_ip', { fallback: ipOfNumber(range.first + 1) });
    if (gateway !== null && numberOfIp(gateway) === undefined)
      throw invalid(
        `Invalid input for gateway_ip. Reason: '${gateway.slice(0, 80)}' is not a valid IP address.`,
      );
    return {
      ...owned(
        call.context,
        project,
        textOf(given, 'name', { fallback: '' }),
        textOf(given, 'description', { fallback: '' }),
      ),
      network_id: network.id,
      cidr,
      ip_version: 4,
      gateway_ip: gateway,
      enable_dhcp: flag(given, 'enable_dhcp', true),
      dns_nameservers: Array.isArray(given['dns_nameservers']) ? given['dns_nameservers'].map(String) : [],
    };
  },
  change: (row, given) => ({ enable_dhcp: flag(given, 'enable_dhcp', row.enable_dhcp) }),
  leave: async (row, { context }) => {
    const ports = (await networkTables(context).ports.all()).filter((one) =>
      one.fixed_ips.some((ip) => ip.subnet_id === row.id),
    );
    const says = `Unable to complete operation on subnet ${row.id}: One or more ports have an IP allocation from this subnet.`;
    if (ports.length > 0) throw conflict('SubnetInUse', says);
  },
  filters: ['id', 'name', 'project_id', 'tenant_id', 'network_id', 'cidr', 'ip_version'],
};

export const ports: Kind<PortRow> = {
  plural: 'ports',
  quota: 'port',
  title: 'Port',
  table: (tables) => tables.ports,
  view: (row) => ({
    ...row,
    status: row.device_id === '' ? 'DOWN' : 'ACTIVE',
    allowed_address_pairs: [],
    extra_dhcp_opts: [],
    'binding:vnic_type': 'normal',
    port_security_enabled: true,
    tags: [],
  }),
  make: async (call, given, project) => {
    const network = await usable(call, textOf(given, 'network_id', { least: 1 }));
    const { fixed_ips: fixed, security_groups: groups } = given;
    return createPort(call.context, project, network.id, {
      name: textOf(given, 'name', { fallback: '' }),
      deviceId: textOf(given, 'device_id', { fallback: '' }),
      deviceOwner: textOf(given, 'device_owner', { fallback: '' }),
      up: flag(given, 'admin_state_up', true),
      ...(Array.isArray(groups) && { groups: groups.map(String) }),
      ...(Array.isArray(fixed) && { fixed: fixed.filter(isRecord) }),
    });
  },
  change: (row, given) => ({
    admin_state_up: flag(given, 'admin_state_up', row.admin_state_up),
    device_id: textOf(given, 'device_id', { fallback: row.device_id }),
  }),
  leave: async (row, { context }) => {
    const says = `Port ${row.id} cannot be deleted directly via the port API: has device owner network:router_interface.`;
    if (row.device_owner === 'network:router_interface') throw conflict('ServicePortInUse', says);
    await removePort(context, row);
  },
  filters: [
    'id',
    'name',
    'project_id',
    'tenant_id',
    'network_id',
    'device_id',
    'device_owner',
    'mac_address',
  ],
};

export function refusal(rule: string): string {
  return `rule:${rule} is disallowed by policy`;
}
