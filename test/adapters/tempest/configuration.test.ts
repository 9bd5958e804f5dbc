import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { discoverCloud, type CloudFacts } from '../../../src/adapters/tempest/discover-cloud.ts';
import { openWorkspace } from '../../../src/adapters/tempest/open-workspace.ts';
import { writeConfiguration, type Configuration } from '../../../src/adapters/tempest/write-configuration.ts';
import { HarnessError } from '../../../src/model/errors.ts';
import { Secret } from '../../../src/model/secret.ts';
import type { CloudAccount, OpenStackApi, ServiceType } from '../../../src/ports/openstack.ts';

const ACCOUNT: CloudAccount = {
  cloud: 'staging',
  authUrl: 'https://cloud.example/identity',
  password: new Secret('pa$$word $x'),
  region: 'RegionTwo',
  interface: 'internal',
  verify: true,
  cacert: '/etc/ssl/own.pem',
};

const ADMIN: CloudFacts = {
  user: {
    id: 'u1',
    name: 'root',
    domain: 'Default',
    project: 'ops',
    projectDomain: 'Default',
    roles: ['admin'],
  },
  makesUsers: true,
  types: { compute: 'compute', network: 'network', image: 'image', volume: 'block-storage' },
  microversions: { compute: '2.96', volume: '3.71' },
  flavors: ['f1', 'f2'],
  images: ['i1'],
  externalNetwork: { id: 'n1', name: 'public' },
  networkExtensions: ['router', 'security-group'],
  computeNodes: 2,
  hasBackup: false,
};
const { externalNetwork: _none, computeNodes: _unknown, ...bare } = ADMIN;
const MEMBER: CloudFacts = {
  ...bare,
  makesUsers: false,
  user: { ...ADMIN.user, name: 'demo', roles: ['member', 'reader'] },
  ownNetwork: 'demo-net',
};

const write = (facts: CloudFacts, account: CloudAccount = ACCOUNT): Configuration =>
  writeConfiguration({ facts, account, prefix: 'sq-ab12', workspace: '/private' });

/** As an ini file reads: `section.key` to value. */
function parsed(text: string): Map<string, string> {
  let section = '';
  const found = new Map<string, string>();
  for (const line of text.split('\n')) {
    section = /^\[(.+)\]$/.exec(line)?.[1] ?? section;
    const [, key, value] = /^(\w+) = (.*)$/.exec(line) ?? [];
    if (key !== undefined) found.set(`${section}.${key}`, value ?? '');
  }
  return found;
}

