import { Agent as HttpAgent } from 'node:http';
import type { ClientRequest } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Socket } from 'node:net';
import type { Got, OptionsInit } from 'got';
import { HarnessError } from '../../model/errors.ts';
import type { Secret } from '../../model/secret.ts';
import type { ApiRequest, ApiResponse } from '../../ports/api-client.ts';
import type { Clock } from '../../ports/clock.ts';
import { DeadlinePassed, plainUrl, translateFailure } from './translate-failure.ts';
import type { Progress } from './translate-failure.ts';

/** Enough for suites in parallel; what is above it waits for a connection. */
const MOST_CONNECTIONS = 64;
export const DEFAULT_TIMEOUT_MS = 30_000;

export interface Tls {
  readonly verify: boolean;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: Secret;
}

export interface Exchange {
  readonly method: ApiRequest['method'];
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Ends the exchange; its reason says why. */
  readonly signal: AbortSignal;
}

/**
 * One exchange over pooled connections: no redirects, and any status is an answer. No retries but one: a GET whose connection was
 * reset before any answer is sent once more, for the connection that was kept may have died long before.
 */
export interface Transport {
  exchange(order: Exchange): Promise<ApiResponse>;
}

function payloadOf(body: unknown): { body?: string | Uint8Array; headers: Record<string, string> } {
  if (body === undefined) return { headers: {} };
  if (typeof body === 'string' || body instanceof Uint8Array) return { body, headers: {} };
  return { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
}

/** Notes how far it comes: from when a connection is there, the request may have reached the other side. */
function watchProgress(request: ClientRequest, progress: Progress): void {
  // got tells of an answer only once it is whole, and what is wanted here is what came of one that never was.
  request.once('response', (response) => {
    const headers = headersOf(response.headers);
    const [promised, requestId] = [headers['content-length'], requestIdOf(headers)];
    progress.head = {
      status: response.statusCode ?? 0,
      ...(requestId === undefined ? {} : { requestId }),
      ...(promised === undefined ? {} : { promised: Number(promised) }),
    };
  });
  request.once('socket', (socket: Socket) => {
    if (!socket.connecting) progress.sent = true;
    else socket.once('connect', () => (progress.sent = true));
  });
}

const headersOf = (
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, [value].flat().join(', ')]],
    ),
  );

const requestIdOf = (headers: Readonly<Record<string, string>>): string | undefined =>
  headers['x-openstack-request-id'] ?? headers['x-compute-request-id'];

/** The body as the answer names it. @throws SQ_BAD_ANSWER for JSON that is none, and for a page where an API should answer. */
function readBody(bytes: Uint8Array, headers: Readonly<Record<string, string>>, progress: Progress): unknown {
  const type = headers['content-type'] ?? '';
  const text = Buffer.from(bytes).toString('utf8');
  const id = progress.head?.requestId;
  const where = `${progress.method} ${plainUrl(progress.url)}${id === undefined ? '' : ` (${id})`}`;
  const status = progress.head?.status ?? 0;
  const facts = { status, requestId: id, contentType: type };
  const refuse = (says: string): HarnessError =>
    new HarnessError('SQ_BAD_ANSWER', says, { definite: false, facts });
  // An error page of a proxy is an answer with a status; a page that claims success is not the API. Glance names a type of page
  // where it sends nothing at all.
  if (type.includes('text/html') && status < 400 && text !== '')
    throw refuse(`The answer ${status} to ${where} is an HTML page, not JSON.`);
  if (!type.includes('json') || text === '') return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw refuse(
      `The answer ${status} to ${where} says that it is JSON, and does not parse as such (${bytes.length} bytes).`,
    );
  }
}

/** Loads got, and opens nothing yet. */
export async function openTransport(
  tls: Tls,
  clock: Clock,
  secrets: () => Iterable<Secret>,
): Promise<Transport> {
  const { got } = await import('got');
  const settings = { keepAlive: true, maxSockets: MOST_CONNECTIONS };
  const client: Got = got.extend({
    agent: { http: new HttpAgent(settings), https: new HttpsAgent(settings) },
    retry: { limit: 0 },
    throwHttpErrors: false,
    followRedirect: false,
    https: {
      rejectUnauthorized: tls.verify,
      ...(tls.ca === undefined ? {} : { certificateAuthority: tls.ca }),
      ...(tls.cert === undefined ? {} : { certificate: tls.cert }),
      ...(tls.key === undefined ? {} : { key: tls.key.reveal() }),
    },
  });

  const exchange = async (order: Exchange, isSecond = false): Promise<ApiResponse> => {
    const progress: Progress = { method: order.method, url: order.url, sent: false, received: 0 };
    const payload = payloadOf(order.body);
    order.signal.throwIfAborted();
    const sent = clock.now();
    const options: OptionsInit = {
      method: order.method,
      headers: { accept: 'application/json', 'user-agent': 'squall', ...payload.headers, ...order.headers },
      signal: order.signal,
      ...(payload.body === undefined ? {} : { body: payload.body }),
    };
    try {
      const promise = client(order.url, {
        ...options,
        responseType: 'buffer',
        isStream: false,
        resolveBodyOnly: false,
      });
      void promise.on('request', (request) => watchProgress(request, progress));
      void promise.on('downloadProgress', ({ transferred }) => (progress.received = transferred));
      const response = await promise;
      const headers = headersOf(response.headers);
      const requestId = requestIdOf(headers);
      const body = readBody(response.body, headers, progress);
      const received = clock.now();
      const base = { status: response.statusCode, headers, body, sent, received, url: plainUrl(order.url) };
      return requestId === undefined ? base : { ...base, requestId };
    } catch (error) {
      if (error instanceof HarnessError) throw error;
      if (!isSecond && order.method === 'GET' && progress.head === undefined && wasReset(error)) {
        return exchange(order, true);
      }
      const reason: unknown = order.signal.aborted ? order.signal.reason : error;
      if (order.signal.aborted && !(reason instanceof DeadlinePassed)) throw reason;
      throw translateFailure(reason, progress, secrets());
    }
  };
  return { exchange: (order) => exchange(order) };
}

const wasReset = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
