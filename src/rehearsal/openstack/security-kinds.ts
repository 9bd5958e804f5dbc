import { isAdmin, textOf, wordsOf } from './call.ts';
import type { Json } from './call.ts';
import { conflict, flag, invalid, notFound } from './network-kinds.ts';
import type { Kind } from './network-kinds.ts';
import { networkTables, owned } from './network-tables.ts';
import type { GroupRow, RouterRow, RuleRow } from './network-tables.ts';

export const groups: Kind<GroupRow> = {
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
    `Invalid input for ${field}. Reason: '${wordsOf(value).slice(0, 80)}' is not a valid port number.`,
  );
};

export const rules: Kind<RuleRow> = {
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

export const routers: Kind<RouterRow> = {
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
