import { HarnessError } from '../../model/errors.ts';
import type { ApiAccess, ApiClient, ApiRequest, ApiResponse } from '../../ports/api-client.ts';
import type { Secret } from '../../model/secret.ts';
import type { Clock } from '../../ports/clock.ts';
import type { OpenStackApi, ServiceType } from '../../ports/openstack.ts';
import { isTree } from './cloud-files.ts';
import { SERVICE_KINDS, settingOf } from './discover-version.ts';
import { faultText } from './keystone-auth.ts';
import { openSession, withDeadline } from './openstack-session.ts';
import type { OpenStackSession, VersionDocuments } from './openstack-session.ts';
import type { CloudConfig } from './resolve-cloud.ts';
import { DEFAULT_TIMEOUT_MS } from './transport.ts';
import type { Tls, Transport } from './transport.ts';
import { DeadlinePassed, plainUrl } from './translate-failure.ts';

/** A list that has more pages than this goes round in circles. */
const MOST_PAGES = 10_000;

interface Parts {
  readonly config: CloudConfig;
  readonly tls: Tls;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly session: OpenStackSession;
}

/** Waits for work that others share; the caller's own signal or deadline ends the waiting, not the work. */
async function shared<T>(work: Promise<T>, signal: AbortSignal, what: string): Promise<T> {
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = (): void => {
      const { reason } = signal as { reason: Error };
      const says = `${what} was not sent: ${reason.message} while waiting for the token or the version document.`;
      reject(reason instanceof DeadlinePassed ? new HarnessError('SQ_UNREACHABLE', says) : reason);
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (stop !== undefined) signal.removeEventListener('abort', stop);
  }
}

function versionHeaders(type: ServiceType, microversion: string | undefined): Record<string, string> {
  const name = SERVICE_KINDS[type].microversionName;
  if (microversion === undefined || name === undefined) return {};
  const old = type === 'compute' ? { 'X-OpenStack-Nova-API-Version': microversion } : {};
  return { 'OpenStack-API-Version': `${name} ${microversion}`, ...old };
}

function urlOf(root: string, request: ApiRequest): string {
  const url = new URL(root + request.path);
  for (const [name, value] of Object.entries(request.query ?? {}))
    if (value !== undefined) url.searchParams.append(name, String(value));
  return url.href;
}

function clientOf(parts: Parts, type: ServiceType, microversion: string | undefined): ApiClient {
  const { config, session, transport, clock } = parts;
  const version = versionHeaders(type, microversion ?? settingOf(config, type, 'default_microversion'));

  const send = async (request: ApiRequest, signal: AbortSignal): Promise<ApiResponse> => {
    const what = `${request.method} ${request.path} of ${type}`;
    const first = await shared(session.current(), signal, what);
    const url = urlOf(await shared(session.root(type), signal, what), request);
    const once = (token: Secret): Promise<ApiResponse> => {
      const headers = { ...version, ...request.headers, 'x-auth-token': token.reveal() };
      const { method, body } = request;
      return transport.exchange({ method, url, headers, signal, ...(body === undefined ? {} : { body }) });
    };
    const answer = await once(first.token);
    if (answer.status !== 401) return answer;
    const { token } = await shared(session.renew(first.token), signal, what);
    return once(token);
  };

  return {
    name: type,
    request: <Body>(request: ApiRequest) => {
      const ms = request.timeout?.ms ?? config.apiTimeoutMs ?? DEFAULT_TIMEOUT_MS;
      return withDeadline(clock, ms, (signal) => send(request, signal), request.signal) as Promise<
        ApiResponse<Body>
      >;
    },
  };
}

/** Where the next page is, in any of the ways in which the services say it. */
function nextOf(body: unknown, key: string): string | undefined {
  if (!isTree(body)) return undefined;
  if (typeof body['next'] === 'string') return body['next'];
  const links = body[`${key}_links`] ?? body['links'];
  if (isTree(links)) return typeof links['next'] === 'string' ? links['next'] : undefined;
  const next = Array.isArray(links)
    ? (links as unknown[]).find((link) => isTree(link) && link['rel'] === 'next')
    : undefined;
  return isTree(next) && typeof next['href'] === 'string' ? next['href'] : undefined;
}

