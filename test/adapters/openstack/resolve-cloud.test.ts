import { inspect } from 'node:util';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import type { CloudFiles, Environment } from '../../../src/adapters/openstack/cloud-files.ts';
import { resolveCloud } from '../../../src/adapters/openstack/resolve-cloud.ts';
import type { CloudConfig } from '../../../src/adapters/openstack/resolve-cloud.ts';
import { HarnessError } from '../../../src/model/errors.ts';

const CANARY = 'canary-5a1f';
const PASSWORD_AUTH = {
  auth_url: 'http://127.0.0.1:5000/v3',
  username: 'u',
  password: CANARY,
  project_name: 'p',
};

const files = (given: Partial<CloudFiles>): CloudFiles => ({
  clouds: {},
  secure: {},
  publicClouds: {},
  file: 'clouds.yaml',
  warnings: [],
  ...given,
});
const cloudsOf = (clouds: Record<string, unknown>): Partial<CloudFiles> => ({ clouds: { clouds } });
const one = (cloud: Record<string, unknown>): Partial<CloudFiles> =>
  cloudsOf({ c: { auth: PASSWORD_AUTH, ...cloud } });

interface Row {
  readonly title: string;
  readonly files: Partial<CloudFiles>;
  readonly environment?: Environment;
  readonly cloud?: string;
  readonly expected: (config: CloudConfig) => unknown;
  readonly is: unknown;
}

const two = cloudsOf({
  a: { auth: { ...PASSWORD_AUTH, username: 'of-a' } },
  b: { auth: { ...PASSWORD_AUTH, username: 'of-b' } },
});
const variables = {
  OS_AUTH_URL: 'http://127.0.0.1:1/v3',
  OS_USERNAME: 'of-env',
  OS_PASSWORD: CANARY,
  OS_PROJECT_NAME: 'p',
};

