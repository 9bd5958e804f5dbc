import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { HarnessError } from '../../model/errors.ts';
import { Secret } from '../../model/secret.ts';
import type { Clock } from '../../ports/clock.ts';
import type { KubeTarget } from './kubeconfig.ts';

/** Who we are to the server, ready to be sent. */
export interface Credentials {
  readonly headers: Readonly<Record<string, Secret | string>>;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: Secret;
}

/** How long credentials that a program or a file gives are used before it is asked again; client-go reads files every minute. */
const KEEP_NS = 60e9;

/** Where credentials come from, as often as they are needed. */
export interface CredentialSource {
  /** @throws SQ_KUBECONFIG when a file is missing, and SQ_AUTH when a plug-in fails. */
  current(): Promise<Credentials>;
  /**
   * After the server refused `refused`: asks whoever gives them anew, once for all who ask at a time.
   * @returns undefined when nothing could change, for what stands in the kubeconfig stays what it is.
   */
  renewed(refused: Credentials): Promise<Credentials | undefined>;
}

/**
 * The credentials of a context, renewed as they grow old. Tokens, certificates and passwords are read here; the plug-ins of
 * cloud providers are left to `@kubernetes/client-node`, which is loaded only then because it costs half a second and 80 MB.
 */
export function credentialsOf(target: KubeTarget, clock: Clock): CredentialSource {
  const usesPlugin = target.user.exec !== undefined || target.user['auth-provider'] !== undefined;
  const renews = usesPlugin || target.user.tokenFile !== undefined;
  let load = usesPlugin ? pluginCredentials(target) : () => plainCredentials(target);
  let kept: { readonly atNs: number; readonly credentials: Promise<Credentials> } | undefined;
  const current = (): Promise<Credentials> => {
    const now = clock.now().ns;
    if (kept === undefined || (renews && now - kept.atNs > KEEP_NS)) {
      const credentials = load();
      kept = { atNs: now, credentials };
      credentials.catch(() => {
        kept = undefined;
      });
    }
    return kept.credentials;
  };
  return {
    current,
    async renewed(refused) {
      if (!renews) return undefined;
      // Whoever was refused first has had them renewed already for those who were sent with the same ones.
      const before = await current();
      if (before !== refused) return before;
      kept = undefined;
      // The library keeps a token until the time that the program named, whatever the server says of it; a new instance does not.
      if (usesPlugin) load = pluginCredentials(target);
      return current();
    },
  };
}

async function plainCredentials(target: KubeTarget): Promise<Credentials> {
  const { user } = target;
  const [ca, cert, key] = await Promise.all([
    pem(target, target.caFile, target.caData),
    pem(target, user['client-certificate'], user['client-certificate-data']),
    pem(target, user['client-key'], user['client-key-data']),
  ]);
  const token = user.tokenFile === undefined ? user.token : (await readPart(target, user.tokenFile)).trim();
  const headers: Record<string, Secret | string> = {};
  if (token !== undefined && token !== '') {
    headers['authorization'] = new Secret(`Bearer ${token}`);
  } else if (user.username !== undefined) {
    headers['authorization'] = new Secret(`Basic ${base64(`${user.username}:${user.password ?? ''}`)}`);
  }
  if (user.as !== undefined) headers['impersonate-user'] = user.as;
  return {
    headers,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key: new Secret(key) }),
  };
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

async function pem(
  target: KubeTarget,
  file: string | undefined,
  data: string | undefined,
): Promise<string | undefined> {
  if (data !== undefined && data !== '') return Buffer.from(data, 'base64').toString('utf8');
  return file === undefined || file === '' ? undefined : readPart(target, file);
}

async function readPart(target: KubeTarget, file: string): Promise<string> {
  const path = resolve(target.folder, file);
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new HarnessError(
      'SQ_KUBECONFIG',
      `The file ${path}, which ${target.from} names, could not be read.`,
      {
        cause,
        facts: { file: path },
      },
    );
  }
}

/**
 * The library keeps tokens by the name of the user, so users of the same name in two kubeconfigs would share one (its README,
 * known issues); each target gets an instance and a name of its own.
 */
function pluginCredentials(target: KubeTarget): () => Promise<Credentials> {
  let ready: Promise<(options: Record<string, unknown>) => Promise<void>> | undefined;
  return async () => {
    ready ??= loadPlugin(target);
    const options: Record<string, unknown> = { headers: {} };
    try {
      await (
        await ready
      )(options);
    } catch {
      // What a plug-in prints may hold a token, so it is neither quoted nor kept as the cause.
      const says = `The authentication plug-in of the context ${target.context} in ${target.from} gave no credentials.`;
      throw new HarnessError('SQ_AUTH', says, {
        remedy: 'Run `kubectl get nodes` with the same context: it shows why.',
      });
    }
    return fromOptions(await plainCredentials(target), options);
  };
}

async function loadPlugin(target: KubeTarget): Promise<(options: Record<string, unknown>) => Promise<void>> {
  const { KubeConfig } = await import('@kubernetes/client-node/dist/config.js');
  const config = new KubeConfig();
  const name = `${target.from}#${target.context}`;
  const user = {
    ...target.user,
    name,
    ...(target.user['auth-provider'] === undefined ? {} : { authProvider: target.user['auth-provider'] }),
  };
  config.loadFromClusterAndUser({ name, server: target.server, skipTLSVerify: !target.verify }, user);
  return async (options) => {
    await config.applyToHTTPSOptions(options);
  };
}

function fromOptions(plain: Credentials, options: Readonly<Record<string, unknown>>): Credentials {
  const given = options['headers'] as Readonly<Record<string, unknown>>;
  const authorization = given['Authorization'];
  const { cert, key } = options;
  return {
    ...plain,
    headers: {
      ...plain.headers,
      ...(typeof authorization === 'string' ? { authorization: new Secret(authorization) } : {}),
    },
    ...(typeof cert === 'string' ? { cert } : {}),
    ...(typeof key === 'string' ? { key: new Secret(key) } : {}),
  };
}