function pageOf(answer: ApiResponse, key: string): Items {
  const id = answer.requestId === undefined ? '' : ` (${answer.requestId})`;
  const facts = { status: answer.status, requestId: answer.requestId, url: answer.url };
  const where = `The list at ${plainUrl(answer.url)}${id}`;
  if (answer.status === 401 || answer.status === 403) {
    throw new HarnessError(
      'SQ_AUTH',
      `${where} was refused with ${answer.status}: ${faultText(answer.body)}`,
      { facts },
    );
  }
  const items = isTree(answer.body) ? answer.body[key] : undefined;
  if (answer.status === 200 && Array.isArray(items)) return items as Items;
  const says =
    answer.status === 200 ? `has no "${key}"` : `answered ${answer.status}: ${faultText(answer.body)}`;
  throw new HarnessError('SQ_BAD_ANSWER', `${where} ${says}.`, { facts });
}

type Items = readonly Readonly<Record<string, unknown>>[];

/** A service behind a balancer may not know the beginning of its own root: below `/image/v2` it says `/v2/images`. */
function belowRoot(root: string, path: string): string {
  const parts = root.split('/').filter((part) => part !== '');
  for (const [index] of parts.entries()) {
    const end = `/${parts.slice(index).join('/')}`;
    if (path === end || path.startsWith(`${end}/`)) return path.slice(end.length);
  }
  return path;
}

async function listAll(
  parts: Parts,
  type: ServiceType,
  path: string,
  key: string,
  signal?: AbortSignal,
): Promise<Items> {
  const client = clientOf(parts, type, undefined);
  const root = new URL(await parts.session.root(type));
  const items: Items[number][] = [];
  const seen = new Set<string>();
  let next: string | undefined = path;
  while (next !== undefined) {
    if (seen.has(next) || seen.size >= MOST_PAGES) {
      throw new HarnessError(
        'SQ_BAD_ANSWER',
        `The list ${path} of ${type} leads back to a page that was read already.`,
      );
    }
    seen.add(next);
    const answer: ApiResponse = await client.request({
      method: 'GET',
      path: next,
      ...(signal && { signal }),
    });
    items.push(...pageOf(answer, key));
    const link = nextOf(answer.body, key);
    if (link === undefined) return items;
    // Links are absolute, or begin at the host; the client's paths begin at the root of the service.
    const target = new URL(link, `${root.href}/`);
    next = `/${belowRoot(root.pathname, target.pathname).replace(/^\/+/, '')}${target.search}`;
  }
  return items;
}

async function accessOf({ config, session, tls }: Parts, type: ServiceType): Promise<ApiAccess> {
  const { token } = await session.current();
  const url = await session.root(type);
  const version = versionHeaders(type, settingOf(config, type, 'default_microversion'));
  const { verify, ca, cert, key } = tls;
  return {
    url,
    headers: { ...version, 'X-Auth-Token': token },
    verify,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}

/** The port, on what was read from clouds.yaml. */
export function openStackApi(
  config: CloudConfig,
  tls: Tls,
  transport: Transport,
  clock: Clock,
  tell: (secret: Secret) => void,
  documents: VersionDocuments = new Map(),
): OpenStackApi {
  const parts: Parts = {
    config,
    tls,
    transport,
    clock,
    session: openSession(config, transport, clock, tell, documents),
  };
  const { session } = parts;
  /** So that each takes one token, however often it is asked for. */
  const others = new Map<string, OpenStackApi>();
  const waited = <T>(work: Promise<T>, signal: AbortSignal | undefined, what: string): Promise<T> =>
    signal === undefined ? work : shared(work, signal, what);
  return {
    cloud: config.cloud,
    identity: () => Promise.resolve(plainUrl(config.authUrl).replace(/\/(v\d[\d.]*\/?)?$/, '')),
    authenticate: async (signal) => {
      const { token, userId, projectId } = await waited(session.renew(), signal, 'The request for a token');
      return { token, userId, ...(projectId === undefined ? {} : { projectId }) };
    },
    user: async (signal) => {
      const { userId, projectId, roles } = await waited(session.current(), signal, 'The request for a token');
      return { userId, roles, ...(projectId === undefined ? {} : { projectId }) };
    },
    catalogue: async (signal) =>
      (await waited(session.current(), signal, 'The request for a token')).catalogue,
    service: (type, options) => clientOf(parts, type, options?.microversion),
    listAll: (type, path, key, signal) => listAll(parts, type, path, key, signal),
    access: (type) => accessOf(parts, type),
    as: ({ userId, password, projectId }) => {
      const who = `${userId} ${projectId} ${password.reveal()}`;
      const known = others.get(who);
      if (known !== undefined) return known;
      tell(password);
      const other = {
        ...config,
        authType: 'password',
        auth: { user_id: userId, project_id: projectId },
        secrets: { password },
      } as const;
      const api = openStackApi(other, tls, transport, clock, tell, documents);
      others.set(who, api);
      return api;
    },
  };
}
