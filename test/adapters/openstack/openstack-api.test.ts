import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { HarnessError } from '../../../src/model/errors.ts';
import { Secret } from '../../../src/model/secret.ts';
import type { OpenStackApi } from '../../../src/ports/openstack.ts';
import { ADMIN_PASSWORD, DEMO_PASSWORD, startModelCloud } from '../../rehearsal/openstack/model-cloud.ts';
import type { ModelCloud } from '../../rehearsal/openstack/model-cloud.ts';
import { openCloud } from './open-cloud.ts';

describe('OpenStack client against the model cloud', () => {
  let cloud: ModelCloud;
  beforeEach(async () => (cloud = await startModelCloud()));
  afterEach(() => cloud.stop());

  const auth = (user: string, password: string, scope: object) => ({
    auth: {
      auth_url: `${cloud.url('keystone')}/v3`,
      username: user,
      password,
      user_domain_name: 'Default',
      ...scope,
    },
    region_name: 'RegionOne',
  });
  const inProject = (name: string): object => ({ project_name: name, project_domain_name: 'Default' });
  const demo = (): Promise<OpenStackApi> => openCloud(auth('demo', DEMO_PASSWORD, inProject('demo')));
  const admin = (): Promise<OpenStackApi> => openCloud(auth('admin', ADMIN_PASSWORD, inProject('admin')));

  it('finds every service by its version document', async () => {
    const api = await demo();
    const { projectId } = await api.authenticate();
    expect((await api.access('identity')).url).to.equal(`${cloud.url('keystone')}/v3`);
    expect((await api.access('compute')).url).to.equal(`${cloud.url('nova')}/v2.1`);
    expect((await api.access('network')).url).to.equal(`${cloud.url('neutron')}/v2.0`);
    expect((await api.access('image')).url).to.equal(`${cloud.url('glance')}/v2`);
    expect((await api.access('block-storage')).url).to.equal(`${cloud.url('cinder')}/v3/${projectId ?? ''}`);
    expect((await api.access('placement')).url).to.equal(cloud.url('placement'));
    expect(await api.identity()).to.equal(cloud.url('keystone'));
  });

  it('is the same cloud as another user, with a token of its own', async () => {
    const [given, other] = [await admin(), await demo()];
    const { userId, projectId = '' } = await other.authenticate();
    const as = given.as({ userId, projectId, password: new Secret(DEMO_PASSWORD) });
    expect(await as.authenticate()).to.include({ userId, projectId });
    expect((await given.authenticate()).userId).to.not.equal(userId);
    const wrong = given.as({ userId, projectId, password: new Secret('wrong') });
    const refusal = await wrong.authenticate().then(
      () => undefined,
      (error: HarnessError) => error.code,
    );
    expect(refusal).to.equal('SQ_AUTH');
  });

  it('knows who its user is from the token in hand, and reads no version document twice for two users', async () => {
    const [given, other] = [await admin(), await demo()];
    const before = cloud.requests.length;
    expect((await given.user()).roles).to.deep.equal(['admin', 'member', 'reader']);
    const { userId, projectId = '' } = await other.user();
    expect(await given.user()).to.include({ projectId: (await given.authenticate()).projectId });
    expect(await other.user()).to.deep.include({ userId, projectId, roles: ['member', 'reader'] });
    // A version document and a token each; then the token that `authenticate` takes anew.
    expect(cloud.requests.slice(before)).to.have.length(5);
    const as = given.as({ userId, projectId, password: new Secret(DEMO_PASSWORD) });
    const get = { method: 'GET', path: '/networks' } as const;
    await given.service('network').request(get);
    const second = cloud.requests.length;
    await as.service('network').request(get);
    expect(cloud.requests.slice(second)).to.deep.equal([
      'POST keystone /v3/auth/tokens',
      'GET neutron /v2.0/networks',
    ]);
  });

  it('reads every service as it is, with request ids and the microversion that was asked for', async () => {
    const api = await demo();
    const old = await api.service('compute').request({ method: 'GET', path: '/flavors/1' });
    expect(old.headers['openstack-api-version']).to.equal('compute 2.1');
    const client = api.service('compute', { microversion: '2.79' });
    const answer = await client.request<{ flavor: { description: unknown } }>({
      method: 'GET',
      path: '/flavors/1',
    });
    expect(answer.headers['x-openstack-nova-api-version']).to.equal('2.79');
    expect(answer.body.flavor.description).to.equal(null);
    expect(answer.requestId).to.match(/^req-[0-9a-f-]{36}$/);
    expect(answer.received.ns).to.be.greaterThan(answer.sent.ns);
    const beyond = await api
      .service('compute', { microversion: '2.999' })
      .request({ method: 'GET', path: '/flavors' });
    expect(beyond.status).to.equal(406);
    const volumes = api.service('block-storage', { microversion: '3.50' });
    const listed = await volumes.request({ method: 'GET', path: '/volumes/detail' });
    expect([listed.status, listed.headers['openstack-api-version']]).to.deep.equal([200, 'volume 3.50']);
  });

  it('follows pages to the end, by links of each kind', async () => {
    const api = await demo();
    const names: string[] = [];
    for (let index = 0; index < 5; index += 1) {
      names.push(`n${index}`);
      await api
        .service('network')
        .request({ method: 'POST', path: '/networks', body: { network: { name: `n${index}` } } });
      const image = { name: `n${index}`, disk_format: 'raw', container_format: 'bare' };
      await api.service('image').request({ method: 'POST', path: '/images', body: image });
      const volume = { volume: { name: `n${index}`, size: 1 } };
      await api.service('block-storage').request({ method: 'POST', path: '/volumes', body: volume });
    }
    const named = (rows: readonly Readonly<Record<string, unknown>>[]): string[] =>
      rows
        .map((row) => String(row['name']))
        .filter((name) => names.includes(name))
        .sort();
    expect(named(await api.listAll('network', '/networks?limit=2', 'networks'))).to.deep.equal(names);
    expect(named(await api.listAll('image', '/images?limit=2', 'images'))).to.deep.equal(names);
    expect(named(await api.listAll('block-storage', '/volumes/detail?limit=2', 'volumes'))).to.deep.equal(
      names,
    );
    expect((await api.listAll('compute', '/flavors/detail?limit=1', 'flavors')).length).to.equal(3);
  });

  const tokensTaken = (): number =>
    cloud.requests.filter((line) => line === 'POST keystone /v3/auth/tokens').length;

  it('takes one new token for many requests whose token is refused', async () => {
    const api = await demo();
    const before = await api.authenticate();
    await api.service('compute').request({ method: 'GET', path: '/flavors' });
    expect(tokensTaken()).to.equal(1);
    cloud.advance(3_600_001);
    const all = await Promise.all(
      Array.from({ length: 12 }, () => api.service('compute').request({ method: 'GET', path: '/servers' })),
    );
    expect(all.map((answer) => answer.status)).to.deep.equal(Array(12).fill(200));
    expect(tokensTaken()).to.equal(2);
    const token = (await api.access('compute')).headers['X-Auth-Token'];
    expect(String(token)).to.equal('***');
    expect(token).not.to.equal(before.token);
  });

  it('goes on with the token in hand while Keystone is away, as the services do', async () => {
    const api = await demo();
    await api.service('compute').request({ method: 'GET', path: '/servers' });
    await cloud.close('keystone');
    const answer = await api.service('compute').request({ method: 'GET', path: '/servers' });
    expect(answer.status).to.equal(200);
    cloud.advance(3_600_001);
    const error = await api
      .service('compute')
      .request({ method: 'GET', path: '/servers' })
      .then(
        () => expect.fail('the token was taken from nowhere'),
        (thrown: unknown) => thrown as HarnessError,
      );
    expect([error.code, error.definite]).to.deep.equal(['SQ_UNREACHABLE', true]);
  });

  it('speaks by a token as by a password', async () => {
    const { token, projectId } = await (await demo()).authenticate();
    const byToken = await openCloud({
      auth_type: 'v3token',
      auth: { auth_url: cloud.url('keystone'), token: token.reveal(), ...inProject('demo') },
    });
    expect((await byToken.authenticate()).projectId).to.equal(projectId);
  });

  it('refuses wrong credentials in one sentence that shows none of them', async () => {
    const api = await openCloud(auth('demo', 'canary-wrong-password', inProject('demo')));
    const error = await api.authenticate().then(
      () => expect.fail('it was accepted'),
      (thrown: unknown) => thrown as HarnessError,
    );
    expect(error.code).to.equal('SQ_AUTH');
    expect(error.message).to.match(
      /did not accept the credentials of cloud "model", 401: .*\(req-[0-9a-f-]+\)\.$/,
    );
    expect(error.message).not.to.contain('canary');
  });

  it('answers an HTTP status as it is, and names the id of a list that failed', async () => {
    const api = await admin();
    const missing = await api.service('compute').request({ method: 'GET', path: '/servers/none' });
    expect([missing.status, Object.keys(missing.body as object)]).to.deep.equal([404, ['itemNotFound']]);
    cloud.store.available = false;
    const error = await api.listAll('compute', '/servers', 'servers').then(
      () => expect.fail('the list was answered'),
      (thrown: unknown) => thrown as HarnessError,
    );
    expect(error.code).to.equal('SQ_BAD_ANSWER');
    expect(error.message).to.match(/\(req-[0-9a-f-]+\) answered 500: Unexpected API Error/);
  });

  it('says which service the catalogue lacks', async () => {
    const api = await demo();
    const error = await api.access('orchestration').then(
      () => expect.fail('there is no such service'),
      (thrown: unknown) => thrown as HarnessError,
    );
    expect(error.message).to.match(/names identity, compute, .* and no orchestration/);
  });

  it('ends the wait with the reason of the caller', async () => {
    const api = await demo();
    const reason = new Error('the guard spoke');
    const request = api
      .service('compute')
      .request({ method: 'GET', path: '/servers', signal: AbortSignal.abort(reason) });
    const thrown = await request.then(
      () => expect.fail('it was sent'),
      (error: unknown) => error,
    );
    expect(thrown).to.equal(reason);
  });
});
