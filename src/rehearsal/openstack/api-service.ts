import type { IncomingMessage, ServerResponse } from 'node:http';
import createRouter, { type HTTPMethod } from 'find-my-way';
import type { OpenStackService, ReplicaContext, ReplicaListener } from '../replica.ts';
import { ApiFault, dashed, ok, projectOf, type Answer, type Call } from './call.ts';
import { DIALECTS, type Dialect } from './dialects.ts';
import { readToken } from './tokens.ts';

/** Who may call a route: anybody without a token, any token, or one with that role. */
export type Allowed = 'public' | 'reader' | 'member' | 'admin';

export interface Route {
  readonly allowed: Allowed;
  /** Method and path with a blank between them. */
  readonly at: string;
  readonly serve: (call: Call) => Promise<Answer> | Answer;
}

export const route = (allowed: Allowed, at: string, serve: Route['serve']): Route => ({ allowed, at, serve });

/** The version document, by which clients find the root of the API. */
function versionRoutes(service: OpenStackService, { root, version: id, ...more }: Dialect): Route[] {
  const [, min_version, version] = more.microversions ?? [];
  const range = version && { min_version, version, max_version: version };
  const status = service === 'keystone' ? 'stable' : 'CURRENT';
  const document = ({ context }: Call): object => {
    return { id, status, ...range, links: [{ rel: 'self', href: `${context.frontUrl(service)}${root}/` }] };
  };
  const listed = (one: object): object => ({ versions: service === 'keystone' ? { values: [one] } : [one] });
  const first = route('public', 'GET /', (call) => ok(listed(document(call)), more.choices));
  const second = route('public', `GET ${root}`, (call) => ok({ version: document(call) }));
  return root === '' ? [first] : [first, second];
}

type Spoken = NonNullable<Dialect['microversions']>;

const minorOf = (version: string): number => Number(version.split('.')[1]);

/** The microversion that is asked for, the least where none is; 400 or 406 where it cannot be. */
function agreedVersion([name, least, most]: Spoken, headers: Call['headers']): string {
  const named = (headers['openstack-api-version'] ?? '').split(',').map((part) => part.trim().split(/\s+/));
  const old = name === 'compute' ? headers['x-openstack-nova-api-version'] : undefined;
  const asked = named.find(([service]) => service === name)?.[1] ?? old ?? least;
  if (asked === 'latest') return most;
  if (!/^\d+\.\d+$/.test(asked)) throw new ApiFault(400, `API Version String ${asked} is of invalid format.`);
  const isMajor = asked.split('.')[0] === least.split('.')[0];
  if (isMajor && minorOf(asked) >= minorOf(least) && minorOf(asked) <= minorOf(most)) return asked;
  throw new ApiFault(406, `Version ${asked} is not supported: it must be from ${least} to ${most}.`);
}

/** In one shape everywhere: it comes from keystonemiddleware, not from the service. */
const unauthorized = (context: ReplicaContext): Answer => ({
  status: 401,
  body: { error: { code: 401, title: 'Unauthorized', message: 'The request requires authentication.' } },
  headers: { 'WWW-Authenticate': `Keystone uri="${context.frontUrl('keystone')}"` },
});

/** Really asks the database, so that a replica that lost it is taken out of the address. */
const health = ({ database }: ReplicaContext): Promise<Answer> =>
  database.get('openstack/health').then(
    () => ok(Buffer.from('OK')),
    () => ok(Buffer.from('UNAVAILABLE'), 503),
  );

/** Turns the routes of a service into the listener of one of its replicas. */
export function serveApi(service: OpenStackService, own: Route[], context: ReplicaContext): ReplicaListener {
  const dialect = DIALECTS[service];
  const router = createRouter({ ignoreTrailingSlash: true });
  for (const one of [...versionRoutes(service, dialect), ...own]) {
    const [method, path = ''] = one.at.split(' ');
    router.on(method as HTTPMethod, path, () => undefined, one);
  }

  const answer = async (method: HTTPMethod, asked: Omit<Call, 'parameters' | 'minor'>): Promise<Answer> => {
    const { path, headers, token } = asked;
    if (path === '/healthcheck') return health(context);
    const match = router.find(method, path);
    const { allowed, serve, at } = (match?.store ?? {}) as Partial<Route>;
    const isPublic = allowed === undefined ? !path.startsWith(dialect.root) : allowed === 'public';
    if (!isPublic && token === undefined) return unauthorized(context);
    if (!match || !allowed || !serve) throw new ApiFault(404, `There is no ${method} ${path} here.`);
    const spoken = dialect.microversions && agreedVersion(dialect.microversions, headers);
    const parameters = match.params as Record<string, string>;
    const call: Call = { ...asked, parameters, minor: minorOf(spoken ?? '0.0') };
    if (!['public', 'reader', ...(token?.roles ?? [])].includes(allowed))
      throw new ApiFault(403, `Policy doesn't allow ${at} to be performed.`, 'PolicyNotAuthorized');
    if ((parameters['tenant'] ?? projectOf(call)) !== projectOf(call))
      throw new ApiFault(400, 'Malformed request url: the project of the URL is not that of the token.');
    const served = await serve(call);
    const version = spoken && { 'OpenStack-API-Version': `${dialect.microversions?.[0]} ${spoken}` };
    const old = spoken && service === 'nova' && { 'X-OpenStack-Nova-API-Version': spoken };
    return { ...served, headers: { ...version, ...old, ...served.headers } };
  };

  const reply = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [path = '/', query = ''] = (request.url ?? '/').split('?');
    const headers = request.headers as Record<string, string>;
    const token = readToken(context, headers['x-auth-token']);
    const bytes = Buffer.concat((await request.toArray()) as Buffer[]);
    const asked = { context, path, query: new URLSearchParams(query), headers, bytes, token };
    const given = await answer(request.method as HTTPMethod, asked).catch((error: unknown): Answer => {
      // What is no fault of the API's own is, above all, a database without a majority.
      const fault = error instanceof ApiFault ? error : new ApiFault(500, 'Unexpected API Error.');
      return ok(dialect.fault(fault), fault.status);
    });
    const isBytes = Buffer.isBuffer(given.body);
    response.statusCode = given.status;
    response.setHeader('x-openstack-request-id', `req-${dashed(context.token(32))}`);
    const type = isBytes ? 'application/octet-stream' : 'application/json';
    if (given.body !== undefined) response.setHeader('Content-Type', type);
    response.setHeaders(new Headers(given.headers));
    response.end(isBytes ? given.body : JSON.stringify(given.body));
  };

  // When it fails the client is gone, and there is nobody to tell.
  return (request, response) => void reply(request, response).catch(() => response.destroy());
}
