import { route } from './api-service.ts';
import type { Route } from './api-service.ts';
import { ApiFault, bodyOf, isAdmin, nothing, ok, textOf } from './call.ts';
import type { Answer, Call, Json } from './call.ts';
import { hashSecret, identityTables } from './identity-tables.ts';
import type { ApplicationCredentialRow } from './identity-tables.ts';
import { listed, missing, refusal } from './keystone-answers.ts';

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

export const credentialRoutes: readonly Route[] = [
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