const rows: readonly Row[] = [
  { title: 'the only cloud is taken', files: one({}), expected: (c) => c.cloud, is: 'c' },
  {
    title: 'the flag beats OS_CLOUD',
    files: two,
    cloud: 'b',
    environment: { OS_CLOUD: 'a' },
    expected: (c) => c.auth['username'],
    is: 'of-b',
  },
  {
    title: 'OS_CLOUD beats the variables',
    files: two,
    environment: { ...variables, OS_CLOUD: 'a' },
    expected: (c) => c.auth['username'],
    is: 'of-a',
  },
  {
    title: 'the variables beat the file',
    files: two,
    environment: variables,
    expected: (c) => [c.cloud, c.auth['username']],
    is: ['envvars', 'of-env'],
  },
  {
    title: 'OS_CLOUD_NAME names the variables',
    files: two,
    environment: { ...variables, OS_CLOUD_NAME: 'x' },
    expected: (c) => c.cloud,
    is: 'x',
  },
  {
    title: 'selectors and other programs make no cloud',
    files: one({}),
    environment: { OS_REGION_NAME: 'r', OS_TEST_PATH: 'x', OS_STDOUT_CAPTURE: '1', OS_LOG_DEFAULTS: 'y' },
    expected: (c) => [c.cloud, c.region],
    is: ['c', 'r'],
  },
  {
    title: 'OS_TENANT_NAME is the project',
    files: {},
    environment: { ...variables, OS_PROJECT_NAME: undefined, OS_TENANT_NAME: 't' },
    expected: (c) => c.auth['project_name'],
    is: 't',
  },
  {
    title: 'secure.yaml is merged over, key by key',
    files: {
      ...cloudsOf({ c: { auth: { ...PASSWORD_AUTH, password: 'other' } } }),
      secure: { clouds: { c: { auth: { password: CANARY } } } },
    },
    expected: (c) => [c.secrets.password?.reveal(), c.auth['username']],
    is: [CANARY, 'u'],
  },
  {
    title: 'a profile lies under the values of the cloud',
    files: {
      ...cloudsOf({ c: { profile: 'v', auth: { username: 'mine', password: CANARY } } }),
      publicClouds: {
        'public-clouds': { v: { region_name: 'of-v', auth: { auth_url: 'http://v/v3', username: 'of-v' } } },
      },
    },
    expected: (c) => [c.authUrl, c.auth['username'], c.region],
    is: ['http://v/v3', 'mine', 'of-v'],
  },
  { title: 'dashes are underscores', files: one({ 'region-name': 'r' }), expected: (c) => c.region, is: 'r' },
  {
    title: 'endpoint_type is interface',
    files: one({ endpoint_type: 'internalURL' }),
    expected: (c) => c.interfaces,
    is: ['internal'],
  },
  {
    title: 'the interface is public by default',
    files: one({}),
    expected: (c) => c.interfaces,
    is: ['public'],
  },
  {
    title: 'a project above beats auth, and a username in auth what is above it',
    files: one({ username: 'top', project_name: 'top' }),
    expected: (c) => [c.auth['username'], c.auth['project_name']],
    is: ['u', 'top'],
  },
  {
    title: 'one domain stands for both where a project is named',
    files: cloudsOf({ c: { auth: { ...PASSWORD_AUTH, domain_name: 'D' } } }),
    expected: (c) => [c.auth['user_domain_name'], c.auth['project_domain_name'], c.auth['domain_name']],
    is: ['D', 'D', undefined],
  },
  {
    title: 'without a project the domain is the scope',
    files: cloudsOf({ c: { auth: { ...PASSWORD_AUTH, project_name: undefined, domain_name: 'D' } } }),
    expected: (c) => [c.auth['domain_name'], c.auth['user_domain_name']],
    is: ['D', undefined],
  },
  {
    title: 'the first region is taken',
    files: one({ regions: ['r1', 'r2'] }),
    expected: (c) => c.region,
    is: 'r1',
  },
  {
    title: 'values of a region are merged over',
    files: one({
      interface: 'public',
      regions: ['r1', { name: 'r2', values: { interface: 'admin' } }],
    }),
    environment: { OS_REGION_NAME: 'r2' },
    expected: (c) => [c.region, c.interfaces],
    is: ['r2', ['admin']],
  },
  {
    title: 'a comma list means its first',
    files: one({ region_name: 'x,y' }),
    expected: (c) => c.region,
    is: 'x',
  },
  {
    title: 'insecure turns verify off',
    files: one({ insecure: true }),
    expected: (c) => c.verify,
    is: false,
  },
  { title: 'verify is on by default', files: one({}), expected: (c) => c.verify, is: true },
  {
    title: 'api_timeout is in seconds',
    files: one({ api_timeout: 5 }),
    expected: (c) => c.apiTimeoutMs,
    is: 5000,
  },
  {
    title: 'service settings are kept',
    files: one({ compute_endpoint_override: 'http://x', compute_default_microversion: 2.79 }),
    expected: (c) => c.settings,
    is: { compute_endpoint_override: 'http://x', compute_default_microversion: '2.79' },
  },
  {
    title: 'a token alone means auth_type token',
    files: cloudsOf({ c: { auth: { auth_url: 'http://x/v3', token: CANARY } } }),
    expected: (c) => c.authType,
    is: 'token',
  },
  {
    title: 'v3applicationcredential',
    files: cloudsOf({
      c: {
        auth_type: 'v3applicationcredential',
        auth: { auth_url: 'http://x', application_credential_id: 'i', application_credential_secret: CANARY },
      },
    }),
    expected: (c) => [c.authType, c.auth['application_credential_id']],
    is: ['application_credential', 'i'],
  },
];

interface Refusal {
  readonly title: string;
  readonly files: Partial<CloudFiles>;
  readonly environment?: Environment;
  readonly cloud?: string;
  readonly says: RegExp;
}

