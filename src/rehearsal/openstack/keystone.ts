import type { ReplicaContext } from '../replica.ts';
import { route } from './api-service.ts';
import type { ApiService, Route } from './api-service.ts';
import { ApiFault, bodyOf, filtered, isAdmin, nothing, ok, textOf } from './call.ts';
import type { Answer, Call, Json } from './call.ts';
import { assignmentId, catalogueOf, hashSecret, identityTables, REGION } from './identity-tables.ts';
import type { ApplicationCredentialRow, IdentityTables, ProjectRow, UserRow } from './identity-tables.ts';
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

const urlOf = (call: Call, path: string): string => `${call.context.frontUrl('keystone')}/v3${path}`;
const linked = (call: Call, path: string, row: Json): Json => ({
  ...row,
  links: { self: urlOf(call, path) },
});

const listed = (call: Call, key: string, rows: readonly object[], fields: readonly string[] = []): Answer =>
  ok({
    [key]: filtered(call, rows, fields).map((row) =>
      linked(call, `/${key}/${String((row as Json)['id'])}`, row as Json),
    ),
    links: { next: null, previous: null, self: urlOf(call, `/${key}`) },
  });

const versionOf = (context: ReplicaContext): object => ({
  id: 'v3.14',
  status: 'stable',
  updated: '2020-04-07T00:00:00Z',
  links: [{ rel: 'self', href: `${context.frontUrl('keystone')}/v3/` }],
  'media-types': [{ base: 'application/json', type: 'application/vnd.openstack.identity-v3+json' }],
});

const missing = (kind: string, id: string): ApiFault => new ApiFault(404, `Could not find ${kind}: ${id}.`);

const present = <Row>(row: Row | undefined, kind: string, id: string): Row => {
  if (row === undefined) throw missing(kind, id);
  return row;
};

const userView = ({ passwordHash: _hidden, extra, ...row }: UserRow): Json => ({
  ...extra,
  ...row,
  options: {},
  password_expires_at: null,
});

/** Takes the name for the row, or answers 409; a name whose owner never came to be is taken over. */
async function claimName(
  tables: IdentityTables,
  kind: 'project' | 'user',
  row: { readonly id: string; readonly name: string; readonly domain_id: string },
): Promise<void> {
  const key = `${kind}/${row.domain_id}/${row.name}`;
  if (await tables.names.insert(key, { id: row.id })) return;
  const holder = await tables.names.find(key);
  const rows = kind === 'project' ? tables.projects : tables.users;
  const owner = holder && (await rows.find(holder.id));
  if (owner !== undefined && owner.id !== row.id && owner.name === row.name) {
    const says = `Duplicate entry found with name ${row.name} at domain ID ${row.domain_id}`;
    throw new ApiFault(409, `Conflict occurred attempting to store ${kind} - ${says}.`);
  }
  await tables.names.put(key, { id: row.id });
}

async function createProject(call: Call): Promise<Answer> {
  const given = bodyOf(call, 'project');
  const tables = identityTables(call.context);
  const domain = textOf(given, 'domain_id', { fallback: 'default' });
  if ((await tables.domains.find(domain)) === undefined) throw missing('domain', domain);
  const row: ProjectRow = {
    id: call.context.token(32),
    name: textOf(given, 'name', { least: 1, most: 64 }),
    description: textOf(given, 'description', { fallback: '', most: 65_535 }),
    enabled: given['enabled'] !== false,
    domain_id: domain,
    parent_id: textOf(given, 'parent_id', { fallback: domain }),
    is_domain: false,
    tags: Array.isArray(given['tags']) ? given['tags'].map(String) : [],
  };
  await claimName(tables, 'project', row);
  await tables.projects.put(row.id, row);
  return ok({ project: { ...linked(call, `/projects/${row.id}`, { ...row }), options: {} } }, 201);
}

async function showProject(call: Call): Promise<Answer> {
  const id = call.parameters['id'] ?? '';
  if (!isAdmin(call) && call.token.project?.id !== id)
    throw new ApiFault(403, refusal('identity:get_project'));
  const row = present(await identityTables(call.context).projects.find(id), 'project', id);
  return ok({ project: linked(call, `/projects/${id}`, { ...row, options: {} }) });
}

