import { HarnessError } from '../../model/errors.ts';
import { Secret } from '../../model/secret.ts';
import { isTree } from './cloud-files.ts';
import type { CloudFiles, Environment, Tree } from './cloud-files.ts';

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
  readonly interface: string;
  readonly verify: boolean;
  /** Paths of PEM files. */
  readonly cacert: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly apiTimeoutMs: number | undefined;
  /** Everything else by its normalized key, such as `compute_endpoint_override`. */
  readonly settings: Readonly<Record<string, string>>;
}

const SECRET_FIELDS = ['password', 'token', 'application_credential_secret'] as const;
export type SecretField = (typeof SECRET_FIELDS)[number];

const SELECTORS = [
  'OS_CLOUD',
  'OS_REGION_NAME',
  'OS_CLIENT_CONFIG_FILE',
  'OS_CLIENT_SECURE_FILE',
  'OS_CLOUD_NAME',
];
const OTHER_USERS = ['OS_TEST', 'OS_STD', 'OS_LOG'];

const AUTH_FIELDS = [
  ...SECRET_FIELDS,
  ...['auth_url', 'username', 'user_id', 'user_domain_id', 'user_domain_name', 'project_id', 'project_name'],
  ...['project_domain_id', 'project_domain_name', 'domain_id', 'domain_name', 'system_scope'],
  ...['application_credential_id', 'application_credential_name', 'default_domain_id', 'default_domain_name'],
];

const AUTH_TYPES: Readonly<Record<string, AuthType>> = {
  password: 'password',
  v3password: 'password',
  token: 'token',
  v3token: 'token',
  v3applicationcredential: 'application_credential',
};

const refuse = (message: string, remedy?: string): HarnessError =>
  new HarnessError('SQ_CLOUDS_YAML', message, remedy === undefined ? {} : { remedy });

/** `-` and `_` are one; the old names of projects, interfaces and plugins are the new ones. */
function keyOf(key: string): string {
  const plain = key.toLowerCase().replaceAll('-', '_');
  if (plain === 'endpoint_type') return 'interface';
  if (plain === 'auth_plugin') return 'auth_type';
  if (plain === 'user_name') return 'username';
  return plain.replace(/^tenant_/, 'project_');
}

function normalized(tree: Tree): Tree {
  const result: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(tree)) {
    // A value under the new name wins over the same one under an old name.
    if (keyOf(key) !== key && keyOf(key) in tree) continue;
    result[keyOf(key)] = isTree(value) && keyOf(key) === 'auth' ? normalized(value) : value;
  }
  return result;
}

/** `over` wins; mappings are merged key by key. */
function merged(under: Tree, over: Tree): Tree {
  const result: Record<string, unknown> = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const below = result[key];
    result[key] = isTree(below) && isTree(value) ? merged(below, value) : value;
  }
  return result;
}

const treeAt = (tree: Tree, key: string): Tree => {
  const value = tree[key];
  return isTree(value) ? value : {};
};

/** The cloud that the environment describes by itself; undefined when no variable of it is set. */
function fromEnvironment(environment: Environment): Tree | undefined {
  const entries = Object.entries(environment).filter(
    ([name, value]) =>
      name.startsWith('OS_') &&
      value !== undefined &&
      value !== '' &&
      !SELECTORS.includes(name) &&
      !OTHER_USERS.some((prefix) => name.startsWith(prefix)),
  );
  if (entries.length === 0) return undefined;
  return Object.fromEntries(entries.map(([name, value]) => [name.slice(3).toLowerCase(), value]));
}

function chooseName(
  clouds: Tree,
  wanted: string | undefined,
  fromVariables: string | undefined,
  files: CloudFiles,
): string {
  const names = Object.keys(clouds);
  const where = files.file ?? 'no clouds.yaml';
  const passedOver = files.warnings.length === 0 ? '' : ` (${files.warnings.join('; ')})`;
  if (wanted !== undefined) {
    if (isTree(clouds[wanted])) return wanted;
    const known = names.length === 0 ? 'there are none' : `there are ${names.join(', ')}`;
    throw refuse(`There is no cloud "${wanted}" in ${where}: ${known}${passedOver}.`);
  }
  if (fromVariables !== undefined) return fromVariables;
  const [only] = names;
  if (only === undefined) {
    throw refuse(
      `No cloud was found: there is neither a clouds.yaml with clouds nor an OS_* variable${passedOver}.`,
    );
  }
  if (names.length > 1) {
    throw refuse(
      `${where} has several clouds and none was chosen: ${names.join(', ')}.`,
      'Give `--os-cloud` or set OS_CLOUD.',
    );
  }
  return only;
}

