import type { IncomingMessage, ServerResponse } from 'node:http';
import createRouter from 'find-my-way';
import type { HTTPMethod } from 'find-my-way';
import { StoreUnavailable } from '../replica.ts';
import type { OpenStackService, ReplicaContext, ReplicaListener } from '../replica.ts';
import { ApiFault, isAdmin, uuid } from './call.ts';
import type { Answer, Call } from './call.ts';
import { NOBODY, readToken } from './tokens.ts';

/** Who may call a route: anybody without a token, or a token with that role or one above it. */
export type Allowed = 'public' | 'reader' | 'member' | 'admin';

export interface Route {
  readonly method: HTTPMethod;
  readonly path: string;
  readonly allowed: Allowed;
  /** The name of the policy rule, which refusals quote. */
  readonly rule: string;
  serve(call: Call): Promise<Answer> | Answer;
}

export const route = (
  method: HTTPMethod,
  path: string,
  allowed: Allowed,
  rule: string,
  serve: (call: Call) => Promise<Answer> | Answer,
): Route => ({ method, path, allowed, rule, serve });

export interface Microversions {
  /** As it is named in `OpenStack-API-Version`. */
  readonly name: string;
  readonly major: number;
  readonly least: number;
  readonly most: number;
  /** The header of before there was a common one. */
  readonly oldHeader?: string;
}

export interface ApiService {
  readonly name: OpenStackService;
  readonly routes: readonly Route[];
  readonly microversions?: Microversions;
  /** The body of an error, as this service writes it, and its content type where that is not JSON. */
  fault(fault: ApiFault, call: Call): Answer;
  /** The sentence for a rule that the caller's roles do not fulfil. */
  refusal(rule: string): string;
  /** The sentence with which this service hides an error of its own. */
  readonly internal: string;
  readonly bodyLimit?: number;
  /** Paths below these are versioned API paths, which ask for a token before anything else. */
  readonly guarded: string;
}

const TOKEN_MISSING = 'The request you have made requires authentication.';

async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    // What is too much is read and dropped: answering while the client still sends would reset its connection.
    if (size <= limit) parts.push(part);
  }
  if (size > limit) throw new ApiFault(413, 'Request is too large.');
  return Buffer.concat(parts);
}

function agreeOnMinor(
  versions: Microversions | undefined,
  headers: Readonly<Record<string, string>>,
): number {
  if (versions === undefined) return 0;
  const named = (headers['openstack-api-version'] ?? '').split(',').map((part) => part.trim().split(/\s+/));
  const asked = named.find(([name]) => name === versions.name)?.[1] ?? headers[versions.oldHeader ?? ''];
  if (asked === undefined) return versions.least;
  if (asked === 'latest') return versions.most;
  const parts = /^([1-9]\d*)\.(\d+)$/.exec(asked);
  if (parts === null)
    throw new ApiFault(
      400,
      `API Version String ${asked} is of invalid format. Must be of format MajorNum.MinorNum.`,
    );
  const minor = Number(parts[2]);
  if (Number(parts[1]) === versions.major && minor >= versions.least && minor <= versions.most) return minor;
  const range = `Minimum is ${versions.major}.${versions.least} and maximum is ${versions.major}.${versions.most}.`;
  throw new ApiFault(406, `Version ${asked} is not supported by the API. ${range}`);
}

function versionHeaders(versions: Microversions | undefined, minor: number): Record<string, string> {
  if (versions === undefined) return {};
  const text = `${versions.major}.${minor}`;
  return {
    'OpenStack-API-Version': `${versions.name} ${text}`,
    ...(versions.oldHeader === undefined ? {} : { 'X-OpenStack-Nova-API-Version': text }),
    Vary: ['OpenStack-API-Version', ...(versions.oldHeader ? ['X-OpenStack-Nova-API-Version'] : [])].join(
      ', ',
    ),
  };
}

function authorize(service: ApiService, found: Route, call: Call): void {
  if (found.allowed === 'reader' || (found.allowed === 'member' && call.token.roles.includes('member')))
    return;
  if (!isAdmin(call)) throw new ApiFault(403, service.refusal(found.rule), 'PolicyNotAuthorized');
}

