import { route } from './api-service.ts';
import type { Route } from './api-service.ts';
import { ApiFault, bodyOf, isAdmin, nothing, ok, textOf } from './call.ts';
import type { Answer, Call, Json } from './call.ts';
import { assignmentId, hashSecret, identityTables } from './identity-tables.ts';
import type { IdentityTables, ProjectRow, UserRow } from './identity-tables.ts';
import { linked, listed, missing, present, refusal } from './keystone-answers.ts';

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

async function listProjects(call: Call, own: boolean): Promise<Answer> {
  const tables = identityTables(call.context);
  let rows = await tables.projects.all();
  if (own) {
    const held = (await tables.assignments.all()).filter((row) => row.user === call.token.user.id);
    rows = rows.filter((row) => held.some((one) => one.target === `project/${row.id}`));
  }
  return listed(call, 'projects', rows, ['name', 'domain_id', 'parent_id', 'enabled']);
}

export const projectAndUserRoutes: readonly Route[] = [
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
];
