import { Secret } from '../../model/secret.ts';
import { chooseCloud, refuse } from './choose-cloud.ts';
import type { ChosenCloud } from './choose-cloud.ts';
import { cloudFields, filled } from './cloud-fields.ts';
import { homeOf, treeAt } from './cloud-files.ts';
import type { CloudFiles, Environment, Tree } from './cloud-files.ts';
import { scalarText } from '../../model/scalar-text.ts';

export type AuthType = 'password' | 'token' | 'application_credential';

/** One cloud as one user in one scope, with every rule of clouds.yaml applied. */
export interface CloudConfig {
  readonly cloud: string;
  readonly authUrl: string;
  readonly authType: AuthType;
  /** The plain values of `auth`: names, ids, domains, `system_scope`. */
  readonly auth: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Partial<Record<SecretField, Secret>>>;
  readonly region: string | undefined;
  /** Of endpoints, the best first. */
  readonly interfaces: readonly string[];
  readonly verify: boolean;
  /** Paths of PEM files. */
  readonly cacert: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly apiTimeoutMs: number | undefined;
  /** What is set for single services, such as `compute_endpoint_override`. */
  readonly settings: Readonly<Record<string, string>>;
}

const SECRET_FIELDS = ['password', 'token', 'application_credential_secret'] as const;
export type SecretField = (typeof SECRET_FIELDS)[number];

/** Each with its older name, where it has one. */
const AUTH_FIELDS: readonly (readonly [field: string, older?: string])[] = [
  ['username', 'user_name'],
  ...[...SECRET_FIELDS, 'auth_url', 'user_id', 'user_domain_id', 'user_domain_name'].map(alone),
  ...['project_id', 'project_name', 'project_domain_id', 'project_domain_name', 'domain_id'].map(alone),
  ...['domain_name', 'system_scope', 'default_domain_id', 'default_domain_name'].map(alone),
  ...['application_credential_id', 'application_credential_name'].map(alone),
];

function alone(field: string): readonly [string] {
  return [field];
}

const AUTH_TYPES: ReadonlyMap<string, AuthType> = new Map([
  ['password', 'password'],
  ['v3password', 'password'],
  ['token', 'token'],
  ['v3token', 'token'],
  ['v3applicationcredential', 'application_credential'],
]);

const NEEDED: Readonly<Record<AuthType, readonly (readonly string[])[]>> = {
  password: [['auth_url'], ['username', 'user_id'], ['password']],
  token: [['auth_url'], ['token']],
  application_credential: [
    ['auth_url'],
    ['application_credential_id', 'application_credential_name'],
    ['application_credential_secret'],
  ],
};

const SETTING =
  /_(endpoint_override|endpoint|default_microversion|interface|region_name|service_type|service_name)$/;

type Plain = Readonly<Record<string, string>>;

/**
 * Picks one cloud and applies the rules of clouds.yaml, in the order of openstacksdk: vendor profile, the cloud, secure.yaml,
 * then its region; or the OS_* variables as a cloud of their own. A recorded table of what openstacksdk itself makes of such
 * files is the test of it.
 * @param wanted the cloud that the user named; default OS_CLOUD, then the variables, then the only one in the file.
 * @throws SQ_CLOUDS_YAML with what is missing, and where.
 */
export function resolveCloud(files: CloudFiles, environment: Environment, wanted?: string): CloudConfig {
  const chosen = chooseCloud(files, environment, wanted);
  const fields = cloudFields(chosen, environment);
  const all = authOf(fields);
  const authType = authTypeOf(fields, all, chosen.name);
  refuseWhatLacks(chosen, all, authType);
  const { auth_url: authUrl = '', ...rest } = all;
  refuseUrl(chosen.name, authUrl);
  refuseSeveralScopes(chosen.name, rest, authType);
  const secrets: Partial<Record<SecretField, Secret>> = {};
  for (const field of SECRET_FIELDS) {
    const value = rest[field];
    if (value !== undefined) secrets[field] = new Secret(value);
    delete rest[field];
  }
  return {
    cloud: chosen.name,
    authUrl,
    authType,
    auth: rest,
    secrets,
    region: textAt(fields, 'region_name'),
    interfaces: interfacesOf(fields['interface']),
    ...tlsOf(chosen.name, fields, environment),
    apiTimeoutMs: timeoutOf(fields['api_timeout']),
    settings: settingsOf(fields),
  };
}