describe('the configuration of Tempest', () => {
  it('has Tempest make its users where an administrator is given', () => {
    const { tempestConf, accounts, mostWorkers } = write(ADMIN);
    const conf = parsed(tempestConf);
    expect(accounts).to.equal(undefined);
    expect(mostWorkers).to.equal(undefined);
    expect(conf.get('auth.use_dynamic_credentials')).to.equal('true');
    expect(conf.get('auth.admin_username')).to.equal('root');
    expect(conf.get('auth.admin_project_name')).to.equal('ops');
    // As oslo.config writes a dollar.
    expect(conf.get('auth.admin_password')).to.equal('pa$$$$word $$x');
    expect(conf.get('DEFAULT.resource_name_prefix')).to.equal('sq-ab12');
  });

  it('says where the cloud is, and what is there', () => {
    const conf = parsed(write(ADMIN).tempestConf);
    const expected = {
      'identity.uri_v3': 'https://cloud.example/identity/v3',
      'identity.region': 'RegionTwo',
      'identity.v3_endpoint_type': 'internal',
      'identity.ca_certificates_file': '/etc/ssl/own.pem',
      'identity.disable_ssl_certificate_validation': 'false',
      'service_available.cinder': 'true',
      'service_available.swift': 'false',
      'volume.catalog_type': 'block-storage',
      'volume.max_microversion': '3.71',
      'compute.max_microversion': '2.96',
      'compute.flavor_ref': 'f1',
      'compute.flavor_ref_alt': 'f2',
      'compute.image_ref': 'i1',
      'compute.image_ref_alt': 'i1',
      'compute.min_compute_nodes': '2',
      'compute-feature-enabled.resize': 'true',
      'network.public_network_id': 'n1',
      'network.floating_network_name': 'public',
      'network-feature-enabled.api_extensions': 'router,security-group',
      'volume-feature-enabled.backup': 'false',
      'validation.run_validation': 'false',
    };
    for (const [key, value] of Object.entries(expected)) expect(conf.get(key), key).to.equal(value);
    expect(conf.has('image.max_microversion')).to.equal(false);
  });

  it('gives the one ordinary user to one worker, as member and as reader, and says so', () => {
    const { tempestConf, accounts = '[]', mostWorkers, notes } = write(MEMBER);
    const conf = parsed(tempestConf);
    expect(conf.get('auth.use_dynamic_credentials')).to.equal('false');
    expect(conf.get('auth.test_accounts_file')).to.equal('/private/accounts.yaml');
    expect(tempestConf).not.to.include('word');
    const users = JSON.parse(accounts) as {
      username: string;
      password: string;
      roles: string[];
      user_id?: string;
    }[];
    expect(users.map(({ roles }) => roles)).to.deep.equal([['member'], ['reader']]);
    expect(users.map(({ password }) => password)).to.deep.equal(['pa$$word $x', 'pa$$word $x']);
    expect(users.map((user) => user.user_id)).to.deep.equal([undefined, 'u1']);
    expect(mostWorkers).to.equal(1);
    expect(notes.join(' '))
      .to.match(/user demo alone/)
      .and.match(/No external network/);
    expect(conf.get('compute.fixed_network_name')).to.equal('demo-net');
  });

  it('takes the auth_url as it is where it names its version', () => {
    for (const authUrl of ['http://c/v3', 'http://c/v3/', 'http://c', 'http://c/v2.0'])
      expect(parsed(write(ADMIN, { ...ACCOUNT, authUrl }).tempestConf).get('identity.uri_v3')).to.equal(
        'http://c/v3',
      );
  });

  it('lets no name of the cloud write a line of its own', () => {
    const facts = { ...ADMIN, externalNetwork: { id: 'n1', name: 'x\n[auth]\nadmin_username = evil' } };
    const conf = parsed(write(facts).tempestConf);
    expect(conf.get('auth.admin_username')).to.equal('root');
  });

  it('refuses what Tempest cannot log in with, and says what to do', () => {
    const { password: _password, ...without } = ACCOUNT;
    for (const account of [
      without,
      { ...ACCOUNT, password: new Secret('two\nlines') },
      { ...ACCOUNT, password: new Secret(' x') },
    ])
      expect(() => write(ADMIN, account))
        .to.throw(HarnessError, /staging/)
        .that.includes({ code: 'SQ_CLOUDS_YAML' })
        .with.property('remedy')
        .that.matches(/password/);
  });
});

describe('the workspace of Tempest', () => {
  it('is private, and gone when it is removed', async () => {
    let path = '';
    const workspace = await openWorkspace((folder) => {
      path = folder;
      return writeConfiguration({ facts: MEMBER, account: ACCOUNT, prefix: 'sq-ab12', workspace: folder });
    });
    try {
      await workspace.writeList(['a', 'b']);
      expect((await stat(path)).mode & 0o777).to.equal(0o700);
      const files = await readdir(path);
      expect(files).to.include.members(['tempest.conf', 'accounts.yaml', 'chosen']);
      for (const file of files) expect((await stat(join(path, file))).mode & 0o777, file).to.equal(0o600);
      expect(await readFile(join(path, 'chosen'), 'utf8')).to.equal('a\nb\n');
    } finally {
      await workspace.remove();
    }
    expect(await stat(path).catch(() => 'gone')).to.equal('gone');
  });

  it('leaves nothing when it cannot be written', async () => {
    let path = '';
    const failing = openWorkspace((folder) => {
      path = folder;
      throw new Error('no configuration');
    });
    expect(await failing.catch(String)).to.equal('Error: no configuration');
    expect(await stat(path).catch(() => 'gone')).to.equal('gone');
  });
});

interface Cloud {
  readonly roles: readonly string[];
  readonly gets?: Readonly<
    Record<string, { status: number; body?: unknown; headers?: Record<string, string> }>
  >;
  readonly lists?: Readonly<Record<string, readonly Record<string, unknown>[]>>;
  readonly types?: readonly string[];
  readonly inProject?: boolean;
}