function withProfile(cloud: Tree, files: CloudFiles): Tree {
  const profile = cloud['profile'] ?? cloud['cloud'];
  if (typeof profile !== 'string') return cloud;
  const vendor = treeAt(files.publicClouds, 'public-clouds')[profile];
  return isTree(vendor) ? merged(normalized(vendor), cloud) : cloud;
}

function withRegion(cloud: Tree, name: string, environment: Environment): Tree {
  const listed = Array.isArray(cloud['regions']) ? (cloud['regions'] as unknown[]) : [];
  const regions = listed.map((one) =>
    isTree(one)
      ? { name: String(one['name']), values: normalized(treeAt(one, 'values')) }
      : { name: String(one), values: {} },
  );
  // A comma list is the deprecated way to write `regions`.
  const own = typeof cloud['region_name'] === 'string' ? cloud['region_name'].split(',')[0] : undefined;
  const chosen = own || environment['OS_REGION_NAME'] || regions[0]?.name;
  if (chosen === undefined || regions.length === 0)
    return { ...cloud, ...(chosen === undefined ? {} : { region_name: chosen }) };
  const region = regions.find((one) => one.name === chosen);
  if (region === undefined) {
    throw refuse(
      `Cloud "${name}" has no region "${chosen}": there are ${regions.map((one) => one.name).join(', ')}.`,
    );
  }
  return { ...merged(cloud, region.values), region_name: region.name };
}

/** Moves what belongs to `auth` into it, and lets one domain stand for both where a project is named. */
function authOf(cloud: Tree): Record<string, string> {
  const auth: Record<string, string> = {};
  for (const source of [treeAt(cloud, 'auth'), cloud])
    for (const field of AUTH_FIELDS) {
      const value = source[field];
      if (typeof value === 'string' || typeof value === 'number') auth[field] = String(value);
    }
  if (auth['project_id'] === undefined && auth['project_name'] === undefined) return auth;
  for (const kind of ['id', 'name'] as const) {
    const both = auth[`domain_${kind}`];
    if (both === undefined) continue;
    for (const whose of ['user', 'project'])
      if (auth[`${whose}_domain_id`] === undefined && auth[`${whose}_domain_name`] === undefined)
        auth[`${whose}_domain_${kind}`] = both;
    delete auth[`domain_${kind}`];
  }
  return auth;
}

function authTypeOf(cloud: Tree, auth: Readonly<Record<string, string>>, name: string): AuthType {
  const given = cloud['auth_type'];
  if (given === undefined) {
    const credential = auth['application_credential_secret'] !== undefined && auth['password'] === undefined;
    if (credential) {
      throw refuse(
        `Cloud "${name}" has an application credential but no auth_type.`,
        'Add `auth_type: v3applicationcredential`.',
      );
    }
    return auth['token'] !== undefined && auth['password'] === undefined ? 'token' : 'password';
  }
  const word = typeof given === 'string' ? given : 'of another type';
  const type = Object.hasOwn(AUTH_TYPES, word) ? AUTH_TYPES[word] : undefined;
  if (type !== undefined) return type;
  const known = Object.keys(AUTH_TYPES).join(', ');
  throw refuse(
    `Cloud "${name}" asks for auth_type "${word}", which Squall does not speak.`,
    `Use one of ${known}.`,
  );
}

const NEEDED: Readonly<Record<AuthType, readonly (readonly string[])[]>> = {
  password: [['auth_url'], ['username', 'user_id'], ['password']],
  token: [['auth_url'], ['token']],
  application_credential: [
    ['auth_url'],
    ['application_credential_id', 'application_credential_name'],
    ['application_credential_secret'],
  ],
};