const textAt = (fields: Tree, key: string): string | undefined => {
  const value = fields[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
};

/** What stands in `auth` counts before what stands beside it; an empty text is nothing. */
function authOf(fields: Tree): Record<string, string> {
  const auth: Record<string, string> = {};
  const sources = [treeAt(fields, 'auth'), fields];
  for (const [field, older] of AUTH_FIELDS) {
    const found = sources.map((source) => source[field] ?? (older === undefined ? undefined : source[older]));
    const value = found.find((one) => typeof one === 'string' && one !== '');
    if (typeof value === 'string') auth[field] = value;
  }
  return auth;
}

function authTypeOf(fields: Tree, auth: Plain, name: string): AuthType {
  const word = typeof fields['auth_type'] === 'string' ? fields['auth_type'] : 'none';
  const type = AUTH_TYPES.get(word);
  if (type === undefined) {
    const known = [...AUTH_TYPES.keys()].join(', ');
    const says = `Cloud "${name}" asks for auth_type "${word}", which Squall does not speak.`;
    throw refuse(says, `Use one of ${known}.`);
  }
  if (word !== 'password' || auth['password'] !== undefined) return type;
  if (auth['application_credential_secret'] !== undefined) {
    const says = `Cloud "${name}" has an application credential but no auth_type.`;
    throw refuse(says, 'Add `auth_type: v3applicationcredential`.');
  }
  // As the openstack command has it: a token and nothing else cannot be meant as a password.
  return auth['token'] !== undefined && auth['username'] === undefined ? 'token' : type;
}

function refuseWhatLacks({ name, where, cloud, profile }: ChosenCloud, auth: Plain, type: AuthType): void {
  const lacking = NEEDED[type].filter((oneOf) => oneOf.every((field) => auth[field] === undefined));
  if (lacking.length === 0) return;
  const wanted = textAt(cloud, 'profile');
  const unknown = wanted !== undefined && Object.keys(profile).length === 0;
  throw refuse(
    `Cloud "${name}" of ${where} lacks ${lacking.map((oneOf) => oneOf.join(' or ')).join(', ')}.`,
    unknown
      ? `Its profile "${wanted}" is in no clouds-public.yaml; Squall has no profiles of its own.`
      : undefined,
  );
}

function refuseUrl(name: string, authUrl: string): void {
  if (!URL.canParse(authUrl) || !/^https?:/.test(authUrl))
    throw refuse(`The auth_url of cloud "${name}" is not an HTTP URL.`);
  // Also where a slash in the password makes a path of it.
  if (!authUrl.includes('@')) return;
  throw refuse(
    `The auth_url of cloud "${name}" holds a user or a password, which every message about it would show.`,
    'Take them out of the URL; credentials for Keystone have fields of their own.',
  );
}

function refuseSeveralScopes(name: string, auth: Plain, type: AuthType): void {
  if (type === 'application_credential') return;
  const has = (...fields: readonly string[]): boolean => fields.some((field) => auth[field] !== undefined);
  const scopes = [
    ...(has('project_id', 'project_name') ? ['a project'] : []),
    ...(has('domain_id', 'domain_name') ? ['a domain'] : []),
    ...(has('system_scope') ? ['the system'] : []),
  ];
  if (scopes.length < 2) return;
  throw refuse(
    `Cloud "${name}" has ${scopes.join(' and ')} as its scope, and a token has one scope.`,
    'Leave one of project_*, domain_* and system_scope.',
  );
}

/** Keystone's second version called them `publicURL` and so on. */
function interfacesOf(value: unknown): readonly string[] {
  const listed = (Array.isArray(value) ? (value as unknown[]) : [value]).filter(
    (one) => typeof one === 'string' && one !== '',
  );
  return (listed.length === 0 ? ['public'] : (listed as string[])).map((one) => one.replace(/[URL]+$/, ''));
}

type TlsFields = Pick<CloudConfig, 'verify' | 'cacert' | 'cert' | 'key'>;

function tlsOf(name: string, fields: Tree, environment: Environment): TlsFields {
  const pathAt = (key: string): string | undefined =>
    textAt(fields, key)?.replace(/^~(?=\/|$)/, homeOf(environment));
  const said = fields['verify'];
  if (typeof said === 'string' && /^(true|false|yes|no|on|off|[01])?$/i.test(said)) {
    throw refuse(
      `The value "${said}" for verify of cloud "${name}" is a text, which openstacksdk takes for the path of a CA file.`,
      'Write `verify: false` without quotes, or set `insecure: true` or OS_INSECURE=true.',
    );
  }
  const insecure = scalarText(fields['insecure']).toLowerCase() === 'true';
  const verify = said !== false && !insecure;
  const cacert = pathAt('cacert') ?? (typeof said === 'string' ? said : undefined);
  const cert = pathAt('cert');
  return {
    verify,
    cacert: verify ? cacert : undefined,
    cert,
    key: cert === undefined ? undefined : pathAt('key'),
  };
}

function timeoutOf(value: unknown): number | undefined {
  const seconds = typeof value === 'number' || typeof value === 'string' ? Number(value) : 0;
  return seconds > 0 ? seconds * 1000 : undefined;
}

function settingsOf(fields: Tree): Record<string, string> {
  const entries = Object.entries(fields).filter(
    ([key, value]) => SETTING.test(key) && typeof value === 'string' && value !== '',
  );
  return Object.fromEntries(entries.map(([key, value]) => [key, filled(String(value), fields)]));
}
