import { isIP, Socket } from 'node:net';
import { buildConnector, Client, Pool, type Dispatcher } from 'undici';
import type { FailurePhase } from '../model/observation.ts';
import type { WireAccess } from '../ports/prober.ts';
import { secureOptions } from './secure-options.ts';

/** How far the newest connection that is being made has come. */
export interface Connecting {
  phase: FailurePhase;
}

/** The connection that one sample uses. */
export interface Line {
  readonly dispatcher: Dispatcher;
  readonly connecting: Connecting;
  /** Called once the sample needs it no more. */
  release(): void;
}

export interface HttpConnections {
  take(): Line;
  close(): Promise<void>;
}

/**
 * `new`: each sample makes a connection of its own and closes it. `reused`: samples share connections that stay open; a sample
 * never waits for one that is busy, so more are opened while answers are slow.
 * @param timeoutMs for making a connection; the sample's own timeout is kept by its probe line.
 */
export function createHttpConnections(
  kind: 'new' | 'reused',
  access: WireAccess,
  timeoutMs: number,
): HttpConnections {
  const { origin } = new URL(access.url);
  return kind === 'new'
    ? freshConnections(origin, access, timeoutMs)
    : keptConnections(origin, access, timeoutMs);
}

/** Our own clock decides about timeouts; undici's would be a second opinion. */
const NO_TIMEOUTS = { headersTimeout: 0, bodyTimeout: 0, pipelining: 1 };

function freshConnections(origin: string, access: WireAccess, timeoutMs: number): HttpConnections {
  const clients = new Set<Client>();
  const connector = baseConnector(access, timeoutMs, 0);
  return {
    take() {
      const connecting: Connecting = { phase: firstPhase(origin) };
      const client = new Client(origin, { ...NO_TIMEOUTS, connect: watched(connector, connecting) });
      clients.add(client);
      return {
        dispatcher: client,
        connecting,
        release() {
          clients.delete(client);
          // Its only request is settled, so the connection has no more use; that it was cut is nobody's news.
          client.destroy().catch(() => undefined);
        },
      };
    },
    async close() {
      await Promise.all([...clients].map((client) => client.destroy()));
    },
  };
}

function keptConnections(origin: string, access: WireAccess, timeoutMs: number): HttpConnections {
  const connecting: Connecting = { phase: firstPhase(origin) };
  const connect = watched(baseConnector(access, timeoutMs, 100), connecting);
  const pool = new Pool(origin, { ...NO_TIMEOUTS, connections: null, connect });
  const line: Line = { dispatcher: pool, connecting, release: () => undefined };
  return { take: () => line, close: () => pool.destroy() };
}

function baseConnector(
  access: WireAccess,
  timeoutMs: number,
  maxCachedSessions: number,
): buildConnector.connector {
  return buildConnector({
    timeout: timeoutMs,
    // A new connection means a whole handshake, not a resumed session.
    maxCachedSessions,
    // Reading the system's certificates takes its time, and plain HTTP needs none.
    ...(access.url.startsWith('https:') ? secureOptions(access) : {}),
  });
}

function watched(connector: buildConnector.connector, connecting: Connecting): buildConnector.connector {
  return (options, callback) => {
    connecting.phase = isIP(options.hostname) === 0 ? 'resolve' : 'connect';
    // undici's own connector returns the socket, which its type leaves out.
    const socket: unknown = connector(options, callback);
    if (!(socket instanceof Socket)) return;
    socket.once('lookup', () => {
      connecting.phase = 'connect';
    });
    socket.once('connect', () => {
      connecting.phase = options.protocol === 'https:' ? 'tls' : 'send';
    });
  };
}

const firstPhase = (origin: string): FailurePhase =>
  isIP(new URL(origin).hostname.replace(/^\[|\]$/g, '')) === 0 ? 'resolve' : 'connect';