const truth = (value: unknown, fallback: boolean): boolean => {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return value !== 0;
  return typeof value === 'string'
    ? !['false', '0', 'no', 'off', ''].includes(value.toLowerCase())
    : fallback;
};

const textAt = (cloud: Tree, key: string): string | undefined => {
  const value = cloud[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
};

function settingsOf(cloud: Tree): Record<string, string> {
  return Object.fromEntries(
    Object.entries(cloud)
      .filter(
        ([key, value]) =>
          /_(endpoint_override|api_version|default_microversion)$/.test(key) && !isTree(value),
      )
      .map(([key, value]) => [key, String(value)]),
  );
}

/**
 * Picks one cloud and applies the rules of clouds.yaml, in the order of openstacksdk: vendor profile, the cloud, secure.yaml,
 * then its region; or the OS_* variables as a cloud of their own.
 * @param wanted the cloud that the user named; default OS_CLOUD, then the variables, then the only one in the file.
 * @throws SQ_CLOUDS_YAML with what is missing, and where.
 */
export function resolveCloud(files: CloudFiles, environment: Environment, wanted?: string): CloudConfig {
  const clouds = merged(treeAt(files.clouds, 'clouds'), treeAt(files.secure, 'clouds'));
  const variables = fromEnvironment(environment);
  const variablesName = environment['OS_CLOUD_NAME'] || 'envvars';
  if (variables !== undefined && variablesName in clouds) {
    throw refuse(
      `The OS_* variables make a cloud "${variablesName}", and ${files.file ?? 'clouds.yaml'} has one of that name too.`,
      'Unset the variables, or give theirs another name with OS_CLOUD_NAME.',
    );
  }
  const all: Tree = variables === undefined ? clouds : { ...clouds, [variablesName]: variables };
  const name = chooseName(
    all,
    wanted ?? (environment['OS_CLOUD'] || undefined),
    variables && variablesName,
    files,
  );
  const cloud = withRegion(withProfile(normalized(treeAt(all, name)), files), name, environment);
  const auth = authOf(cloud);
  const authType = authTypeOf(cloud, auth, name);
  const lacking = NEEDED[authType].filter((oneOf) => oneOf.every((field) => !auth[field]));
  if (lacking.length > 0) {
    const where =
      name === variablesName && variables !== undefined
        ? 'the OS_* variables'
        : (files.file ?? 'clouds.yaml');
    throw refuse(
      `Cloud "${name}" of ${where} lacks ${lacking.map((oneOf) => oneOf.join(' or ')).join(', ')}.`,
    );
  }
  const { auth_url: authUrl = '', ...rest } = auth;
  if (!URL.canParse(authUrl) || !/^https?:/.test(authUrl))
    throw refuse(`The auth_url of cloud "${name}" is not an HTTP URL.`);
  const { username, password } = new URL(authUrl);
  if (username !== '' || password !== '') {
    throw refuse(
      `The auth_url of cloud "${name}" holds a user or a password, which every message about it would show.`,
      'Take them out of the URL; credentials for Keystone have fields of their own.',
    );
  }
  const secrets: Partial<Record<SecretField, Secret>> = {};
  for (const field of SECRET_FIELDS) {
    const value = rest[field];
    if (value !== undefined) secrets[field] = new Secret(value);
    delete rest[field];
  }
  const timeout = cloud['api_timeout'];
  const seconds = typeof timeout === 'number' || typeof timeout === 'string' ? Number(timeout) : 0;
  return {
    cloud: name,
    authUrl,
    authType,
    auth: rest,
    secrets,
    region: textAt(cloud, 'region_name'),
    interface: (textAt(cloud, 'interface') ?? 'public').replace(/URL$/, ''),
    verify: truth(cloud['verify'], true) && !truth(cloud['insecure'], false),
    cacert: textAt(cloud, 'cacert'),
    cert: textAt(cloud, 'cert'),
    key: textAt(cloud, 'key'),
    apiTimeoutMs: seconds > 0 ? seconds * 1000 : undefined,
    settings: settingsOf(cloud),
  };
}
