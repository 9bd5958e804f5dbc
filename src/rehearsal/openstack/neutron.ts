import type { ReplicaContext } from '../replica.ts';
import { route } from './api-service.ts';
import type { ApiService, Route } from './api-service.ts';
import {
  ApiFault,
  bodyOf,
  filtered,
  isAdmin,
  isRecord,
  nothing,
  ok,
  pageOf,
  projectOf,
  stamp,
  textOf,
} from './call.ts';
import type { Answer, Call, Json } from './call.ts';
import { agentIsUp, computeTables } from './compute-tables.ts';
import {
  createPort,
  defaultGroup,
  ipOfNumber,
  networkTables,
  numberOfIp,
  owned,
  rangeOf,
  removePort,
} from './network-tables.ts';
import type { GroupRow, NetworkRow, PortRow, RouterRow, RuleRow, SubnetRow } from './network-tables.ts';
import type { Records } from './records.ts';

type Tables = ReturnType<typeof networkTables>;

/** Neutron's default quotas of a project. */
const QUOTA = {
  network: 100,
  subnet: 100,
  port: 500,
  router: 10,
  security_group: 10,
  security_group_rule: 100,
} as const;

interface Kind<Row> {
  readonly plural: string;
  readonly quota: keyof typeof QUOTA;
  /** As the error bodies name it: `Network` makes `NetworkNotFound`. */
  readonly title: string;
  readonly table: (tables: Tables) => Records<Row>;
  readonly view: (row: Row, tables: Tables) => Promise<Json> | Json;
  readonly make: (call: Call, given: Json, project: string) => Promise<Row>;
  readonly change: (row: Row, given: Json) => Partial<Row>;
  /** Throws when the row is in use; removes what goes with it. */
  readonly leave: (row: Row, call: Call) => Promise<void>;
  /** Filters by query that the list understands. */
  readonly filters: readonly string[];
}

const conflict = (type: string, message: string): ApiFault => new ApiFault(409, message, type);
const invalid = (message: string): ApiFault => new ApiFault(400, message, 'HTTPBadRequest');
const notFound = (title: string, id: string): ApiFault =>
  new ApiFault(
    404,
    `${title.replace(/(?<=[a-z])[A-Z]/g, (sign) => ` ${sign.toLowerCase()}`)} ${id} could not be found.`,
    `${title}NotFound`,
  );

const flag = (given: Json, field: string, fallback: boolean): boolean => {
  const value = given[field] ?? fallback;
  if (typeof value !== 'boolean')
    throw invalid(
      `Invalid input for ${field}. Reason: '${String(value).slice(0, 80)}' cannot be converted to boolean.`,
    );
  return value;
};

async function usable(call: Call, id: string): Promise<NetworkRow> {
  const row = await networkTables(call.context).networks.find(id);
  if (row === undefined || (row.project_id !== projectOf(call) && !row.shared && !isAdmin(call)))
    throw notFound('Network', id);
  return row;
}

