import type { ReplicaContext } from '../replica.ts';
import { route } from './api-service.ts';
import { ApiFault, isRecord, ok, stamp, type Answer, type Call, type Json } from './call.ts';
import { flag, listOf, set, text } from './field.ts';
import { kindOf, routesOf, rowOf, type Base, type Kind, type Row } from './kind.ts';
import { seededUuid, tableOf } from './table.ts';

type FixedIp = Readonly<Partial<Record<'subnet_id' | 'ip_address', string>>>;

const COMMON = { name: text(''), description: text('') };
const NETWORK = {
  ...COMMON,
  admin_state_up: flag(true),
  shared: set(false),
  mtu: set(1450),
  tags: set<readonly string[]>([]),
};
const SUBNET = { ...COMMON, network_id: text(), cidr: text(), gateway_ip: set(''), enable_dhcp: flag(true) };
const DEVICE = { admin_state_up: flag(true), device_id: text(''), device_owner: text('') };
const PORT = {
  ...COMMON,
  ...DEVICE,
  network_id: text(),
  fixed_ips: listOf<FixedIp>(isRecord),
  mac_address: set(''),
};

const conflict = (type: string, message: string): ApiFault => new ApiFault(409, message, type);

const commonView = ({ project, createdMs, changedMs, revision }: Base): Json => ({
  ...{ project_id: project, tenant_id: project, revision_number: revision, tags: [] },
  ...{ created_at: stamp(createdMs), updated_at: stamp(changedMs) },
});

export const networks: Kind<typeof NETWORK> = kindOf('neutron network', NETWORK, {
  changeable: ['name', 'description', 'admin_state_up'],
  view: async (row, { context }) => {
    const within = (await subnets.table(context).all()).filter(({ network_id }) => network_id === row.id);
    return { ...commonView(row), tags: row.tags, status: 'ACTIVE', subnets: within.map(({ id }) => id) };
  },
  leave: async ({ id }, { context }) => {
    const used = (await ports.table(context).all()).some((port) => port.network_id === id);
    if (used) throw conflict('NetworkInUse', `There are ports in use on the network ${id}.`);
    for (const subnet of await subnets.table(context).all())
      if (subnet.network_id === id) await subnets.table(context).remove(subnet.id);
  },
});

/** Gives a network a tag, which it may have already. */
async function addTag(call: Call): Promise<Answer> {
  const { id } = await rowOf(networks, call, true);
  const { tag = '' } = call.parameters;
  await networks.table(call.context).change(id, (row) => ({
    ...row,
    tags: row.tags.includes(tag) ? row.tags : [...row.tags, tag],
    ...{ changedMs: call.context.nowMs(), revision: row.revision + 1 },
  }));
  return { status: 201 };
}

const ipOf = (number: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');

/** First and last address of an IPv4 network from /16 to /30; 400 where the text is none. */
function rangeOf(cidr: string): readonly [number, number] {
  const [, ip = '', length = ''] = /^([\d.]+)\/(1[6-9]|2\d|30)$/.exec(cidr) ?? [];
  const first = ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - Number(length));
  if (ipOf(first) === ip && first % size === 0) return [first, first + size - 1];
  throw new ApiFault(400, `Invalid input for cidr. Reason: '${cidr}' is not a valid IP subnet.`);
}

const subnets: Kind<typeof SUBNET> = kindOf('neutron subnet', SUBNET, {
  changeable: ['name', 'description', 'enable_dhcp'],
  view: (row) => {
    const [first, last] = rangeOf(row.cidr);
    const allocation_pools = [{ start: ipOf(first + 2), end: ipOf(last - 1) }];
    return { ...commonView(row), ip_version: 4, allocation_pools };
  },
  make: async (row, call) => {
    await rowOf(networks, call, true, row.network_id);
    const [first, last] = rangeOf(row.cidr);
    for (const { network_id, cidr } of await subnets.table(call.context).all())
      if (network_id === row.network_id && rangeOf(cidr)[0] <= last && first <= rangeOf(cidr)[1])
        throw new ApiFault(400, `The cidr ${row.cidr} overlaps with another subnet.`, 'InvalidInput');
    return { ...row, gateway_ip: ipOf(first + 1) };
  },
  leave: async ({ id }, { context }) => {
    const fixed = (await ports.table(context).all()).flatMap((port) => port.fixed_ips);
    if (fixed.some(({ subnet_id }) => subnet_id === id))
      throw conflict('SubnetInUse', `Ports have addresses of the subnet ${id}.`);
  },
});

/** Who has an address of a subnet: `<subnet>/<address>`. Whoever writes the row first has it. */
const addresses = tableOf<{ readonly port: string }>('neutron/addresses');

/** For a new port the address that it asks for, or the first free one of its network's first subnet. */
async function addressFor(port: Row<typeof PORT>, context: ReplicaContext): Promise<FixedIp[]> {
  const [asked] = port.fixed_ips;
  const own = (await subnets.table(context).all()).filter((row) => row.network_id === port.network_id);
  const subnet = own.find(({ id }) => id === (asked?.subnet_id ?? id));
  if (asked && !subnet) throw new ApiFault(400, 'fixed_ips included an invalid subnet.', 'InvalidInput');
  if (!subnet) return [];
  const [first, last] = rangeOf(subnet.cidr);
  for (let number = first + 2; number < last; number += 1) {
    const fixed = { subnet_id: subnet.id, ip_address: ipOf(number) };
    const isWanted = (asked?.ip_address ?? fixed.ip_address) === fixed.ip_address;
    if (
      isWanted &&
      (await addresses(context).put(`${subnet.id}/${fixed.ip_address}`, { port: port.id }, 'absent'))
    )
      return [fixed];
  }
  const type = asked?.ip_address ? 'IpAddressAlreadyAllocated' : 'IpAddressGenerationFailure';
  throw conflict(type, `No such IP address is free in subnet ${subnet.id}.`);
}

const ports: Kind<typeof PORT> = kindOf('neutron port', PORT, {
  changeable: ['name', 'description', 'admin_state_up'],
  view: (row) => {
    const security_groups = [seededUuid(`default group of ${row.project}`)];
    return { ...commonView(row), status: row.device_id === '' ? 'DOWN' : 'ACTIVE', security_groups };
  },
  make: async (row, call) => {
    await rowOf(networks, call, true, row.network_id);
    const mac_address = `fa:16:3e:${call.context.token(6).replace(/(..)(..)(..)/, '$1:$2:$3')}`;
    return { ...row, mac_address, fixed_ips: await addressFor(row, call.context) };
  },
  leave: async ({ fixed_ips }, { context }) => {
    for (const ip of fixed_ips) await addresses(context).remove(`${ip.subnet_id}/${ip.ip_address}`);
  },
});

export const neutron = [
  ...[...routesOf(networks), ...routesOf(subnets), ...routesOf(ports)],
  route('member', 'PUT /v2.0/networks/:id/tags/:tag', addTag),
  // The stock client asks before it makes a port.
  route('reader', 'GET /v2.0/extensions', () => ok({ extensions: [] })),
];
