import type { ReplicaContext } from '../replica.ts';
import { route } from './api-service.ts';
import type { ApiService, Route } from './api-service.ts';
import { ApiFault, bodyOf, isAdmin, ok, projectOf, stamp, textOf } from './call.ts';
import type { Answer, Call } from './call.ts';
import { agentIsUp, computeTables } from './compute-tables.ts';
import { routesOf } from './kind-routes.ts';
import { networks, notFound, ports, QUOTA, refusal, subnets } from './network-kinds.ts';
import { createPort, networkTables, removePort } from './network-tables.ts';
import { groups, routers, rules } from './security-kinds.ts';

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

const version = (context: ReplicaContext): object => ({
  id: 'v2.0',
  status: 'CURRENT',
  links: [{ rel: 'self', href: `${context.frontUrl('neutron')}/v2.0/` }],
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