async function changeProject(call: Call): Promise<Answer> {
  const id = call.parameters['id'] ?? '';
  const given = bodyOf(call, 'project');
  const tables = identityTables(call.context);
  const before = present(await tables.projects.find(id), 'project', id);
  const name = textOf(given, 'name', { least: 1, most: 64, fallback: before.name });
  if (name !== before.name) await claimName(tables, 'project', { ...before, name });
  const after = await tables.projects.change(id, (row) => ({
    ...row,
    name,
    description: textOf(given, 'description', { fallback: row.description, most: 65_535 }),
    enabled: typeof given['enabled'] === 'boolean' ? given['enabled'] : row.enabled,
  }));
  if (name !== before.name) await tables.names.remove(`project/${before.domain_id}/${before.name}`);
  return ok({ project: linked(call, `/projects/${id}`, { ...present(after, 'project', id) }) });
}

async function removeNamed(call: Call, kind: 'project' | 'user'): Promise<Answer> {
  const id = call.parameters['id'] ?? '';
  const tables = identityTables(call.context);
  const rows = kind === 'project' ? tables.projects : tables.users;
  const row = present<ProjectRow | UserRow>(await rows.find(id), kind, id);
  for (const one of await tables.assignments.all())
    if (one.user === id || one.target === `project/${id}`) await tables.assignments.remove(assignmentId(one));
  await rows.remove(id);
  await tables.names.remove(`${kind}/${row.domain_id}/${row.name}`);
  return nothing();
}

const USER_FIELDS = ['email', 'description', 'default_project_id'] as const;
const extraOf = (given: Json): Json =>
  Object.fromEntries(
    USER_FIELDS.filter((field) => given[field] !== undefined).map((field) => [field, given[field]]),
  );

async function createUser(call: Call): Promise<Answer> {
  const given = bodyOf(call, 'user');
  const tables = identityTables(call.context);
  const id = call.context.token(32);
  const row: UserRow = {
    id,
    name: textOf(given, 'name', { least: 1 }),
    domain_id: textOf(given, 'domain_id', { fallback: 'default' }),
    enabled: given['enabled'] !== false,
    passwordHash: hashSecret(id, textOf(given, 'password', { fallback: call.context.token(32), most: 4096 })),
    extra: extraOf(given),
  };
  await claimName(tables, 'user', row);
  await tables.users.put(id, row);
  return ok({ user: linked(call, `/users/${id}`, userView(row)) }, 201);
}

async function showUser(call: Call): Promise<Answer> {
  const id = call.parameters['id'] ?? '';
  if (!isAdmin(call) && call.token.user.id !== id) throw new ApiFault(403, refusal('identity:get_user'));
  const row = present(await identityTables(call.context).users.find(id), 'user', id);
  return ok({ user: linked(call, `/users/${id}`, userView(row)) });
}

async function changeUser(call: Call): Promise<Answer> {
  const id = call.parameters['id'] ?? '';
  const given = bodyOf(call, 'user');
  const tables = identityTables(call.context);
  const before = present(await tables.users.find(id), 'user', id);
  const name = textOf(given, 'name', { least: 1, fallback: before.name });
  if (name !== before.name) await claimName(tables, 'user', { ...before, name });
  const password = given['password'] === undefined ? undefined : textOf(given, 'password', { most: 4096 });
  const after = await tables.users.change(id, (row) => ({
    ...row,
    name,
    enabled: typeof given['enabled'] === 'boolean' ? given['enabled'] : row.enabled,
    passwordHash: password === undefined ? row.passwordHash : hashSecret(id, password),
    extra: { ...row.extra, ...extraOf(given) },
  }));
  if (name !== before.name) await tables.names.remove(`user/${before.domain_id}/${before.name}`);
  return ok({ user: linked(call, `/users/${id}`, userView(present(after, 'user', id))) });
}

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

async function listProjects(call: Call, own: boolean): Promise<Answer> {
  const tables = identityTables(call.context);
  let rows = await tables.projects.all();
  if (own) {
    const held = (await tables.assignments.all()).filter((row) => row.user === call.token.user.id);
    rows = rows.filter((row) => held.some((one) => one.target === `project/${row.id}`));
  }
  return listed(call, 'projects', rows, ['name', 'domain_id', 'parent_id', 'enabled']);
}

function credentialView(row: ApplicationCredentialRow): Json {
  const { secretHash: _hidden, user, project, roles, ...shown } = row;
  return { ...shown, user_id: user, project_id: project, roles: roles.map((name) => ({ name })) };
}

