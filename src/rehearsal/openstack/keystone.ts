import type { ReplicaContext } from '../replica.ts';
import { route } from './api-service.ts';
import type { ApiService, Route } from './api-service.ts';
import { nothing, ok } from './call.ts';
import type { Answer, Call, Json } from './call.ts';
import { assignmentId, catalogueOf, identityTables, REGION } from './identity-tables.ts';
import { linked, listed, missing, present, refusal, urlOf } from './keystone-answers.ts';
import { credentialRoutes } from './keystone-credentials.ts';
import { projectAndUserRoutes } from './keystone-projects.ts';
import { issueToken, revokeToken, showToken } from './keystone-tokens.ts';

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  413: 'Request Entity Too Large',
  500: 'Internal Server Error',
};

const versionOf = (context: ReplicaContext): object => ({
  id: 'v3.14',
  status: 'stable',
  updated: '2020-04-07T00:00:00Z',
  links: [{ rel: 'self', href: `${context.frontUrl('keystone')}/v3/` }],
  'media-types': [{ base: 'application/json', type: 'application/vnd.openstack.identity-v3+json' }],
});

async function assign(call: Call): Promise<Answer> {
  const { kind = '', target = '', user = '', role = '' } = call.parameters;
  const tables = identityTables(call.context);
  present(await tables.users.find(user), 'user', user);
  present(await tables.roles.find(role), 'role', role);
  if (kind === 'projects') present(await tables.projects.find(target), 'project', target);
  const row = { user, role, target: `${kind.replace(/s$/, '')}/${target}` };
  if (call.method === 'PUT') await tables.assignments.put(assignmentId(row), row);
  else if (call.method === 'DELETE') {
    if (!(await tables.assignments.remove(assignmentId(row)))) throw missing('role assignment', role);
  } else present(await tables.assignments.find(assignmentId(row)), 'role assignment', role);
  return nothing();
}

async function listAssignments(call: Call): Promise<Answer> {
  const wanted = { user: call.query.get('user.id'), project: call.query.get('scope.project.id') };
  const rows = (await identityTables(call.context).assignments.all()).filter(
    (row) =>
      (wanted.user === null || row.user === wanted.user) &&
      (wanted.project === null || row.target === `project/${wanted.project}`),
  );
  const shown = rows.map((row) => {
    const [kind = '', id = ''] = row.target.split('/');
    const scope = kind === 'system' ? { system: { all: true } } : { [kind]: { id } };
    return {
      user: { id: row.user },
      role: { id: row.role },
      scope,
      links: { assignment: urlOf(call, '/role_assignments') },
    };
  });
  return ok({
    role_assignments: shown,
    links: { next: null, previous: null, self: urlOf(call, '/role_assignments') },
  });
}

type StaticService = Json & { endpoints: Json[] };
const servicesOf = (call: Call): StaticService[] =>
  catalogueOf(call.context, '%(tenant_id)s') as StaticService[];

const catalogueRoutes: readonly Route[] = [
  route('GET', '/v3/auth/catalog', 'reader', 'identity:get_auth_catalog', (call) =>
    ok({
      catalog: catalogueOf(call.context, call.token.project?.id ?? ''),
      links: { self: urlOf(call, '/auth/catalog') },
    }),
  ),
  route('GET', '/v3/services', 'admin', 'identity:list_services', (call) =>
    listed(
      call,
      'services',
      servicesOf(call).map(({ endpoints: _left, ...row }) => ({ ...row, enabled: true })),
      ['name', 'type'],
    ),
  ),
  route('GET', '/v3/endpoints', 'admin', 'identity:list_endpoints', (call) =>
    listed(
      call,
      'endpoints',
      servicesOf(call).flatMap((row) =>
        row.endpoints.map((end) => ({ ...end, service_id: row['id'], enabled: true })),
      ),
      ['interface', 'service_id', 'region_id'],
    ),
  ),
  route('GET', '/v3/regions', 'reader', 'identity:list_regions', (call) =>
    listed(call, 'regions', [{ id: REGION, description: '', parent_region_id: null }]),
  ),
  route('GET', '/v3/regions/:id', 'reader', 'identity:get_region', ({ parameters: { id = '' } }) => {
    if (id !== REGION) throw missing('region', id);
    return ok({ region: { id: REGION, description: '', parent_region_id: null } });
  }),
];

const roleRoutes: readonly Route[] = [
  route('GET', '/v3/domains', 'admin', 'identity:list_domains', async (call) =>
    listed(call, 'domains', await identityTables(call.context).domains.all(), ['name']),
  ),
  route('GET', '/v3/domains/:id', 'reader', 'identity:get_domain', async (call) => {
    const { id = '' } = call.parameters;
    return ok({
      domain: linked(call, `/domains/${id}`, {
        ...present(await identityTables(call.context).domains.find(id), 'domain', id),
      }),
    });
  }),
  route('GET', '/v3/roles', 'admin', 'identity:list_roles', async (call) =>
    listed(call, 'roles', await identityTables(call.context).roles.all(), ['name']),
  ),
  route('GET', '/v3/roles/:id', 'admin', 'identity:get_role', async (call) => {
    const { id = '' } = call.parameters;
    return ok({
      role: linked(call, `/roles/${id}`, {
        ...present(await identityTables(call.context).roles.find(id), 'role', id),
      }),
    });
  }),
  route('GET', '/v3/role_assignments', 'admin', 'identity:list_role_assignments', listAssignments),
  ...(['PUT', 'HEAD', 'DELETE'] as const).map((method) =>
    route(
      method,
      '/v3/:kind(^projects|domains$)/:target/users/:user/roles/:role',
      'admin',
      'identity:create_grant',
      assign,
    ),
  ),
];

const routes: readonly Route[] = [
  route('GET', '/', 'public', '', ({ context }) => ok({ versions: { values: [versionOf(context)] } }, 300)),
  route('GET', '/v3', 'public', '', ({ context }) => ok({ version: versionOf(context) })),
  route('POST', '/v3/auth/tokens', 'public', '', issueToken),
  route('GET', '/v3/auth/tokens', 'reader', 'identity:validate_token', showToken),
  route('HEAD', '/v3/auth/tokens', 'reader', 'identity:check_token', showToken),
  route('DELETE', '/v3/auth/tokens', 'reader', 'identity:revoke_token', revokeToken),
  ...projectAndUserRoutes,
  ...roleRoutes,
  ...credentialRoutes,
  ...catalogueRoutes,
];

export const keystone: ApiService = {
  name: 'keystone',
  routes,
  guarded: '/v3',
  internal: 'An unexpected error prevented the server from fulfilling your request.',
  refusal,
  fault: ({ status, message }, { context }) => ({
    status,
    body: { error: { code: status, message, title: TITLES[status] ?? 'Error' } },
    ...(status === 401 && {
      headers: { 'WWW-Authenticate': `Keystone uri="${context.frontUrl('keystone')}"` },
    }),
  }),
};