const refusals: readonly Refusal[] = [
  { title: 'nothing at all', files: { file: undefined }, says: /^No cloud was found/ },
  { title: 'several and no choice', files: two, says: /several clouds and none was chosen: a, b/ },
  {
    title: 'a name that is not there',
    files: two,
    cloud: 'z',
    says: /no cloud "z" in clouds.yaml: there are a, b/,
  },
  {
    title: 'a name that is not there, after a file that could not be read',
    files: { file: undefined, warnings: ['x.yaml could not be read (EACCES)'] },
    cloud: 'z',
    says: /x\.yaml could not be read \(EACCES\)/,
  },
  {
    title: 'envvars in file and variables',
    files: cloudsOf({ envvars: {} }),
    environment: variables,
    says: /has a cloud of that name too/,
  },
  {
    title: 'no auth_url',
    files: cloudsOf({ c: { auth: { username: 'u', password: CANARY } } }),
    says: /lacks auth_url/,
  },
  {
    title: 'no password',
    files: cloudsOf({ c: { auth: { ...PASSWORD_AUTH, password: undefined } } }),
    says: /lacks password/,
  },
  {
    title: 'a region that is not listed',
    files: one({ regions: ['R'] }),
    environment: { OS_REGION_NAME: 'r' },
    says: /has no region "r": there are R/,
  },
  {
    title: 'an empty variable, which makes a cloud of variables',
    files: one({}),
    environment: { OS_USERNAME: '' },
    says: /Cloud "envvars" of the OS_\* variables lacks auth_url/,
  },
  {
    title: 'verify as a text, which would be the path of a file',
    files: one({ verify: 'False' }),
    says: /The value "False" for verify of cloud "c" is a text/,
  },
  {
    title: 'two scopes at once',
    files: cloudsOf({ c: { auth: { ...PASSWORD_AUTH, system_scope: 'all' } } }),
    says: /has a project and the system as its scope/,
  },
  {
    title: 'a profile that no file has',
    files: cloudsOf({ c: { profile: 'nobody', auth: { username: 'u', password: CANARY } } }),
    says: /lacks auth_url/,
  },
  {
    title: 'an auth_type of another world',
    files: one({ auth_type: 'v3oidcpassword' }),
    says: /"v3oidcpassword", which Squall does not speak/,
  },
  {
    title: 'an auth_type that every object of the language has',
    files: one({ auth_type: 'constructor' }),
    says: /"constructor", which Squall does not speak/,
  },
  {
    title: 'an auth_url that is none',
    files: cloudsOf({ c: { auth: { ...PASSWORD_AUTH, auth_url: 'nonsense' } } }),
    says: /not an HTTP URL/,
  },
  {
    title: 'an auth_url whose password holds a slash, which is a path then',
    files: cloudsOf({ c: { auth: { ...PASSWORD_AUTH, auth_url: `http://ops/x:${CANARY}@keystone/v3` } } }),
    says: /holds a user or a password/,
  },
  {
    title: 'an application credential without auth_type',
    files: cloudsOf({
      c: {
        auth: { auth_url: 'http://x', application_credential_id: 'i', application_credential_secret: CANARY },
      },
    }),
    says: /has an application credential but no auth_type/,
  },
];

describe('resolveCloud', () => {
  for (const row of rows) {
    it(row.title, () => {
      const config = resolveCloud(files(row.files), row.environment ?? {}, row.cloud);
      expect(row.expected(config)).to.deep.equal(row.is);
      expect(JSON.stringify(config) + inspect(config, { depth: 9 })).not.to.contain(CANARY);
    });
  }
  for (const row of refusals) {
    it(`refuses ${row.title}`, () => {
      const act = (): unknown => resolveCloud(files(row.files), row.environment ?? {}, row.cloud);
      expect(act).to.throw(HarnessError, row.says).with.property('code', 'SQ_CLOUDS_YAML');
      expect(act).not.to.throw(HarnessError, CANARY);
    });
  }
});
