import { ApiFault, bodyOf, isAdmin, isRecord, ok, stamp, wordsOf } from './call.ts';
import type { Answer, Call, Json } from './call.ts';
import { catalogueOf, hashSecret, identityTables, withImplied } from './identity-tables.ts';
import type {
  ApplicationCredentialRow,
  DomainRow,
  IdentityTables,
  ProjectRow,
  UserRow,
} from './identity-tables.ts';
import { readToken, TOKEN_LIFE_MS, writeToken } from './tokens.ts';
import type { Token } from './tokens.ts';

const UNAUTHORIZED = 'The request you have made requires authentication.';
const unauthorized = (): ApiFault => new ApiFault(401, UNAUTHORIZED);

const objectAt = (from: Json, key: string): Json => {
  const value = from[key];
  if (!isRecord(value)) throw new ApiFault(400, `'${key}' is a required property`);
  return value;
};

async function domainOf(tables: IdentityTables, given: Json): Promise<DomainRow | undefined> {
  if (typeof given['id'] === 'string') return tables.domains.find(given['id']);
  return (await tables.domains.all()).find((row) => row.name === given['name']);
}

/** By id, or by name and domain. */
async function ownedBy<Row extends { readonly name: string; readonly domain_id: string }>(
  tables: IdentityTables,
  rows: { find(id: string): Promise<Row | undefined>; all(): Promise<Row[]> },
  given: Json,
): Promise<Row | undefined> {
  if (typeof given['id'] === 'string') return rows.find(given['id']);
  const domain = await domainOf(tables, objectAt(given, 'domain'));
  return (await rows.all()).find((row) => row.name === given['name'] && row.domain_id === domain?.id);
}

interface Proven {
  readonly user: UserRow;
  readonly methods: readonly string[];
  readonly credential?: ApplicationCredentialRow;
  /** What a token was exchanged from. */
  readonly origin?: Token;
}

async function provePassword(tables: IdentityTables, identity: Json): Promise<Proven> {
  const given = objectAt(objectAt(identity, 'password'), 'user');
  const user = await ownedBy(tables, tables.users, given);
  const password = typeof given['password'] === 'string' ? given['password'] : '';
  if (!user?.enabled || user.passwordHash !== hashSecret(user.id, password)) throw unauthorized();
  return { user, methods: ['password'] };
}

async function proveToken(call: Call, tables: IdentityTables, identity: Json): Promise<Proven> {
  const origin = readToken(call.context, wordsOf(objectAt(identity, 'token')['id']));
  const user = origin && (await tables.users.find(origin.user.id));
  if (origin === undefined || !user?.enabled || (await tables.revoked.find(origin.audit)))
    throw unauthorized();
  return { user, methods: [...new Set([...origin.methods, 'token'])], origin };
}

async function proveCredential(call: Call, tables: IdentityTables, identity: Json): Promise<Proven> {
  const given = objectAt(identity, 'application_credential');
  let credential: ApplicationCredentialRow | undefined;
  if (typeof given['id'] === 'string') credential = await tables.credentials.find(given['id']);
  else {
    const owner = await ownedBy(tables, tables.users, objectAt(given, 'user'));
    credential = (await tables.credentials.all()).find(
      (row) => row.name === given['name'] && row.user === owner?.id,
    );
  }
  const user = credential && (await tables.users.find(credential.user));
  if (credential === undefined || !user?.enabled) throw unauthorized();
  if (credential.secretHash !== hashSecret(credential.id, wordsOf(given['secret']))) throw unauthorized();
  const ends = credential.expires_at === null ? Infinity : Date.parse(`${credential.expires_at}Z`);
  if (ends <= call.context.nowMs()) throw unauthorized();
  return { user, methods: ['application_credential'], credential };
}

function prove(call: Call, tables: IdentityTables, identity: Json): Promise<Proven> {
  const methods = identity['methods'];
  if (!Array.isArray(methods)) throw new ApiFault(400, "'methods' is a required property");
  if (methods.includes('application_credential')) return proveCredential(call, tables, identity);
  if (methods.includes('token')) return proveToken(call, tables, identity);
  if (methods.includes('password')) return provePassword(tables, identity);
  throw unauthorized();
}

type Scope = Pick<Token, 'project' | 'domain' | 'system'>;

async function findScope(tables: IdentityTables, scope: Json): Promise<{ target: string; scope: Scope }> {
  if (isRecord(scope['project'])) {
    const project: ProjectRow | undefined = await ownedBy(tables, tables.projects, scope['project']);
    if (!project?.enabled) throw unauthorized();
    return { target: `project/${project.id}`, scope: { project: { id: project.id, name: project.name } } };
  }
  if (isRecord(scope['domain'])) {
    const domain = await domainOf(tables, scope['domain']);
    if (!domain?.enabled) throw unauthorized();
    return { target: `domain/${domain.id}`, scope: { domain: { id: domain.id, name: domain.name } } };
  }
  if (isRecord(scope['system'])) return { target: 'system/all', scope: { system: true } };
  throw new ApiFault(400, "'scope' must name a project, a domain or the system");
}

