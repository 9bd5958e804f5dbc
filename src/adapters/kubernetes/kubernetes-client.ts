import { HarnessError } from '../../model/errors.ts';
import type { Duration } from '../../model/duration.ts';
import { Secret, maskSecrets } from '../../model/secret.ts';
import type { ApiAccess, ApiRequest, ApiResponse } from '../../ports/api-client.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Credentials, CredentialSource } from './credentials.ts';
import type { KubeTarget } from './kubeconfig.ts';
import { openTransport, type Answer, type Exchange, type Transport } from './transport.ts';
import { DeadlinePassed, plainServer } from './translate-failure.ts';

const DEFAULT_TIMEOUT: Duration = { ms: 30_000 };
/** A list page of 500 large objects stays below this; more is a server that never stops. */
const LARGEST_ANSWER = 256 * 1024 * 1024;

/** A stream of an answer's body. */
export interface OpenStream {
  readonly status: number;
  readonly chunks: AsyncIterable<Buffer>;
}

/** One server as one user: requests, streams, and what a prober needs to ask it too. */
export interface KubernetesClient {
  readonly server: string;
  request(request: ApiRequest): Promise<ApiResponse>;
  /**
   * Opens an answer that goes on. Fails with SQ_UNREACHABLE when nothing arrives for `inactivity`, counted from the last byte
   * (or from the call).
   */
  stream(path: string, inactivity: Duration, signal: AbortSignal): Promise<OpenStream>;
  access(): Promise<ApiAccess>;
  /** Replaces every secret that was ever sent in a text that is about to leave. */
  masked(text: string): string;
  close(): Promise<void>;
}

/** @param credentials shared by the clients of one cluster, so that a program that gives them runs once for all. */
export function createKubernetesClient(
  target: KubeTarget,
  credentials: CredentialSource,
  clock: Clock,
): KubernetesClient {
  const server = plainServer(target.server);
  const secrets = new Map<string, Secret>();
  let current: { readonly material: string; readonly transport: Promise<Transport> } | undefined;
  const transportFor = (given: Credentials): Promise<Transport> => {
    const material = [given.ca, given.cert, given.key?.reveal()].join('\n');
    if (current?.material !== material) {
      // What is in flight with the old certificate ends by itself; its pool closes when it is idle.
      const order = { server: target.server, verify: target.verify };
      const named = target.serverName === undefined ? order : { ...order, serverName: target.serverName };
      current = { material, transport: openTransport(named, given) };
    }
    return current.transport;
  };
  const prepare = async (given: Credentials): Promise<Prepared> => {
    for (const value of Object.values(given.headers)) if (value instanceof Secret) remember(secrets, value);
    return {
      transport: await transportFor(given),
      headers: { 'user-agent': 'squall', ...plainHeaders(given) },
    };
  };
  /** Once more with new credentials where the old ones were refused: a request that was not let in did nothing. */
  const letIn = async <T extends { readonly status: number }>(
    send: (prepared: Prepared) => Promise<T>,
  ): Promise<T> => {
    const given = await credentials.current();
    const answer = await send(await prepare(given));
    if (answer.status !== 401) return answer;
    const renewed = await credentials.renewed(given);
    return renewed === undefined ? answer : send(await prepare(renewed));
  };
  return {
    server,
    request: (request) =>
      letIn(({ transport, headers }) => exchangeWhole(transport, server, clock, request, headers)),
    stream: (path, inactivity, signal) =>
      letIn(({ transport, headers }) => {
        signal.throwIfAborted();
        return openStream(transport, clock, { method: 'GET', path, headers, signal }, inactivity);
      }),
    async access() {
      const { headers, ca, cert, key } = await credentials.current();
      const material = {
        ...(ca === undefined ? {} : { ca }),
        ...(cert === undefined ? {} : { cert }),
        ...(key === undefined ? {} : { key }),
      };
      return { url: server, headers, ...material, verify: target.verify };
    },
    masked: (text) => maskSecrets(text, secrets.values()),
    async close() {
      const transport = await current?.transport;
      await transport?.close();
    },
  };
}

interface Prepared {
  readonly transport: Transport;
  readonly headers: Readonly<Record<string, string>>;
}

/** Servers echo the token without its scheme, so both forms are masked. */
function remember(secrets: Map<string, Secret>, value: Secret): void {
  const text = value.reveal();
  if (secrets.has(text)) return;
  secrets.set(text, value);
  const token = text.slice(text.indexOf(' ') + 1);
  secrets.set(token, new Secret(token));
}

function plainHeaders(credentials: Credentials): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(credentials.headers)) {
    plain[name] = value instanceof Secret ? value.reveal() : value;
  }
  return plain;
}