/** Answers what it is given, and refuses the rest as a service does that has no such thing. */
function cloudOf({ roles, gets = {}, lists = {}, types = [], inProject = true }: Cloud): OpenStackApi {
  const domain = { name: 'Default' };
  const token = {
    user: { id: 'u1', name: 'demo', domain },
    ...(inProject ? { project: { name: 'demo', domain } } : {}),
    roles: roles.map((name) => ({ name })),
  };
  return {
    cloud: 'memory',
    authenticate: async () => ({ userId: 'u1', token: new Secret('t') }),
    catalogue: async () => types.map((type) => ({ type, name: type, endpoints: [] })),
    listAll: async (type: ServiceType, path: string) => {
      const items = lists[`${type}:${path}`];
      if (items === undefined) throw new HarnessError('SQ_AUTH', 'refused');
      return items;
    },
    service: (type: ServiceType, { microversion = '' } = {}) => ({
      name: type,
      request: async ({ path }: { path: string }) => {
        if (path === '/auth/tokens') return { status: 200, body: { token }, headers: {} };
        const given = gets[`${type}:${path}${microversion === '' ? '' : ` ${microversion}`}`];
        if (given === undefined) throw new HarnessError('SQ_UNREACHABLE', 'no answer');
        return { headers: {}, body: {}, ...given };
      },
    }),
  } as unknown as OpenStackApi;
}

const signal = new AbortController().signal;

describe('what Tempest is told of a cloud', () => {
  it('is what an administrator finds there', async () => {
    const facts = await discoverCloud(
      cloudOf({
        roles: ['admin'],
        types: ['compute', 'network', 'image', 'volumev3', 'rating'],
        gets: {
          'identity:/domains': { status: 200 },
          'identity:/roles': { status: 200 },
          'compute:/limits latest': { status: 200, headers: { 'openstack-api-version': 'compute 2.96' } },
          'block-storage:/limits latest': {
            status: 200,
            headers: { 'openstack-api-version': 'volume 3.71' },
          },
        },
        lists: {
          'compute:/flavors/detail': [
            { id: 'big', ram: 4096, disk: 40 },
            { id: 'small', ram: 128, disk: 1 },
            { id: 'diskless', ram: 256, disk: 0 },
          ],
          'image:/images?status=active': [
            { id: 'heavy', size: 9e9, visibility: 'public', disk_format: 'qcow2' },
            { id: 'kernel', size: 5, visibility: 'public', disk_format: 'aki' },
            { id: 'light', size: 1e6, visibility: 'public', disk_format: 'raw' },
            { id: 'own', size: 1, visibility: 'private', disk_format: 'raw' },
          ],
          'network:/networks': [
            { id: 'n1', name: 'tenant', 'router:external': false },
            { id: 'n2', name: 'public', 'router:external': true },
          ],
          'network:/extensions': [{ alias: 'router' }],
          'compute:/os-services?binary=nova-compute': [
            { state: 'up', status: 'enabled' },
            { state: 'down', status: 'enabled' },
          ],
          'block-storage:/os-services': [{ state: 'up', status: 'enabled', binary: 'cinder-backup' }],
        },
      }),
      signal,
    );
    expect(facts.makesUsers).to.equal(true);
    expect(facts.types).to.deep.equal({
      compute: 'compute',
      network: 'network',
      image: 'image',
      volume: 'volumev3',
    });
    expect(facts.microversions).to.deep.equal({ compute: '2.96', volume: '3.71' });
    expect(facts.flavors, 'a disk never shrinks').to.deep.equal(['small', 'big']);
    expect(facts.images).to.deep.equal(['light', 'heavy']);
    expect(facts.externalNetwork).to.deep.equal({ id: 'n2', name: 'public' });
    expect(facts.ownNetwork).to.equal('tenant');
    expect([facts.computeNodes, facts.hasBackup]).to.deep.equal([1, true]);
  });

  it('is no more than what answers: an administrator whose Keystone lists no roles makes no users', async () => {
    const facts = await discoverCloud(cloudOf({ roles: ['admin'], types: ['compute', 'network'] }), signal);
    expect(facts.makesUsers).to.equal(false);
    expect([facts.flavors, facts.images, facts.networkExtensions, facts.computeNodes]).to.deep.equal([
      [],
      [],
      undefined,
      undefined,
    ]);
  });

  it('takes a project', async () => {
    const found = await discoverCloud(cloudOf({ roles: [], inProject: false }), signal).catch(
      (error: unknown) => error,
    );
    expect(found).to.include({ code: 'SQ_CLOUDS_YAML' });
  });
});
