import type { ReplicaContext } from '../replica.ts';
import { ApiFault, stamp, uuid } from './call.ts';
import { recordsOf, seededUuid } from './records.ts';
import type { Records } from './records.ts';

interface Owned {
  readonly id: string;
  readonly name: string;
  readonly project_id: string;
  readonly description: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly revision_number: number;
}

export interface NetworkRow extends Owned {
  readonly admin_state_up: boolean;
  readonly shared: boolean;
  readonly 'router:external': boolean;
  readonly mtu: number;
}

export interface SubnetRow extends Owned {
  readonly network_id: string;
  readonly cidr: string;
  readonly ip_version: 4;
  readonly gateway_ip: string | null;
  readonly enable_dhcp: boolean;
  readonly dns_nameservers: readonly string[];
}

export interface PortRow extends Owned {
  readonly network_id: string;
  readonly mac_address: string;
  readonly fixed_ips: readonly { readonly subnet_id: string; readonly ip_address: string }[];
  readonly device_id: string;
  readonly device_owner: string;
  readonly admin_state_up: boolean;
  readonly security_groups: readonly string[];
}

export interface GroupRow extends Owned {
  readonly stateful: boolean;
}

export interface RuleRow extends Owned {
  readonly security_group_id: string;
  readonly direction: string;
  readonly ethertype: string;
  readonly protocol: string | null;
  readonly port_range_min: number | null;
  readonly port_range_max: number | null;
  readonly remote_ip_prefix: string | null;
  readonly remote_group_id: string | null;
}

export interface RouterRow extends Owned {
  readonly admin_state_up: boolean;
  readonly external_gateway_info: unknown;
}

export interface NetworkTables {
  readonly networks: Records<NetworkRow>;
  readonly subnets: Records<SubnetRow>;
  readonly ports: Records<PortRow>;
  readonly groups: Records<GroupRow>;
  readonly rules: Records<RuleRow>;
  readonly routers: Records<RouterRow>;
  /** Who has an address: `<subnet>/<address>`. */
  readonly addresses: Records<{ port: string }>;
}

export const networkTables = ({ database }: Pick<ReplicaContext, 'database'>): NetworkTables => ({
  networks: recordsOf<NetworkRow>(database, 'neutron/networks'),
  subnets: recordsOf<SubnetRow>(database, 'neutron/subnets'),
  ports: recordsOf<PortRow>(database, 'neutron/ports'),
  groups: recordsOf<GroupRow>(database, 'neutron/groups'),
  rules: recordsOf<RuleRow>(database, 'neutron/rules'),
  routers: recordsOf<RouterRow>(database, 'neutron/routers'),
  addresses: recordsOf<{ port: string }>(database, 'neutron/addresses'),
});

export const owned = (context: ReplicaContext, project: string, name: string, description = ''): Owned => {
  const now = stamp(context.nowMs());
  return {
    id: uuid(context),
    name,
    project_id: project,
    description,
    created_at: now,
    updated_at: now,
    revision_number: 1,
  };
};

export const numberOfIp = (text: string): number | undefined => {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  return parts?.every((part) => part < 256) ? parts.reduce((sum, part) => sum * 256 + part, 0) : undefined;
};

