import type { Chance } from '../../../ports/clock.ts';

/** The address that keepalived gives to one of the control nodes for the cloud; the API of Kubernetes has another. */
export const CLOUD_ADDRESS = '10.77.0.9';
export const CLOUD_NAMESPACE = 'openstack';
/** Its name in the lab's clouds.yaml. */
export const CLOUD_NAME = 'reference';
const REGION = 'RegionOne';

/** The network outside of the cloud, which floating addresses and the first servers are on; this host is its router. */
export const OUTSIDE = { name: 'public', subnet: '10.79.0.0/24', gateway: '10.79.0.1' } as const;
/** As `open-vswitch` of the image makes the others of it. */
export const OUTSIDE_CARD = {
  name: 'squall-outside',
  id: 4001,
  port: 4791,
  address: `${OUTSIDE.gateway}/24`,
} as const;

/** Services with an account in Keystone. */
const ACCOUNTS = ['glance', 'placement', 'nova', 'neutron', 'cinder', 'heat'] as const;
/** Users of the database. */
const DATABASES = ['admin', 'sst', 'keystone', ...ACCOUNTS] as const;

const PASSWORD_LENGTH = 24;
/** Of a Fernet key, by its specification. */
const KEY_BYTES = 32;

/** All that nobody else may know; made once for a lab and kept with it. */
export interface CloudSecrets {
  readonly accounts: Readonly<Record<string, string>>;
  readonly databases: Readonly<Record<string, string>>;
  readonly queue: string;
  readonly erlangCookie: string;
  readonly cache: string;
  readonly fernet: readonly [string, string];
}

export function makeSecrets(chance: Chance): CloudSecrets {
  const password = (): string => chance.token(PASSWORD_LENGTH);
  const each = (names: readonly string[]): Readonly<Record<string, string>> =>
    Object.fromEntries(names.map((name) => [name, password()]));
  // Thirty-two letters are thirty-two bytes: 160 bits of chance.
  const key = (): string => Buffer.from(chance.token(KEY_BYTES)).toString('base64url').padEnd(44, '=');
  return {
    accounts: each(['admin', ...ACCOUNTS]),
    databases: each(DATABASES),
    queue: password(),
    erlangCookie: password(),
    cache: password(),
    fernet: [key(), key()],
  };
}

/** What the lab gives to every chart. `certificate`: that of the address with its key, PEM. */
export function valuesOf(secrets: CloudSecrets, certificate: string): object {
  const passwords = (of: Readonly<Record<string, string>>): object =>
    Object.fromEntries(Object.entries(of).map(([name, password]) => [name, { password }]));
  return {
    endpoints: {
      region: REGION,
      public: { scheme: 'https', host: CLOUD_ADDRESS },
      identity: { auth: passwords(secrets.accounts) },
      oslo_db: { auth: passwords(secrets.databases) },
      oslo_messaging: { auth: { user: { password: secrets.queue, erlang_cookie: secrets.erlangCookie } } },
      oslo_cache: { auth: { memcache_secret_key: secrets.cache } },
    },
    keys: { fernet: secrets.fernet },
    tls: { certificate },
  };
}

/** The lab's clouds.yaml, for its administrator; JSON is YAML too. @param cacert path of the authority's certificate. */
export function cloudsYamlOf(secrets: CloudSecrets, cacert: string): string {
  const auth = {
    auth_url: `https://${CLOUD_ADDRESS}:5000/v3`,
    username: 'admin',
    password: secrets.accounts['admin'],
    project_name: 'admin',
    user_domain_name: 'Default',
    project_domain_name: 'Default',
  };
  const cloud = { auth, region_name: REGION, interface: 'public', identity_api_version: 3, cacert };
  return `${JSON.stringify({ clouds: { [CLOUD_NAME]: cloud } }, null, 2)}\n`;
}