function unauthorized(context: ReplicaContext): Answer {
  return {
    status: 401,
    body: { error: { code: 401, title: 'Unauthorized', message: TOKEN_MISSING } },
    headers: { 'WWW-Authenticate': `Keystone uri="${context.frontUrl('keystone')}"` },
  };
}

/** Really asks the database, so that a replica that lost it is taken out of the address. */
async function health(context: ReplicaContext): Promise<Answer> {
  try {
    await context.database.get('openstack/health');
    return { status: 200, body: Buffer.from('OK'), headers: { 'Content-Type': 'text/plain' } };
  } catch {
    return { status: 503, body: Buffer.from('UNAVAILABLE'), headers: { 'Content-Type': 'text/plain' } };
  }
}

function send(response: ServerResponse, head: boolean, requestId: string, answer: Answer): void {
  const bytes = Buffer.isBuffer(answer.body)
    ? answer.body
    : Buffer.from(answer.body === undefined ? '' : JSON.stringify(answer.body));
  const headers: Record<string, string> = { 'x-openstack-request-id': requestId };
  if (answer.body !== undefined) headers['Content-Type'] = 'application/json';
  if (answer.status !== 204 && answer.status !== 304) headers['Content-Length'] = String(bytes.length);
  response.writeHead(answer.status, { ...headers, ...answer.headers });
  response.end(head ? undefined : bytes);
}

function faultOf(service: ApiService, error: unknown): ApiFault {
  if (error instanceof ApiFault) return error;
  const unavailable = error instanceof StoreUnavailable;
  return new ApiFault(500, service.internal, unavailable ? 'DBConnectionError' : 'HTTPInternalServerError');
}

const METHODS: readonly HTTPMethod[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'];

/** Turns the routes of a service into the listener of one of its replicas. */
export function serveApi(service: ApiService, context: ReplicaContext): ReplicaListener {
  const router = createRouter({ ignoreTrailingSlash: true, maxParamLength: 1024 });
  const unused = (): void => undefined;
  for (const one of service.routes) router.on(one.method, one.path, unused, one);

  const answer = async (request: IncomingMessage, call: Call, path: string): Promise<Answer> => {
    if (path === '/healthcheck') return health(context);
    const method = call.method as HTTPMethod;
    const match = router.find(method, path);
    const found = match?.store as Route | undefined;
    const token = readToken(context, call.headers['x-auth-token'] ?? '');
    const guarded = found === undefined ? path.startsWith(service.guarded) : found.allowed !== 'public';
    if (guarded && token === undefined) return unauthorized(context);
    if (found === undefined) {
      const other = METHODS.some((candidate) => router.find(candidate, path) !== null);
      throw other
        ? new ApiFault(405, 'The method is not allowed for the requested URL.')
        : new ApiFault(404, 'The resource could not be found.');
    }
    const minor = agreeOnMinor(service.microversions, call.headers);
    const bytes = await readBody(request, service.bodyLimit ?? 114_688);
    const whole: Call = {
      ...call,
      token: token ?? NOBODY,
      minor,
      bytes,
      parameters: match?.params as Record<string, string>,
    };
    if (found.allowed !== 'public') authorize(service, found, whole);
    const served = await found.serve(whole);
    return { ...served, headers: { ...versionHeaders(service.microversions, minor), ...served.headers } };
  };

  return (request, response) => {
    const url = request.url ?? '/';
    const split = url.indexOf('?');
    const path = split < 0 ? url : url.slice(0, split);
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    );
    const call: Call = {
      context,
      method: request.method ?? 'GET',
      url,
      parameters: {},
      query: new URLSearchParams(split < 0 ? '' : url.slice(split + 1)),
      headers,
      requestId: `req-${uuid(context)}`,
      bytes: Buffer.alloc(0),
      token: NOBODY,
      minor: service.microversions?.least ?? 0,
    };
    const head = call.method === 'HEAD';
    answer(request, call, path)
      .catch((error: unknown) => service.fault(faultOf(service, error), call))
      .then((final) => send(response, head, call.requestId, final))
      // The client is gone; there is nobody to tell.
      .catch(() => response.destroy());
  };
}