/** The path and its query; parameters without a value are left out. */
export function withQuery(path: string, query: ApiRequest['query']): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {}))
    if (value !== undefined) parameters.set(name, String(value));
  const text = parameters.toString();
  if (text === '') return path;
  return `${path}${path.includes('?') ? '&' : '?'}${text}`;
}

function exchangeWhole(
  transport: Transport,
  server: string,
  clock: Clock,
  request: ApiRequest,
  credentials: Readonly<Record<string, string>>,
): Promise<ApiResponse> {
  const path = withQuery(request.path, request.query);
  const body = encodeBody(request.body);
  const exchange: Exchange = {
    method: request.method,
    path,
    headers: {
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...credentials,
      ...request.headers,
    },
    ...(body === undefined ? {} : { body }),
    ...(request.signal === undefined ? {} : { signal: request.signal }),
  };
  const sent = clock.now();
  return new Promise((resolve, reject) => {
    let answer: Answer | undefined;
    const chunks: Buffer[] = [];
    let size = 0;
    const { ms } = request.timeout ?? DEFAULT_TIMEOUT;
    const stopDeadline = clock.after(ms, () => {
      giveUp(new DeadlinePassed(ms));
    });
    const giveUp = transport.send(exchange, 'request', {
      start(given) {
        answer = given;
      },
      data(chunk) {
        chunks.push(chunk);
        size += chunk.length;
        if (size <= LARGEST_ANSWER) return;
        const says = `The answer to ${request.method} ${path} at ${server} did not end after ${size} bytes.`;
        giveUp(new HarnessError('SQ_BAD_ANSWER', says, { definite: false }));
      },
      end() {
        stopDeadline();
        const times = { sent, received: clock.now() };
        resolve(
          readAnswer(
            answer,
            Buffer.concat(chunks),
            request.asText === true ? undefined : `${request.method} ${path} at ${server}`,
            `${server}${path}`,
            times,
          ),
        );
      },
      fail(error) {
        stopDeadline();
        reject(error);
      },
    });
  });
}

/**
 * @param parsedAs what the answer is to, for a message; undefined when it is not to be parsed.
 * @throws SQ_BAD_ANSWER through the promise.
 */
async function readAnswer(
  answer: Answer | undefined,
  bytes: Buffer,
  parsedAs: string | undefined,
  url: string,
  times: Pick<ApiResponse, 'sent' | 'received'>,
): Promise<ApiResponse> {
  const { status, headers } = answer ?? { status: 0, headers: {} };
  const requestId = headers['audit-id'];
  const body = parsedAs === undefined ? bytes.toString('utf8') : parseBody(bytes, headers, parsedAs);
  return { status, headers, body, ...(requestId === undefined ? {} : { requestId }), ...times, url };
}

function encodeBody(body: unknown): string | Uint8Array | undefined {
  if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) return body;
  return JSON.stringify(body);
}

function parseBody(bytes: Buffer, headers: Readonly<Record<string, string>>, where: string): unknown {
  const text = bytes.toString('utf8');
  if (!/^application\/([\w.+-]+\+)?json\b/i.test(headers['content-type'] ?? '') || text === '') return text;
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, which may hold a secret.
    const says = `The answer to ${where} says that it is JSON, and its ${bytes.length} bytes are not.`;
    throw new HarnessError('SQ_BAD_ANSWER', says, { definite: false });
  }
}

function openStream(
  transport: Transport,
  clock: Clock,
  exchange: Exchange,
  inactivity: Duration,
): Promise<OpenStream> {
  return new Promise((resolve, reject) => {
    const waiting: Buffer[] = [];
    let over: { readonly error?: unknown } | undefined;
    let wake: () => void = () => undefined;
    let stopDeadline: () => void = () => undefined;
    const rearm = (): void => {
      stopDeadline();
      stopDeadline = clock.after(inactivity.ms, () => {
        giveUp(new DeadlinePassed(inactivity.ms));
      });
    };
    const finish = (how: { readonly error?: unknown }): void => {
      stopDeadline();
      over = how;
      wake();
    };
    async function* chunks(): AsyncGenerator<Buffer> {
      try {
        for (;;) {
          const next = waiting.shift();
          if (next !== undefined) yield next;
          else if (over !== undefined) {
            if ('error' in over) throw over.error;
            return;
          } else {
            await new Promise<void>((resolveWait) => {
              wake = resolveWait;
            });
          }
        }
      } finally {
        giveUp(new Error('no longer wanted'));
        stopDeadline();
      }
    }
    rearm();
    const giveUp = transport.send(exchange, 'watch', {
      start({ status }) {
        rearm();
        resolve({ status, chunks: chunks() });
      },
      data(chunk) {
        rearm();
        waiting.push(chunk);
        wake();
      },
      end() {
        finish({});
      },
      fail(error) {
        finish({ error });
        reject(error);
      },
    });
  });
}
