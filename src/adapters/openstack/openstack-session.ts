import type { Secret } from '../../model/secret.ts';
import type { ServiceType } from '../../ports/openstack.ts';
import type { ApiResponse } from '../../ports/api-client.ts';
import type { Clock } from '../../ports/clock.ts';
import { discoverRoot, endpointOf, settingOf } from './discover-version.ts';
import { authRequest, readSession } from './keystone-auth.ts';
import type { Session } from './keystone-auth.ts';
import type { CloudConfig } from './resolve-cloud.ts';
import { DEFAULT_TIMEOUT_MS } from './transport.ts';
import type { Transport } from './transport.ts';
import { DeadlinePassed } from './translate-failure.ts';

/** A token is renewed this long before Keystone says that it ends, so that none ends on its way. */
const RENEW_BEFORE_MS = 60_000;

/** The token and the roots of one user in one cloud, taken once and shared by all requests. */
export interface OpenStackSession {
  /** The session there is, or a new one when it is about to end. */
  current(): Promise<Session>;
  /** A new session, unless somebody got one since `stale` was handed out. Many calls at once take one token. */
  renew(stale?: Secret): Promise<Session>;
  /** The versioned root of a service, without a slash at its end. */
  root(type: ServiceType): Promise<string>;
}

/** One at a time: those who come while it runs wait for the same result; a failure is not kept. */
function singleFlight<T>(act: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  return () => {
    running ??= act().finally(() => (running = undefined));
    return running;
  };
}

/** Runs `act` with a signal that aborts after `ms`, or with `outer`. */
export async function withDeadline<T>(
  clock: Clock,
  ms: number,
  act: (signal: AbortSignal) => Promise<T>,
  outer?: AbortSignal,
): Promise<T> {
  const deadline = new AbortController();
  const cancel = clock.after(ms, () => deadline.abort(new DeadlinePassed(ms)));
  try {
    return await act(outer === undefined ? deadline.signal : AbortSignal.any([deadline.signal, outer]));
  } finally {
    cancel();
  }
}

type Get = (url: string) => Promise<ApiResponse>;
/** Finds a root by reading version documents. */
type Sharing = (find: (read: Get) => Promise<string>) => Promise<string>;

interface Tokens {
  readonly identityRoot: () => Promise<string>;
  readonly current: () => Promise<Session>;
  readonly renew: (stale?: Secret) => Promise<Session>;
}

function keepTokens(
  config: CloudConfig,
  transport: Transport,
  clock: Clock,
  tell: (secret: Secret) => void,
  sharing: Sharing,
): Tokens {
  const timeoutMs = config.apiTimeoutMs ?? DEFAULT_TIMEOUT_MS;
  let held: { readonly session: Session; readonly fromNs: number } | undefined;

  let knownRoot: string | undefined;
  const identityRoot = async (): Promise<string> => {
    knownRoot ??= await sharing((get) => discoverRoot(config.authUrl, 'identity', undefined, get));
    return knownRoot;
  };

  const take = singleFlight(async () => {
    const root = await identityRoot();
    const fromNs = clock.now().ns;
    const answer = await withDeadline(clock, timeoutMs, (signal) =>
      transport.exchange({
        method: 'POST',
        url: `${root}/auth/tokens`,
        headers: {},
        body: authRequest(config),
        signal,
      }),
    );
    const session = readSession(config, answer);
    tell(session.token);
    held = { session, fromNs };
    return session;
  });

  const leftMs = (): number =>
    held === undefined ? 0 : held.session.lifeMs - (clock.now().ns - held.fromNs) / 1e6;

  const current = async (): Promise<Session> => {
    if (held !== undefined && leftMs() > RENEW_BEFORE_MS) return held.session;
    try {
      return await take();
    } catch (error) {
      // A Keystone that is away now must not fail what the token in hand is still good for.
      if (held !== undefined && leftMs() > 0) return held.session;
      throw error;
    }
  };

  return {
    identityRoot,
    current,
    renew: (stale) => {
      const now = held?.session;
      const replaced = stale !== undefined && now !== undefined && now.token.reveal() !== stale.reveal();
      return replaced ? Promise.resolve(now) : take();
    },
  };
}

/** Version documents by their URL, which say the same to everybody. */
export type VersionDocuments = Map<string, ApiResponse>;

/** @param documents that other users of the same cloud have read. */
export function openSession(
  config: CloudConfig,
  transport: Transport,
  clock: Clock,
  tell: (secret: Secret) => void,
  documents: VersionDocuments,
): OpenStackSession {
  const timeoutMs = config.apiTimeoutMs ?? DEFAULT_TIMEOUT_MS;
  const roots = new Map<ServiceType, string>();
  const get: Get = (url) =>
    withDeadline(clock, timeoutMs, (signal) =>
      transport.exchange({ method: 'GET', url, headers: {}, signal }),
    );
  /** What led to a root is kept; what did not is read again next time. */
  const sharing: Sharing = async (find) => {
    const read: VersionDocuments = new Map();
    const root = await find(async (url) => {
      const answer = documents.get(url) ?? (await get(url));
      if (answer.status === 200 || answer.status === 300) read.set(url, answer);
      return answer;
    });
    for (const [url, answer] of read) documents.set(url, answer);
    return root;
  };
  const tokens = keepTokens(config, transport, clock, tell, sharing);

  const discover = async (type: ServiceType): Promise<string> => {
    const override = settingOf(config, type, 'endpoint_override') ?? settingOf(config, type, 'endpoint');
    if (override !== undefined) return override.replace(/\/+$/, '');
    if (type === 'identity') return tokens.identityRoot();
    const { catalogue, projectId } = await tokens.current();
    const endpoint = endpointOf(config, catalogue, type);
    return sharing((read) => discoverRoot(endpoint, type, projectId, read));
  };

  return {
    current: tokens.current,
    renew: tokens.renew,
    async root(type) {
      const known = roots.get(type) ?? (await discover(type));
      roots.set(type, known);
      return known;
    },
  };
}