async function createCredential(call: Call): Promise<Answer> {
  const given = bodyOf(call, 'application_credential');
  const { credentials } = identityTables(call.context);
  const { user, project } = call.token;
  if (call.parameters['user'] !== user.id || project === undefined)
    throw new ApiFault(403, refusal('identity:create_application_credential'));
  const asked = Array.isArray(given['roles'])
    ? (given['roles'] as Json[]).map((role) => String(role['name']))
    : undefined;
  if (asked?.some((name) => !call.token.roles.includes(name)))
    throw new ApiFault(400, 'Invalid application credential: roles.');
  const name = textOf(given, 'name', { least: 1 });
  if ((await credentials.all()).some((row) => row.name === name && row.user === user.id))
    throw new ApiFault(
      409,
      `Conflict occurred attempting to store application_credential - Duplicate entry found with name ${name}.`,
    );
  const id = call.context.token(32);
  const secret = textOf(given, 'secret', { fallback: call.context.token(64) });
  const row: ApplicationCredentialRow = {
    id,
    name,
    user: user.id,
    project: project.id,
    roles: asked ?? call.token.roles,
    secretHash: hashSecret(id, secret),
    description: typeof given['description'] === 'string' ? given['description'] : null,
    expires_at: typeof given['expires_at'] === 'string' ? given['expires_at'].replace(/Z$/, '') : null,
    unrestricted: given['unrestricted'] === true,
  };
  await credentials.put(id, row);
  return ok({ application_credential: { ...credentialView(row), secret } }, 201);
}

async function credentialOf(call: Call): Promise<ApplicationCredentialRow> {
  const id = call.parameters['id'] ?? '';
  const row = await identityTables(call.context).credentials.find(id);
  if (row === undefined || (row.user !== call.token.user.id && !isAdmin(call)))
    throw missing('application credential', id);
  return row;
}

const credentialRoutes: readonly Route[] = [
  route(
    'GET',
    '/v3/users/:user/application_credentials',
    'reader',
    'identity:list_application_credentials',
    async (call) => {
      const all = await identityTables(call.context).credentials.all();
      const own = all.filter(
        (row) => row.user === call.parameters['user'] && (isAdmin(call) || row.user === call.token.user.id),
      );
      return listed(call, 'application_credentials', own.map(credentialView), ['name']);
    },
  ),
  route(
    'POST',
    '/v3/users/:user/application_credentials',
    'reader',
    'identity:create_application_credential',
    createCredential,
  ),
  route(
    'GET',
    '/v3/users/:user/application_credentials/:id',
    'reader',
    'identity:get_application_credential',
    async (call) => ok({ application_credential: credentialView(await credentialOf(call)) }),
  ),
  route(
    'DELETE',
    '/v3/users/:user/application_credentials/:id',
    'reader',
    'identity:delete_application_credential',
    async (call) => {
      await identityTables(call.context).credentials.remove((await credentialOf(call)).id);
      return nothing();
    },
  ),
];

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
  route('GET', '/v3/auth/projects', 'reader', 'identity:get_auth_projects', (call) =>
    listProjects(call, true),
  ),
  route('GET', '/v3/projects', 'admin', 'identity:list_projects', (call) => listProjects(call, false)),
  route('POST', '/v3/projects', 'admin', 'identity:create_project', createProject),
  route('GET', '/v3/projects/:id', 'reader', 'identity:get_project', showProject),
  route('PATCH', '/v3/projects/:id', 'admin', 'identity:update_project', changeProject),
  route('DELETE', '/v3/projects/:id', 'admin', 'identity:delete_project', (call) =>
    removeNamed(call, 'project'),
  ),
  route('GET', '/v3/users', 'admin', 'identity:list_users', async (call) =>
    listed(call, 'users', (await identityTables(call.context).users.all()).map(userView), [
      'name',
      'domain_id',
      'enabled',
    ]),
  ),
  route('POST', '/v3/users', 'admin', 'identity:create_user', createUser),
  route('GET', '/v3/users/:id', 'reader', 'identity:get_user', showUser),
  route('PATCH', '/v3/users/:id', 'admin', 'identity:update_user', changeUser),
  route('DELETE', '/v3/users/:id', 'admin', 'identity:delete_user', (call) => removeNamed(call, 'user')),
  ...roleRoutes,
  ...credentialRoutes,
  ...catalogueRoutes,
];

function refusal(rule: string): string {
  return `You are not authorized to perform the requested action: ${rule}.`;
}

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
