import * as z from 'zod';
import { id, time, under, url } from './answer-parts.ts';

/**
 * Answers of the network API. It has no microversions: extensions add fields as they are installed, so what is not here is let
 * pass, and what is here must be there in its type.
 */
const more = z.looseObject;

const owned = { id, name: z.string(), tenant_id: z.string(), project_id: z.string().optional() };

export const networkFields = more({
  ...owned,
  status: z.enum(['ACTIVE', 'BUILD', 'DOWN', 'ERROR']),
  admin_state_up: z.boolean(),
  shared: z.boolean(),
  subnets: z.array(id),
  mtu: z.number().int().optional(),
  'router:external': z.boolean().optional(),
});
export const network = under('network', networkFields);
export const networks = more({ networks: z.array(networkFields) });

const pool = z.strictObject({ start: z.string(), end: z.string() });
const route = z.strictObject({ destination: z.string(), nexthop: z.string() });

export const subnetFields = more({
  ...owned,
  network_id: id,
  cidr: z.string(),
  ip_version: z.union([z.literal(4), z.literal(6)]),
  gateway_ip: z.string().nullable(),
  enable_dhcp: z.boolean(),
  allocation_pools: z.array(pool),
  dns_nameservers: z.array(z.string()),
  host_routes: z.array(route),
});
export const subnet = under('subnet', subnetFields);
export const subnets = more({ subnets: z.array(subnetFields) });

const pair = z.strictObject({ ip_address: z.string(), mac_address: z.string() });

export const portFields = more({
  ...owned,
  network_id: id,
  mac_address: z.string().regex(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/),
  admin_state_up: z.boolean(),
  status: z.enum(['ACTIVE', 'BUILD', 'DOWN', 'ERROR', 'N/A']),
  device_id: z.string(),
  device_owner: z.string(),
  fixed_ips: z.array(z.strictObject({ subnet_id: id, ip_address: z.string() })),
  security_groups: z.array(id),
  allowed_address_pairs: z.array(pair).optional(),
});
export const port = under('port', portFields);
export const ports = more({ ports: z.array(portFields) });

/** With `fields` in the query: those and no others. */
export const fieldsOf = <F extends string>(
  fields: readonly F[],
): z.ZodObject<Record<F, z.ZodUnknown>, z.core.$strict> =>
  z.strictObject(Object.fromEntries(fields.map((field) => [field, z.unknown()])) as Record<F, z.ZodUnknown>);

const gateway = more({
  network_id: id,
  external_fixed_ips: z.array(z.strictObject({ subnet_id: id, ip_address: z.string() })).optional(),
});

export const routerFields = more({
  ...owned,
  status: z.string(),
  admin_state_up: z.boolean(),
  external_gateway_info: gateway.nullable(),
  routes: z.array(route).optional(),
});
export const router = under('router', routerFields);
export const routers = more({ routers: z.array(routerFields) });
export const routerInterface = more({ id, subnet_id: id, port_id: id });

export const ruleFields = more({
  id,
  tenant_id: z.string(),
  security_group_id: id,
  direction: z.enum(['ingress', 'egress']),
  ethertype: z.enum(['IPv4', 'IPv6']),
  protocol: z.string().nullable(),
  port_range_min: z.number().int().nullable(),
  port_range_max: z.number().int().nullable(),
  remote_ip_prefix: z.string().nullable(),
  remote_group_id: id.nullable(),
});
export const rule = under('security_group_rule', ruleFields);
export const rules = more({ security_group_rules: z.array(ruleFields) });

export const groupFields = more({
  ...owned,
  description: z.string(),
  security_group_rules: z.array(ruleFields),
});
export const group = under('security_group', groupFields);
export const groups = more({ security_groups: z.array(groupFields) });

export const subnetPoolFields = more({
  ...owned,
  prefixes: z.array(z.string()),
  default_prefixlen: z.union([z.string(), z.number()]),
  min_prefixlen: z.union([z.string(), z.number()]),
  max_prefixlen: z.union([z.string(), z.number()]),
  ip_version: z.number(),
  shared: z.boolean(),
  created_at: time.optional(),
});
export const subnetPool = under('subnetpool', subnetPoolFields);
export const subnetPools = more({ subnetpools: z.array(subnetPoolFields) });

export const floatingAddress = under(
  'floatingip',
  more({
    id,
    tenant_id: z.string(),
    floating_ip_address: z.string(),
    floating_network_id: id,
    router_id: id.nullable(),
    port_id: id.nullable(),
    fixed_ip_address: z.string().nullable(),
    status: z.string(),
  }),
);

export const extensions = more({
  extensions: z.array(more({ alias: z.string(), name: z.string(), updated: time })),
});

export const apiResources = z.strictObject({
  resources: z.array(
    more({ name: z.string(), collection: z.string(), links: z.array(more({ rel: z.string(), href: url })) }),
  ),
});

export const quota = under(
  'quota',
  more({
    network: z.number(),
    subnet: z.number(),
    port: z.number(),
    router: z.number().optional(),
    floatingip: z.number().optional(),
    security_group: z.number().optional(),
    security_group_rule: z.number().optional(),
  }),
);

/** One of `shape` under its key, or a list of them, for shapes that a case makes itself. */
export { under as inside } from './answer-parts.ts';
export const list = <K extends string, T extends z.ZodType>(
  key: K,
  shape: T,
): ReturnType<typeof under<K, z.ZodArray<T>>> => under(key, z.array(shape).min(1));

export const versions = z.strictObject({
  versions: z.array(
    more({
      id: z.string(),
      status: z.string(),
      links: z.array(z.strictObject({ rel: z.string(), href: url })).nonempty(),
    }),
  ),
});