const networks: Kind<NetworkRow> = {
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

const subnets: Kind<SubnetRow> = {
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

const ports: Kind<PortRow> = {
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

const groups: Kind<GroupRow> = {
  plural: 'security-groups',
  quota: 'security_group',
  title: 'SecurityGroup',
  table: (tables) => tables.groups,
  view: async (row, tables) => {
    const own = (await tables.rules.all()).filter((one) => one.security_group_id === row.id);
    return {
      ...row,
      shared: false,
      tags: [],
      security_group_rules: own.map((one) => ({ ...one, tenant_id: one.project_id })),
    };
  },
  make: (call, given, project) => {
    const name = textOf(given, 'name', { fallback: '' });
    if (name === 'default')
      throw conflict('SecurityGroupDefaultAlreadyExists', 'Default security group already exists.');
    return Promise.resolve({
      ...owned(call.context, project, name, textOf(given, 'description', { fallback: '' })),
      stateful: true,
    });
  },
  change: () => ({}),
  leave: async (row, { context }) => {
    const tables = networkTables(context);
    const used = (await tables.ports.all()).some((one) => one.security_groups.includes(row.id));
    if (used) throw conflict('SecurityGroupInUse', `Security Group ${row.id} in use.`);
    for (const rule of await tables.rules.all())
      if (rule.security_group_id === row.id) await tables.rules.remove(rule.id);
  },
  filters: ['id', 'name', 'project_id', 'tenant_id'],
};

const portNumber = (given: Json, field: string): number | null => {
  const value = given[field] ?? null;
  if (
    value === null ||
    (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 65_535)
  )
    return value;
  throw invalid(
    `Invalid input for ${field}. Reason: '${String(value).slice(0, 80)}' is not a valid port number.`,
  );
};

const rules: Kind<RuleRow> = {
  plural: 'security-group-rules',
  quota: 'security_group_rule',
  title: 'SecurityGroupRule',
  table: (tables) => tables.rules,
  view: (row) => ({ ...row }),
  make: async (call, given, project) => {
    const id = textOf(given, 'security_group_id', { least: 1 });
    const group = await networkTables(call.context).groups.find(id);
    if (group === undefined || (group.project_id !== project && !isAdmin(call)))
      throw notFound('SecurityGroup', id);
    const direction = textOf(given, 'direction');
    if (!['ingress', 'egress'].includes(direction))
      throw invalid(
        `Invalid input for direction. Reason: '${direction.slice(0, 80)}' is not in ['ingress', 'egress'].`,
      );
    const optional = (field: string): string | null =>
      typeof given[field] === 'string' ? given[field] : null;
    const row: RuleRow = {
      ...owned(call.context, project, '', textOf(given, 'description', { fallback: '' })),
      security_group_id: id,
      direction,
      ethertype: textOf(given, 'ethertype', { fallback: 'IPv4' }),
      protocol: optional('protocol'),
      port_range_min: portNumber(given, 'port_range_min'),
      port_range_max: portNumber(given, 'port_range_max'),
      remote_ip_prefix: optional('remote_ip_prefix'),
      remote_group_id: optional('remote_group_id'),
    };
    const same = (one: RuleRow): string =>
      JSON.stringify([
        one.security_group_id,
        one.direction,
        one.ethertype,
        one.protocol,
        one.port_range_min,
        one.port_range_max,
        one.remote_ip_prefix,
        one.remote_group_id,
      ]);
    const twin = (await networkTables(call.context).rules.all()).find((one) => same(one) === same(row));
    if (twin)
      throw conflict('SecurityGroupRuleExists', `Security group rule already exists. Rule id is ${twin.id}.`);
    return row;
  },
  change: () => ({}),
  leave: () => Promise.resolve(),
  filters: ['id', 'project_id', 'tenant_id', 'security_group_id', 'direction', 'protocol'],
};

const routers: Kind<RouterRow> = {
  plural: 'routers',
  quota: 'router',
  title: 'Router',
  table: (tables) => tables.routers,
  view: (row) => ({
    ...row,
    status: 'ACTIVE',
    routes: [],
    ha: true,
    distributed: false,
    availability_zones: ['nova'],
    tags: [],
  }),
  make: (call, given, project) =>
    Promise.resolve({
      ...owned(
        call.context,
        project,
        textOf(given, 'name', { fallback: '' }),
        textOf(given, 'description', { fallback: '' }),
      ),
      admin_state_up: flag(given, 'admin_state_up', true),
      external_gateway_info: given['external_gateway_info'] ?? null,
    }),
  change: (row, given) => ({
    external_gateway_info:
      given['external_gateway_info'] === undefined
        ? row.external_gateway_info
        : given['external_gateway_info'],
  }),
  leave: async (row, { context }) => {
    const held = (await networkTables(context).ports.all()).some((one) => one.device_id === row.id);
    if (held) throw conflict('RouterInUse', `Router ${row.id} still has ports`);
  },
  filters: ['id', 'name', 'project_id', 'tenant_id'],
};

type AnyRow = NetworkRow | SubnetRow | PortRow | GroupRow | RuleRow | RouterRow;

/** Everything that all kinds share: list, show, create, update, delete, with ownership, quota and pages. */
function routesOf<Row extends AnyRow>(kind: Kind<Row>): Route[] {
  const singular = kind.plural.replace(/s$/, '').replaceAll('-', '_');
  const key = kind.plural.replaceAll('-', '_');
  const table = (call: Call): Records<Row> => kind.table(networkTables(call.context));
  const shown = async (call: Call, row: Row): Promise<Json> => {
    const whole: Json = { ...(await kind.view(row, networkTables(call.context))), tenant_id: row.project_id };
    const fields = call.query.getAll('fields');
    return fields.length === 0
      ? whole
      : Object.fromEntries(Object.entries(whole).filter(([field]) => fields.includes(field)));
  };
  const seen = (call: Call, row: Row): boolean =>
    isAdmin(call) ||
    row.project_id === projectOf(call) ||
    ('shared' in row && (row.shared || row['router:external']));
  const one = async (call: Call, toChange: boolean): Promise<Row> => {
    const { id = '' } = call.parameters;
    const row = await table(call).find(id);
    if (row === undefined || !seen(call, row)) throw notFound(kind.title, id);
    if (toChange && !isAdmin(call) && row.project_id !== projectOf(call)) throw notFound(kind.title, id);
    return row;
  };
  const list = async (call: Call): Promise<Answer> => {
    if (kind.plural === 'security-groups' && projectOf(call) !== '')
      await defaultGroup(call.context, projectOf(call));
    const own = (await table(call).all())
      .filter((row) => seen(call, row))
      .map((row) => ({ ...row, tenant_id: row.project_id }));
    const { page, next } = pageOf(call, filtered(call, own, kind.filters));
    const href = `${call.context.frontUrl('neutron')}/v2.0/${kind.plural}?${next}`;
    const rows = await Promise.all(page.map((row) => shown(call, row)));
    return ok({ [key]: rows, ...(next && { [`${key}_links`]: [{ rel: 'next', href }] }) });
  };
  const create = async (call: Call): Promise<Answer> => {
    const given = bodyOf(call, singular);
    const project = textOf(given, 'project_id', {
      fallback: textOf(given, 'tenant_id', { fallback: projectOf(call) }),
    });
    if (project !== projectOf(call) && !isAdmin(call))
      throw new ApiFault(403, refusal(`create_${singular}`), 'PolicyNotAuthorized');
    const used = (await table(call).all()).filter((row) => row.project_id === project).length;
    if (used >= QUOTA[kind.quota])
      throw conflict('OverQuota', `Quota exceeded for resources: ['${kind.quota}'].`);
    const row = await kind.make(call, given, project);
    await table(call).put(row.id, row);
    return ok({ [singular]: await shown(call, row) }, 201);
  };
  const update = async (call: Call): Promise<Answer> => {
    const before = await one(call, true);
    const given = bodyOf(call, singular);
    const after = await table(call).change(before.id, (row) => ({
      ...row,
      ...kind.change(row, given),
      name: textOf(given, 'name', { fallback: row.name }),
      description: textOf(given, 'description', { fallback: row.description }),
      updated_at: stamp(call.context.nowMs()),
      revision_number: row.revision_number + 1,
    }));
    return ok({ [singular]: await shown(call, after ?? before) });
  };
  const path = `/v2.0/${kind.plural}`;
  return [
    route('GET', path, 'reader', `get_${singular}`, list),
    route('POST', path, 'member', `create_${singular}`, create),
    route('GET', `${path}/:id`, 'reader', `get_${singular}`, async (call) =>
      ok({ [singular]: await shown(call, await one(call, false)) }),
    ),
    route('PUT', `${path}/:id`, 'member', `update_${singular}`, update),
    route('DELETE', `${path}/:id`, 'member', `delete_${singular}`, async (call) => {
      const row = await one(call, true);
      await kind.leave(row, call);
      await table(call).remove(row.id);
      return nothing();
    }),
  ];
}

async function routerInterface(call: Call): Promise<Answer> {
  const { id = '', verb = '' } = call.parameters;
  const tables = networkTables(call.context);
  const router = await tables.routers.find(id);
  if (router === undefined || (router.project_id !== projectOf(call) && !isAdmin(call)))
    throw notFound('Router', id);
  const subnet = await tables.subnets.find(textOf(bodyOf(call), 'subnet_id'));
  if (subnet === undefined) throw notFound('Subnet', textOf(bodyOf(call), 'subnet_id'));
  const held = (await tables.ports.all()).find(
    (row) => row.device_id === id && row.fixed_ips.some((ip) => ip.subnet_id === subnet.id),
  );
  const adding = verb === 'add_router_interface';
  if (adding && held)
    throw new ApiFault(
      400,
      `Bad router request: Router already has a port on subnet ${subnet.id}.`,
      'BadRequest',
    );
  if (!adding && !held)
    throw new ApiFault(
      404,
      `Router ${id} has no interface on subnet ${subnet.id}`,
      'RouterInterfaceNotFoundForSubnet',
    );
  const fixed = [
    { subnet_id: subnet.id, ...(subnet.gateway_ip === null ? {} : { ip_address: subnet.gateway_ip }) },
  ];
  const wish = { deviceId: id, deviceOwner: 'network:router_interface', groups: [], fixed };
  const port = held ?? (await createPort(call.context, router.project_id, subnet.network_id, wish));
  if (!adding) await removePort(call.context, port);
  return ok({
    id,
    tenant_id: router.project_id,
    port_id: port.id,
    network_id: subnet.network_id,
    subnet_id: subnet.id,
    subnet_ids: [subnet.id],
  });
}

const EXTENSIONS = [
  'security-group',
  'router',
  'quotas',
  'agent',
  'external-net',
  'pagination',
  'sorting',
  'project-id',
  'standard-attr-timestamp',
];
const extension = (alias: string): object => ({
  alias,
  name: alias,
  description: '',
  updated: '2012-10-05T10:00:00-00:00',
  links: [],
});

const version = ({ frontUrl }: ReplicaContext): object => ({
  id: 'v2.0',
  status: 'CURRENT',
  links: [{ rel: 'self', href: `${frontUrl('neutron')}/v2.0/` }],
});

const routes: readonly Route[] = [
  route('GET', '/', 'public', '', ({ context }) => ok({ versions: [version(context)] })),
  route('GET', '/v2.0', 'public', '', ({ context }) => {
    const resources = ['networks', 'subnets', 'ports'].map((name) => ({
      name,
      collection: name,
      links: [{ rel: 'self', href: `${context.frontUrl('neutron')}/v2.0/${name}` }],
    }));
    return ok({ resources });
  }),
  ...routesOf(networks),
  ...routesOf(subnets),
  ...routesOf(ports),
  ...routesOf(groups),
  ...routesOf(rules),
  ...routesOf(routers),
  route(
    'PUT',
    '/v2.0/routers/:id/:verb(^add_router_interface|remove_router_interface$)',
    'member',
    'add_router_interface',
    routerInterface,
  ),
  route('GET', '/v2.0/extensions', 'reader', 'get_extensions', () =>
    ok({ extensions: EXTENSIONS.map(extension) }),
  ),
  route('GET', '/v2.0/extensions/:alias', 'reader', 'get_extension', ({ parameters: { alias = '' } }) => {
    if (!EXTENSIONS.includes(alias))
      throw new ApiFault(404, 'The resource could not be found.', 'HTTPNotFound');
    return ok({ extension: extension(alias) });
  }),
  route('GET', '/v2.0/quotas/:project', 'reader', 'get_quota', (call) => {
    if (!isAdmin(call) && call.parameters['project'] !== projectOf(call))
      throw new ApiFault(403, refusal('get_quota'), 'PolicyNotAuthorized');
    return ok({ quota: QUOTA });
  }),
  route('GET', '/v2.0/agents', 'admin', 'get_agent', async ({ context }) => {
    const rows = await computeTables(context).agents.all();
    const view = {
      binary: 'neutron-openvswitch-agent',
      agent_type: 'Open vSwitch agent',
      topic: 'N/A',
      admin_state_up: true,
      configurations: {},
    };
    return ok({
      agents: rows.map((row) => ({
        ...view,
        id: row.id,
        host: row.host,
        alive: agentIsUp(context, row),
        heartbeat_timestamp: stamp(row.seenMs).replace('T', ' ').replace('Z', ''),
      })),
    });
  }),
];

function refusal(rule: string): string {
  return `rule:${rule} is disallowed by policy`;
}

export const neutron: ApiService = {
  name: 'neutron',
  routes,
  guarded: '/v2.0',
  internal: 'Request Failed: internal server error while processing your request.',
  refusal: (rule) => `(${refusal(rule)})`,
  fault: ({ status, message, type }) => {
    const names: Readonly<Record<number, string>> = {
      400: 'HTTPBadRequest',
      404: 'HTTPNotFound',
      405: 'HTTPMethodNotAllowed',
      500: 'HTTPInternalServerError',
    };
    const known = type === '' || type === 'DBConnectionError' ? (names[status] ?? 'Error') : type;
    return { status, body: { NeutronError: { type: known, message, detail: '' } } };
  },
};