async function rolesAt(tables: IdentityTables, user: string, target: string): Promise<string[]> {
  const names = new Map((await tables.roles.all()).map((role) => [role.id, role.name]));
  const own = (await tables.assignments.all()).filter((row) => row.user === user && row.target === target);
  return withImplied(own.map((row) => names.get(row.role) ?? row.role));
}

async function scopeOf(
  tables: IdentityTables,
  proven: Proven,
  asked: unknown,
): Promise<Scope & { roles: string[] }> {
  if (proven.credential !== undefined) {
    const project = await tables.projects.find(proven.credential.project);
    if (!project?.enabled || asked !== undefined) throw unauthorized();
    return { project: { id: project.id, name: project.name }, roles: [...proven.credential.roles] };
  }
  if (asked === 'unscoped') return { roles: [] };
  const standard = proven.user.extra['default_project_id'];
  const given = isRecord(asked)
    ? asked
    : typeof standard === 'string'
      ? { project: { id: standard } }
      : undefined;
  if (given === undefined) return { roles: [] };
  const { target, scope } = await findScope(tables, given);
  const roles = await rolesAt(tables, proven.user.id, target);
  if (roles.length === 0) throw unauthorized();
  return { ...scope, roles };
}

const DEFAULT_DOMAIN = { id: 'default', name: 'Default' };

/** The body of a token, as Keystone shows it. */
async function describe(call: Call, tables: IdentityTables, token: Token): Promise<object> {
  const ids = new Map((await tables.roles.all()).map((role) => [role.name, role.id]));
  const scoped = token.project !== undefined || token.domain !== undefined || token.system === true;
  return {
    token: {
      methods: token.methods,
      user: { ...token.user, domain: DEFAULT_DOMAIN, password_expires_at: null },
      audit_ids: [token.audit],
      expires_at: stamp(token.expiresMs, true),
      issued_at: stamp(token.issuedMs, true),
      ...(token.project && { project: { ...token.project, domain: DEFAULT_DOMAIN }, is_domain: false }),
      ...(token.domain && { domain: token.domain }),
      ...(token.system && { system: { all: true } }),
      ...(scoped && {
        roles: token.roles.map((name) => ({ id: ids.get(name) ?? name, name })),
        ...(call.query.has('nocatalog')
          ? {}
          : { catalog: catalogueOf(call.context, token.project?.id ?? '') }),
      }),
      ...(token.applicationCredential && {
        application_credential: { id: token.applicationCredential, restricted: true },
      }),
    },
  };
}

export async function issueToken(call: Call): Promise<Answer> {
  const auth = bodyOf(call, 'auth');
  const tables = identityTables(call.context);
  const proven = await prove(call, tables, objectAt(auth, 'identity'));
  const nowMs = call.context.nowMs();
  const token: Token = {
    user: { id: proven.user.id, name: proven.user.name },
    ...(await scopeOf(tables, proven, auth['scope'])),
    methods: proven.methods,
    issuedMs: nowMs,
    // A token got by a token never lives longer than the first.
    expiresMs: proven.origin?.expiresMs ?? nowMs + TOKEN_LIFE_MS,
    audit: Buffer.from(call.context.token(32), 'hex').toString('base64url'),
    ...(proven.credential && { applicationCredential: proven.credential.id }),
  };
  const headers = { 'X-Subject-Token': writeToken(call.context, token), Vary: 'X-Auth-Token' };
  return { status: 201, body: await describe(call, tables, token), headers };
}

async function subject(call: Call): Promise<{ text: string; token: Token; tables: IdentityTables }> {
  const text = call.headers['x-subject-token'] ?? '';
  const token = readToken(call.context, text);
  const tables = identityTables(call.context);
  if (token === undefined || (await tables.revoked.find(token.audit)))
    throw new ApiFault(404, `Could not find token: ${text === '' ? 'None' : 'the given one'}.`);
  if (token.user.id !== call.token.user.id && !isAdmin(call))
    throw new ApiFault(
      403,
      'You are not authorized to perform the requested action: identity:validate_token.',
    );
  return { text, token, tables };
}

export async function showToken(call: Call): Promise<Answer> {
  const { text, token, tables } = await subject(call);
  return { ...ok(await describe(call, tables, token)), headers: { 'X-Subject-Token': text } };
}

export async function revokeToken(call: Call): Promise<Answer> {
  const { token, tables } = await subject(call);
  await tables.revoked.put(token.audit, { expiresMs: token.expiresMs });
  return { status: 204 };
}
