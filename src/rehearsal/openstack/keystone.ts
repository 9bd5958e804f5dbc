import { createHash } from 'node:crypto';
import { OPENSTACK_SERVICES, type ReplicaContext } from '../replica.ts';
import { route, type Route } from './api-service.ts';
import { ApiFault, bodyOf, isAdmin, isRecord, objectAt, ok, stamp } from './call.ts';
import type { Answer, Call, Json } from './call.ts';
import { DIALECTS } from './dialects.ts';
import { flag, set, text } from './field.ts';
import { kindOf, routesOf, rowOf, type Row } from './kind.ts';
import { seededId, tableOf } from './table.ts';
import { readToken, TOKEN_LIFE_MS, writeToken, type Token } from './tokens.ts';

/** Enough for a model, whose passwords are its own; a real Keystone uses bcrypt. */
const hashed = (password: string): string => createHash('sha256').update(`squall ${password}`).digest('hex');

const DOMAIN = { id: 'default', name: 'Default' };

/** Each may do what those after it may. */
const ROLES = ['admin', 'member', 'reader'];

const roleId = (name: string): string => seededId(`role ${name}`);
const PROJECT = { name: text(), description: text(''), enabled: flag(true), domain_id: set(DOMAIN.id) };
const USER = {
  ...PROJECT,
  password: (given: unknown, name: string) => hashed(text('')(given, name)),
  /** By the project's id: the role that the user has there, and those that it implies. */
  roles: set<Readonly<Record<string, readonly string[]>>>({}),
};
const ADMINISTERED = { readers: 'admin', writers: 'admin', uniqueName: true } as const;

export const projects = kindOf('keystone project', PROJECT, {
  ...ADMINISTERED,
  changeable: ['name', 'description', 'enabled'],
  // So that its members may see it.
  make: (row) => ({ ...row, project: row.id }),
  view: () => ({ parent_id: 'default', is_domain: false, tags: [], options: {} }),
});

export const users = kindOf('keystone user', USER, {
  ...ADMINISTERED,
  changeable: ['name', 'description', 'enabled', 'password'],
  hidden: ['password', 'roles'],
  view: () => ({ options: {}, password_expires_at: null }),
});

/** The tokens that were revoked, by audit id. */
const revoked = tableOf<{ readonly expiresMs: number }>('keystone/revoked');

const unauthorized = (): ApiFault => new ApiFault(401, 'The request you have made requires authentication.');

/** By id, or by name: there is one domain; 401 where that is none that is enabled. */
function named<R extends Row<typeof PROJECT>>(rows: readonly R[], given: Json): R {
  const row = rows.find(({ id, name }) => id === given['id'] || name === given['name']);
  if (row?.enabled) return row;
  throw unauthorized();
}

type Proof = Pick<Token, 'methods' | 'expiresMs'> & { readonly user: Row<typeof USER> };

async function prove({ context }: Call, identity: Json): Promise<Proof> {
  const { methods } = identity;
  if (!Array.isArray(methods)) throw new ApiFault(400, "'methods' is a required property");
  const all = await users.table(context).all();
  if (methods.includes('token')) {
    const origin = readToken(context, String(objectAt(identity, 'token')['id']));
    if (origin === undefined || (await revoked(context).find(origin.audit))) throw unauthorized();
    // A token got by a token never lives longer than the first.
    return { ...origin, user: named(all, { id: origin.user.id }) };
  }
  const given = objectAt(objectAt(identity, 'password'), 'user');
  const user = named(all, given);
  if (user.password !== hashed(String(given['password']))) throw unauthorized();
  return { user, methods: ['password'], expiresMs: context.nowMs() + TOKEN_LIFE_MS };
}

async function issueToken(call: Call): Promise<Answer> {
  const { context } = call;
  const { identity, scope } = bodyOf(call, 'auth');
  const { user, methods, expiresMs } = await prove(call, objectAt({ identity }, 'identity'));
  const { id, name } = user;
  const times = { expiresMs, issuedMs: context.nowMs() };
  let token: Token = { user: { id, name }, methods, ...times, roles: [], audit: context.token(22) };
  if (isRecord(scope)) {
    const project = named(await projects.table(context).all(), objectAt(scope, 'project'));
    const roles = user.roles[project.id];
    if (roles === undefined) throw unauthorized();
    token = { ...token, project: { id: project.id, name: project.name }, roles };
  }
  const headers = { 'X-Subject-Token': writeToken(context, token) };
  return { ...ok(described(call, token), 201), headers };
}

