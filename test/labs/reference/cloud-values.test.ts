import { expect } from 'chai';
import { describe, it } from 'mocha';
import { parse } from 'yaml';
import { resolveCloud } from '../../../src/adapters/openstack/resolve-cloud.ts';
import { cloudsYamlOf, makeSecrets, valuesOf } from '../../../src/labs/reference/cloud/cloud-values.ts';
import { STAGES } from '../../../src/labs/reference/cloud/deploy-cloud.ts';
import { planSteps, type Acts } from '../../../src/labs/reference/plan-steps.ts';

let count = 0;
const chance = { token: (length: number) => String((count += 1)).padStart(length, 'x') };

describe('the cloud of the reference lab', () => {
  it('has keys that Fernet takes: 32 bytes, URL-safe, and no two alike', () => {
    const { fernet } = makeSecrets(chance);
    for (const key of fernet) {
      expect(key).to.match(/^[A-Za-z0-9_-]{43}=$/);
      expect(Buffer.from(key, 'base64url')).to.have.length(32);
    }
    expect(fernet[0]).not.to.equal(fernet[1]);
  });

  it('gives every chart its passwords, each another', () => {
    const values = JSON.stringify(valuesOf(makeSecrets(chance), 'PEM'));
    const passwords = [...values.matchAll(/"(?:password|erlang_cookie|memcache_secret_key)":"([^"]+)"/g)].map(
      ([, password]) => password,
    );
    expect(passwords).to.have.length(7 + 9 + 3);
    expect(new Set(passwords).size).to.equal(passwords.length);
  });

  it('has a clouds.yaml that our own client understands', () => {
    const clouds = parse(cloudsYamlOf(makeSecrets(chance), '/lab/ca.crt')) as Record<string, unknown>;
    const files = { clouds, secure: {}, publicClouds: {}, file: 'clouds.yaml', warnings: [] };
    const config = resolveCloud(files, {});
    expect([config.authUrl, config.verify, config.cacert, config.region]).to.deep.equal([
      'https://10.77.0.9:5000/v3',
      true,
      '/lab/ca.crt',
      'RegionOne',
    ]);
  });

  const plan = (joined: boolean): Map<string, readonly string[]> => {
    const steps = planSteps({} as Acts, { joined, keep: !joined, cloud: STAGES });
    return new Map(steps.map(({ name, after }) => [name, after]));
  };

  it('starts in stages, each when the one before it is ready, and is in the snapshot', () => {
    const after = plan(false);
    expect(after.get('mariadb')).to.deep.equal(['certificates of the cloud']);
    expect(after.get('keystone')).to.deep.equal(STAGES[0]);
    expect(after.get('glance')).to.deep.equal(['keystone']);
    expect(after.get('nova')).to.deep.equal(['placement', 'glance', 'neutron']);
    expect(after.get('the cloud is ready')).to.deep.equal(['cinder', 'heat']);
    expect(after.get('snapshot')).to.include('a server answers');
  });

  it('deploys nothing after a start from a snapshot, which holds it', () => {
    const after = plan(true);
    expect(after.has('keystone')).to.equal(false);
    expect(after.get('the cloud is ready')).to.deep.equal(['a name is answered']);
    expect(after.get('a server answers')).to.deep.equal(['the cloud is ready']);
  });
});
