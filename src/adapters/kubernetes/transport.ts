import { setMaxListeners } from 'node:events';
import type { Dispatcher, Pool } from 'undici';
import type { Credentials } from './credentials.ts';
import { translateFailure } from './translate-failure.ts';

/** Connections for questions; a watch holds one for itself, so watches have a pool of their own. */
const REQUEST_CONNECTIONS = 16;
const WATCH_CONNECTIONS = 32;
/** Long enough for a handshake over a lossy network, short enough to be noticed. */
const CONNECT_TIMEOUT_MS = 5000;
/** Shorter than the 90 s for which Go's HTTP server, and so kube-apiserver, keeps a quiet connection. */
const KEEP_ALIVE_MS = 30_000;

export interface Exchange {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly signal?: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** What an exchange tells as it happens. Exactly one of `end` and `fail` comes, and it comes last. */
export interface Listener {
  start(answer: Answer): void;
  data(chunk: Buffer): void;
  end(): void;
  fail(error: Error): void;
}

/**
 * Pooled connections to one server as one user. No timeouts but those of the caller and of connecting, and no retries but one: a
 * GET whose connection broke before any answer is sent once more, as Go's client does, for the connection that was kept may have
 * died long before.
 */
export interface Transport {
  /** @returns how to give up: the exchange then fails with the reason given. */
  send(exchange: Exchange, kind: 'request' | 'watch', listener: Listener): (reason: unknown) => void;
  close(): Promise<void>;
}

export interface TransportOrder {
  readonly server: string;
  readonly verify: boolean;
  readonly serverName?: string;
}

/** Loads undici, and opens nothing yet. */
export async function openTransport(order: TransportOrder, credentials: Credentials): Promise<Transport> {
  const undici = await import('undici');
  const open = (connections: number): Pool =>
    new undici.Pool(new URL(order.server).origin, {
      connections,
      pipelining: 1,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: KEEP_ALIVE_MS,
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: {
        timeout: CONNECT_TIMEOUT_MS,
        rejectUnauthorized: order.verify,
        ...(order.serverName === undefined ? {} : { servername: order.serverName }),
        ...(credentials.ca === undefined ? {} : { ca: credentials.ca }),
        ...(credentials.cert === undefined ? {} : { cert: credentials.cert }),
        ...(credentials.key === undefined ? {} : { key: credentials.key.reveal() }),
      },
    });
  const pools = { request: open(REQUEST_CONNECTIONS), watch: open(WATCH_CONNECTIONS) };
  return {
    send: (exchange, kind, listener) => send(pools[kind], order.server, exchange, listener),
    async close() {
      await Promise.all([pools.request.destroy(), pools.watch.destroy()]);
    },
  };
}

function send(pool: Pool, server: string, exchange: Exchange, listener: Listener): (reason: unknown) => void {
  const progress = { started: false, answered: false, settled: false, received: 0 };
  let controller: Dispatcher.DispatchController | undefined;
  let givenUp = false;
  const settle = (tell: () => void): void => {
    if (progress.settled) return;
    progress.settled = true;
    exchange.signal?.removeEventListener('abort', onAbort);
    tell();
  };
  const fail = (error: unknown): void => {
    settle(() => {
      listener.fail(translateFailure(error, { server, exchange, ...progress }));
    });
  };
  const giveUp = (reason: unknown): void => {
    if (progress.settled) return;
    givenUp = true;
    fail(reason);
    controller?.abort(new Error('given up'));
  };
  const onAbort = (): void => {
    giveUp(exchange.signal?.reason);
  };
  if (exchange.signal?.aborted === true) {
    queueMicrotask(onAbort);
    return giveUp;
  }
  if (exchange.signal !== undefined) {
    // Any number of requests end with the run that they belong to.
    setMaxListeners(0, exchange.signal);
    exchange.signal.addEventListener('abort', onAbort, { once: true });
  }
  const base = new URL(server).pathname.replace(/\/$/, '');
  const { method, path, headers, body } = exchange;
  const dispatched = { method, path: `${base}${path}`, headers: { ...headers }, body: body ?? null };
  let again = method === 'GET';
  const handler: Dispatcher.DispatchHandler = {
    onRequestStart(given) {
      controller = given;
      if (givenUp) given.abort(new Error('given up'));
      else progress.started = true;
    },
    onResponseStart(_given, status, headers) {
      if (status < 200 || progress.settled) return;
      progress.answered = true;
      listener.start({ status, headers: flatten(headers) });
    },
    onResponseData(_given, chunk) {
      if (progress.settled) return;
      progress.received += chunk.length;
      listener.data(chunk);
    },
    onResponseEnd() {
      settle(() => {
        listener.end();
      });
    },
    onResponseError(_given, error) {
      const broke = !progress.answered && !givenUp && isBrokenConnection(error);
      if (!again || !broke) return fail(error);
      again = false;
      pool.dispatch(dispatched, handler);
    },
  };
  pool.dispatch(dispatched, handler);
  return giveUp;
}

/** A connection that ended under a request, rather than one that could not be made. */
function isBrokenConnection(error: Error): boolean {
  return (
    'code' in error &&
    (error.code === 'ECONNRESET' || error.code === 'EPIPE' || error.code === 'UND_ERR_SOCKET')
  );
}

function flatten(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
}