/** The paths are those that OpenStack-Helm registers. */
const catalogueOf = (context: ReplicaContext, token?: Token): readonly Json[] =>
  OPENSTACK_SERVICES.map((name) => {
    const { type, root, registered = root } = DIALECTS[name];
    const path = name === 'cinder' ? `${root}/${token?.project?.id ?? ''}` : registered;
    const at = { region: 'RegionOne', region_id: 'RegionOne', url: context.frontUrl(name) + path };
    const endpoints = [{ id: seededId(type), interface: 'public', ...at }];
    return { id: seededId(name), name, type, endpoints };
  });

/** The body of a token, as Keystone shows it. */
function described({ context, query }: Call, token: Token): Json {
  const { user, project, methods, issuedMs, expiresMs, audit } = token;
  const scoped = project && {
    project: { ...project, domain: DOMAIN },
    roles: token.roles.map((name) => ({ id: roleId(name), name })),
    ...(!query.has('nocatalog') && { catalog: catalogueOf(context, token) }),
  };
  const times = { issued_at: stamp(issuedMs), expires_at: stamp(expiresMs) };
  return { token: { user: { ...user, domain: DOMAIN }, methods, audit_ids: [audit], ...times, ...scoped } };
}

/** The token in `X-Subject-Token`, for its user and for administrators. */
async function subjectOf(call: Call): Promise<Token> {
  const subject = readToken(call.context, call.headers['x-subject-token']);
  if (subject === undefined || (await revoked(call.context).find(subject.audit)))
    throw new ApiFault(404, 'Could not find token.');
  if (subject.user.id === call.token?.user.id || isAdmin(call)) return subject;
  throw new ApiFault(403, 'You are not authorized to look at the token of another.');
}

async function revoke(call: Call): Promise<Answer> {
  const { audit, expiresMs } = await subjectOf(call);
  await revoked(call.context).put(audit, { expiresMs });
  return { status: 204 };
}

const show = async (call: Call): Promise<Answer> => ok(described(call, await subjectOf(call)));

/** What is there from the start and never changes, by the filter that administrators' clients use. */
const seeded = (plural: string, all: readonly Json[]): Route =>
  route('admin', `GET /v3/${plural}`, ({ query }) => {
    const name = query.get('name');
    const rows = all.filter((row) => name === null || row['name'] === name);
    return ok(DIALECTS.keystone.listed(plural, rows, undefined, ''));
  });

async function grant(call: Call): Promise<Answer> {
  const { context, parameters } = call;
  const project = await rowOf(projects, call, true, parameters['project']);
  const at = ROLES.findIndex((name) => roleId(name) === parameters['role']);
  if (at < 0) throw new ApiFault(404, `Could not find role: ${parameters['role'] ?? ''}.`);
  const { id } = await rowOf(users, call, true);
  await users.table(context).change(id, (row) => {
    const held = [...(row.roles[project.id] ?? []), ...ROLES.slice(at)];
    return { ...row, roles: { ...row.roles, [project.id]: ROLES.filter((name) => held.includes(name)) } };
  });
  return { status: 204 };
}

export const keystone = [
  route('public', 'POST /v3/auth/tokens', issueToken),
  route('reader', 'GET /v3/auth/tokens', show),
  route('reader', 'HEAD /v3/auth/tokens', show),
  route('reader', 'DELETE /v3/auth/tokens', revoke),
  route('reader', 'GET /v3/auth/catalog', ({ context, token }) =>
    ok({ catalog: catalogueOf(context, token) }),
  ),
  ...routesOf(projects),
  ...routesOf(users),
  seeded('domains', [{ ...DOMAIN, enabled: true, description: '' }]),
  seeded(
    'roles',
    ROLES.map((name) => ({ id: roleId(name), name, domain_id: null })),
  ),
  route('admin', 'PUT /v3/projects/:project/users/:id/roles/:role', grant),
];
