import { parse } from 'yaml';

/** Stands in every field that holds a credential, with the name of the field, and must never come out anywhere. */
export const canary = (field: string): string => `CANARY-${field}-5f1d2c8a97`;

const CANARY = /CANARY-[a-zA-Z_]+-5f1d2c8a97/g;

/** Keys under which the documents of this file hold credentials. */
const CREDENTIALS: ReadonlySet<string> = new Set([
  ...['token', 'password', 'client-key-data', 'id-token', 'refresh-token', 'client-secret', 'args', 'value'],
  ...['server', 'auth_url', 'passcode', 'client_secret', 'application_credential_secret'],
]);

/**
 * What must not be found in anything that Squall writes: as it is, in base64 at each of the three offsets, and percent-encoded.
 * @param told canaries that the input itself shows in a public place.
 */
export function canaryIn(text: string, told: ReadonlySet<string> = new Set()): string | undefined {
  const found = text.match(CANARY)?.find((one) => !told.has(one));
  if (found !== undefined || told.size > 0) return found;
  return BASE64.find((piece) => text.includes(piece));
}

/** Canaries that a change has put where no credential belongs, such as the name of a context: messages may show such places. */
export function toldIn(document: string): ReadonlySet<string> {
  const told = new Set<string>();
  const walk = (value: unknown, isPublic: boolean): void => {
    if (typeof value === 'string' && isPublic) for (const one of value.match(CANARY) ?? []) told.add(one);
    if (Array.isArray(value)) for (const each of value) walk(each, isPublic);
    else if (typeof value === 'object' && value !== null)
      for (const [key, each] of Object.entries(value)) {
        walk(key, true);
        walk(each, !CREDENTIALS.has(key));
      }
  };
  try {
    walk(parse(document, { logLevel: 'silent' }), true);
  } catch {
    // What cannot be read is refused for that, and shows nothing.
  }
  return told;
}

const BASE64 = [0, 1, 2].map((offset) => {
  const pad = 'x'.repeat(offset);
  const whole = Buffer.from(`${pad}5f1d2c8a97`).toString('base64');
  // Only the middle is the same whatever stands around it.
  return whole.slice(offset === 0 ? 0 : 4, 12);
});

const pem = (field: string): string =>
  Buffer.from(`-----BEGIN X-----\n${canary(field)}\n`).toString('base64');

/** A kubeconfig with a canary in every field that holds a credential. */
export function kubeconfig(server: string, style: number): object {
  const users: readonly object[] = [
    { token: canary('token') },
    { username: 'ops', password: canary('password') },
    {
      'client-certificate-data': Buffer.from('a certificate is no secret').toString('base64'),
      'client-key-data': pem('key'),
    },
    { tokenFile: 'token-file' },
    { 'client-key': 'token-file', 'client-certificate': 'token-file', token: canary('token') },
    {
      'auth-provider': {
        name: 'oidc',
        config: {
          'id-token': canary('id_token'),
          'refresh-token': canary('refresh'),
          'client-secret': canary('client_secret'),
        },
      },
    },
    {
      exec: {
        apiVersion: 'client.authentication.k8s.io/v1',
        command: 'squall-fuzz-no-such-plugin',
        args: ['--password', canary('exec_argument')],
        env: [{ name: 'PASSWORD', value: canary('exec_env') }],
        interactiveMode: 'Never',
      },
    },
  ];
  const user = users[style % users.length];
  const url = style % 11 === 0 ? server.replace('://', `://ops:${canary('url')}@`) : server;
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'fuzz',
    contexts: [{ name: 'fuzz', context: { cluster: 'c', user: 'u', namespace: 'default' } }],
    clusters: [{ name: 'c', cluster: { server: url, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'u', user }],
  };
}

/** A clouds.yaml with a canary in every field that holds a credential. */
export function clouds(keystone: string, style: number): object {
  const auths: readonly (readonly [string, object])[] = [
    ['password', { username: 'ops', password: canary('password'), project_name: 'admin' }],
    ['v3token', { token: canary('token'), project_id: 'p' }],
    [
      'v3applicationcredential',
      { application_credential_id: 'a', application_credential_secret: canary('secret') },
    ],
    ['v3totp', { username: 'ops', passcode: canary('passcode') }],
    ['v3oidcpassword', { client_secret: canary('client_secret'), password: canary('password') }],
  ];
  const [auth_type, auth] = auths[style % auths.length] ?? ['password', {}];
  const auth_url = style % 7 === 0 ? keystone.replace('://', `://ops:${canary('url')}@`) : keystone;
  return {
    clouds: {
      fuzz: {
        auth_type,
        auth: { auth_url, user_domain_name: 'Default', project_domain_name: 'Default', ...auth },
        region_name: 'RegionOne',
        identity_api_version: 3,
        api_timeout: 1,
        verify: false,
      },
    },
  };
}