export const ipOfNumber = (value: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');

/** First and last address of an IPv4 network; undefined when the text is not one or has host bits. */
export function rangeOf(cidr: string): { readonly first: number; readonly last: number } | undefined {
  const [address = '', length = ''] = cidr.split('/');
  const first = numberOfIp(address);
  if (first === undefined || !/^([0-9]|[12][0-9]|3[0-2])$/.test(length)) return undefined;
  const size = 2 ** (32 - Number(length));
  return first % size === 0 ? { first, last: first + size - 1 } : undefined;
}

/** Takes a free address of the subnet for the port, or that which was asked for. */
async function takeAddress(
  context: ReplicaContext,
  subnet: SubnetRow,
  port: string,
  asked?: string,
): Promise<string> {
  const { addresses } = networkTables(context);
  const range = rangeOf(subnet.cidr) ?? { first: 0, last: 0 };
  if (asked !== undefined) {
    const number = numberOfIp(asked);
    if (number === undefined || number < range.first || number > range.last)
      throw new ApiFault(
        400,
        `IP address ${asked} is not a valid IP for the specified subnet.`,
        'InvalidIpForSubnet',
      );
    if (await addresses.insert(`${subnet.id}/${asked}`, { port })) return asked;
    throw new ApiFault(
      409,
      `IP address ${asked} already allocated in subnet ${subnet.id}`,
      'IpAddressAlreadyAllocated',
    );
  }
  const taken = new Set(
    (await networkTables(context).ports.all()).flatMap((row) => row.fixed_ips.map((ip) => ip.ip_address)),
  );
  for (let number = range.first + 2; number < range.last; number += 1) {
    const address = ipOfNumber(number);
    if (address === subnet.gateway_ip || taken.has(address)) continue;
    if (await addresses.insert(`${subnet.id}/${address}`, { port })) return address;
  }
  throw new ApiFault(
    409,
    `No more IP addresses available on network ${subnet.network_id}.`,
    'IpAddressGenerationFailure',
  );
}

export interface PortWish {
  readonly name?: string;
  readonly deviceId?: string;
  readonly deviceOwner?: string;
  readonly up?: boolean;
  readonly groups?: readonly string[];
  readonly fixed?: readonly { readonly subnet_id?: string; readonly ip_address?: string }[];
}

/** A port with an address of the network's first subnet, or those that are wished for. */
export async function createPort(
  context: ReplicaContext,
  project: string,
  network: string,
  wish: PortWish,
): Promise<PortRow> {
  const { ports, subnets } = networkTables(context);
  const base = owned(context, project, wish.name ?? '');
  const own = (await subnets.all()).filter((row) => row.network_id === network);
  const wanted = wish.fixed ?? own.slice(0, 1).map((row) => ({ subnet_id: row.id }));
  const fixed: { subnet_id: string; ip_address: string }[] = [];
  for (const one of wanted as NonNullable<PortWish['fixed']>) {
    const subnet = own.find((row) => row.id === (one.subnet_id ?? own[0]?.id));
    if (subnet === undefined)
      throw new ApiFault(
        400,
        `Invalid input for operation: Failed to create port on network ${network}, because fixed_ips included invalid subnet ${one.subnet_id ?? ''}.`,
        'InvalidInput',
      );
    fixed.push({
      subnet_id: subnet.id,
      ip_address: await takeAddress(context, subnet, base.id, one.ip_address),
    });
  }
  const row: PortRow = {
    ...base,
    network_id: network,
    mac_address: `fa:16:3e:${(context.token(6).match(/../g) ?? []).join(':')}`,
    fixed_ips: fixed,
    device_id: wish.deviceId ?? '',
    device_owner: wish.deviceOwner ?? '',
    admin_state_up: wish.up ?? true,
    security_groups: wish.groups ?? [await defaultGroup(context, project)],
  };
  await ports.put(row.id, row);
  return row;
}

export async function removePort(context: ReplicaContext, row: PortRow): Promise<void> {
  const { ports, addresses } = networkTables(context);
  await ports.remove(row.id);
  for (const ip of row.fixed_ips) await addresses.remove(`${ip.subnet_id}/${ip.ip_address}`);
}

/** Gives back the ports of a server that is going. */
export async function releasePorts(context: ReplicaContext, device: string): Promise<void> {
  for (const row of await networkTables(context).ports.all())
    if (row.device_id === device) await removePort(context, row);
}

/** Every project has a group `default`; it comes to be when it is first needed. */
export async function defaultGroup(context: ReplicaContext, project: string): Promise<string> {
  const { groups, rules } = networkTables(context);
  const id = seededUuid(`default group of ${project}`);
  const base = { ...owned(context, project, 'default', 'Default security group'), id };
  if (!(await groups.insert(id, { ...base, stateful: true }))) return id;
  for (const direction of ['egress', 'ingress'])
    for (const ethertype of ['IPv4', 'IPv6']) {
      const rule = { ...base, id: seededUuid(`${id} ${direction} ${ethertype}`), name: '', description: '' };
      const remote_group_id = direction === 'ingress' ? id : null;
      const open = { protocol: null, port_range_min: null, port_range_max: null, remote_ip_prefix: null };
      await rules.put(rule.id, {
        ...rule,
        ...open,
        security_group_id: id,
        direction,
        ethertype,
        remote_group_id,
      });
    }
  return id;
}
