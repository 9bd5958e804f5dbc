import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { OPENSTACK_SERVICES } from '../../../src/rehearsal/replica.ts';
import type { OpenStackService } from '../../../src/rehearsal/replica.ts';
import { seedDatabase } from '../../../src/rehearsal/openstack/index.ts';
import { ask, askerFor, at, passwordAuth } from './ask.ts';
import type { Asker } from './ask.ts';
import { ADMIN_PASSWORD, DEMO_PASSWORD, startModelCloud } from './model-cloud.ts';
import type { ModelCloud } from './model-cloud.ts';

/** Longer than any of these tests takes: a volume is built when the clock says so, and not before. */
const VOLUME_BUILD_MS = 60_000;

describe('OpenStack services of the rehearsal', () => {
  let cloud: ModelCloud;
  let admin: Asker;
  let demo: Asker;
  beforeEach(async () => {
    cloud = await startModelCloud({ volumeBuildMs: VOLUME_BUILD_MS });
    [admin, demo] = [await askerFor(cloud, 'admin'), await askerFor(cloud, 'demo')];
  });
  afterEach(() => cloud.stop());

  const guarded: readonly (readonly [OpenStackService, string])[] = [
    ['keystone', '/v3/projects'],
    ['nova', '/v2.1/servers'],
    ['neutron', '/v2.0/networks'],
    ['glance', '/v2/images'],
    ['cinder', '/v3/x/volumes'],
  ];

  it('tells versions without a token', async () => {
    for (const [service, path, status] of [
      ['keystone', '/', 300],
      ['keystone', '/v3', 200],
      ['nova', '/', 200],
      ['nova', '/v2.1/', 200],
      ['neutron', '/', 200],
      ['glance', '/', 300],
      ['cinder', '/', 300],
      ['placement', '/', 200],
    ] as const)
      expect((await ask(cloud, undefined, 'GET', service, path)).status, service + path).to.equal(status);
    const { body } = await ask(cloud, undefined, 'GET', 'nova', '/v2.1');
    expect([at(body, 'version', 'min_version'), at(body, 'version', 'version')]).to.deep.equal([
      '2.1',
      '2.96',
    ]);
  });

  it('asks for a token on every other path, also on those that are not there', async () => {
    const middle = demo.token.length / 2;
    const changed =
      demo.token.slice(0, middle) + (demo.token[middle] === 'A' ? 'B' : 'A') + demo.token.slice(middle + 1);
    for (const [service, path] of [...guarded, ['nova', '/v2.1/nothing'] as const])
      for (const token of [undefined, 'nonsense', changed]) {
        const answer = await ask(cloud, token, 'GET', service, path);
        expect([answer.status, at(answer.body, 'error', 'code')], service + path).to.deep.equal([401, 401]);
        expect(answer.headers.get('www-authenticate')).to.equal(`Keystone uri="${cloud.url('keystone')}"`);
      }
    expect((await demo('GET', 'nova', '/v2.1/nothing')).status).to.equal(404);
    expect((await demo('GET', 'placement', '/resource_providers')).status).to.equal(404);
  });

  it('ends tokens after an hour', async () => {
    cloud.advance(3_599_000);
    expect((await demo('GET', 'nova', '/v2.1/servers')).status).to.equal(200);
    cloud.advance(1_001);
    expect((await demo('GET', 'nova', '/v2.1/servers')).status).to.equal(401);
  });

  it('answers 500 in its own shape, and is not healthy, while the database is away', async () => {
    const bodies: Record<string, unknown> = {};
    const healthy = async (): Promise<number[]> =>
      Promise.all(
        OPENSTACK_SERVICES.map(async (service) => (await fetch(`${cloud.url(service)}/healthcheck`)).status),
      );
    expect(await healthy()).to.deep.equal([200, 200, 200, 200, 200, 200]);
    cloud.store.available = false;
    for (const [service, path] of guarded) {
      const right = service === 'cinder' ? `/v3/${admin.projectId}/volumes` : path;
      const answer = await admin('GET', service, right);
      expect(answer.status, service).to.equal(500);
      bodies[service] = Object.keys(answer.body)[0];
    }
    expect(bodies).to.deep.equal({
      keystone: 'error',
      nova: 'computeFault',
      neutron: 'NeutronError',
      glance: 'message',
      cinder: 'computeFault',
    });
    expect(await healthy()).to.deep.equal([503, 503, 503, 503, 503, 503]);
  });

  it('seeds once, however often it is asked', async () => {
    const keys = cloud.store.keys;
    const context = { database: cloud.store, nowMs: () => 0, adminPassword: 'x', demoPassword: 'y' };
    await seedDatabase(cloud.store, context as unknown as Parameters<typeof seedDatabase>[1]);
    expect(cloud.store.keys).to.deep.equal(keys);
    expect((await askerFor(cloud, 'demo')).projectId).to.equal(demo.projectId);
  });

  describe('keystone', () => {
    const tokens = '/v3/auth/tokens';
    const scope = { project: { name: 'demo', domain: { id: 'default' } } };

    it('refuses a wrong password, a project without a role, and a body that is none', async () => {
      for (const [body, status] of [
        [passwordAuth('demo', 'wrong', scope), 401],
        [passwordAuth('nobody', DEMO_PASSWORD, scope), 401],
        [passwordAuth('demo', DEMO_PASSWORD, { project: { name: 'admin', domain: { id: 'default' } } }), 401],
        [passwordAuth('demo', DEMO_PASSWORD, { system: { all: true } }), 400],
        [{ auth: {} }, 400],
        [[], 400],
        ['{', 400],
      ] as const) {
        const answer = await ask(cloud, undefined, 'POST', 'keystone', tokens, body);
        expect([answer.status, at(answer.body, 'error', 'code')]).to.deep.equal([status, status]);
      }
    });

    it('shows a token, and forgets one that was revoked', async () => {
      const subject = { 'x-subject-token': demo.token };
      const shown = await admin('GET', 'keystone', tokens, undefined, subject);
      expect(at(shown.body, 'token', 'user', 'name')).to.equal('demo');
      expect((await admin('HEAD', 'keystone', tokens, undefined, subject)).status).to.equal(200);
      expect(
        (await demo('GET', 'keystone', tokens, undefined, { 'x-subject-token': admin.token })).status,
      ).to.equal(403);
      expect((await admin('DELETE', 'keystone', tokens, undefined, subject)).status).to.equal(204);
      expect((await admin('GET', 'keystone', tokens, undefined, subject)).status).to.equal(404);
    });

    it('gives an unscoped token no catalogue and no rights', async () => {
      const answer = await ask(
        cloud,
        undefined,
        'POST',
        'keystone',
        tokens,
        passwordAuth('demo', DEMO_PASSWORD, 'unscoped'),
      );
      expect(at(answer.body, 'token', 'catalog')).to.equal(undefined);
      const token = answer.headers.get('x-subject-token') ?? '';
      expect((await ask(cloud, token, 'POST', 'nova', '/v2.1/servers', { server: {} })).status).to.equal(403);
    });

    it('makes, changes and deletes projects', async () => {
      const make = (project: object): ReturnType<Asker> =>
        admin('POST', 'keystone', '/v3/projects', { project });
      const made = await make({ name: 'p' });
      expect(made.status).to.equal(201);
      const path = `/v3/projects/${String(at(made.body, 'project', 'id'))}`;
      expect((await make({ name: 'p' })).status).to.equal(409);
      expect((await make({})).status).to.equal(400);
      expect((await make({ name: 'x'.repeat(256) })).status).to.equal(400);
      expect((await demo('POST', 'keystone', '/v3/projects', { project: { name: 'q' } })).status).to.equal(
        403,
      );
      const listed = await admin('GET', 'keystone', '/v3/projects?name=p');
      expect((at(listed.body, 'projects') as unknown[]).length).to.equal(1);
      const renamed = await admin('PATCH', 'keystone', path, { project: { name: 'r' } });
      expect(at(renamed.body, 'project', 'name')).to.equal('r');
      expect((await make({ name: 'p' })).status).to.equal(201);
      expect((await admin('DELETE', 'keystone', path)).status).to.equal(204);
      expect((await admin('GET', 'keystone', path)).status).to.equal(404);
      expect((await make({ name: 'r' })).status).to.equal(201);
    });

    it('lets a new user in without a scope, as long as the user is there and enabled', async () => {
      const made = await admin('POST', 'keystone', '/v3/users', {
        user: { name: 'eve', password: 'pw-of-eve' },
      });
      const path = `/v3/users/${String(at(made.body, 'user', 'id'))}`;
      const login = async (password: string, on: unknown = 'unscoped'): Promise<number> =>
        (await ask(cloud, undefined, 'POST', 'keystone', tokens, passwordAuth('eve', password, on))).status;
      expect([await login('pw-of-eve'), await login('pw-of-eve', scope)]).to.deep.equal([201, 401]);
      await admin('PATCH', 'keystone', path, { user: { password: 'new' } });
      expect([await login('pw-of-eve'), await login('new')]).to.deep.equal([401, 201]);
      await admin('PATCH', 'keystone', path, { user: { enabled: false } });
      expect(await login('new')).to.equal(401);
      await admin('PATCH', 'keystone', path, { user: { enabled: true } });
      expect(await login('new')).to.equal(201);
      expect((await admin('DELETE', 'keystone', path)).status).to.equal(204);
      expect(await login('new')).to.equal(401);
    });

    it('gives a token for a token, which ends no later', async () => {
      const body = { auth: { identity: { methods: ['token'], token: { id: demo.token } }, scope } };
      cloud.advance(1_000_000);
      const answer = await ask(cloud, undefined, 'POST', 'keystone', tokens, body);
      const timeOf = (key: string): number => Date.parse(String(at(answer.body, 'token', key)));
      expect(timeOf('expires_at') - timeOf('issued_at')).to.be.within(2_598_000, 2_601_000);
      await demo('DELETE', 'keystone', tokens, undefined, { 'x-subject-token': demo.token });
      expect((await ask(cloud, undefined, 'POST', 'keystone', tokens, body)).status).to.equal(401);
    });

    it('never shows a password', async () => {
      const all = await admin('GET', 'keystone', '/v3/users');
      expect(all.text)
        .not.to.contain(ADMIN_PASSWORD)
        .and.not.to.contain('assword":"')
        .and.not.to.contain('Hash');
    });
  });

  describe('glance', () => {
    const image = { name: 'i', disk_format: 'raw', container_format: 'bare' };

    it('takes content once, of which it knows the size', async () => {
      const path = `/v2/images/${String(at((await demo('POST', 'glance', '/v2/images', image)).body, 'id'))}`;
      const octets = { 'content-type': 'application/octet-stream' };
      expect((await demo('PUT', 'glance', `${path}/file`, 'the bytes', octets)).status).to.equal(204);
      const { body } = await demo('GET', 'glance', path);
      expect([at(body, 'status'), at(body, 'size')]).to.deep.equal(['active', 9]);
      expect((await demo('PUT', 'glance', `${path}/file`, 'others', octets)).status).to.equal(409);
    });

    it('keeps a protected image, and deletes others', async () => {
      const make = async (given: object): Promise<string> =>
        `/v2/images/${String(at((await demo('POST', 'glance', '/v2/images', given)).body, 'id'))}`;
      const refused = await demo('DELETE', 'glance', await make({ ...image, protected: true }));
      expect([refused.status, at(refused.body, 'code')]).to.deep.equal([403, '403 Forbidden']);
      const path = await make(image);
      expect(at((await demo('GET', 'glance', path)).body, 'status')).to.equal('queued');
      expect((await demo('DELETE', 'glance', path)).status).to.equal(204);
      expect((await demo('GET', 'glance', path)).status).to.equal(404);
      const odd = { ...image, disk_format: 'odd' };
      expect((await demo('POST', 'glance', '/v2/images', odd)).status).to.equal(400);
    });

    it('keeps images of others to themselves, and lets nobody change a public one of another', async () => {
      const path = `/v2/images/${String(at((await admin('POST', 'glance', '/v2/images', image)).body, 'id'))}`;
      expect((await demo('GET', 'glance', path)).status).to.equal(404);
      expect((await admin('GET', 'glance', path)).status).to.equal(200);
      const open = { ...image, visibility: 'public' };
      expect((await demo('POST', 'glance', '/v2/images', open)).status).to.equal(403);
      const shared = String(at((await admin('POST', 'glance', '/v2/images', open)).body, 'id'));
      const { body } = await demo('GET', 'glance', '/v2/images');
      const names = (at(body, 'images') as { name: string }[]).map(({ name }) => name);
      expect(names).to.deep.equal(['i', 'cirros']);
      expect((await demo('DELETE', 'glance', `/v2/images/${shared}`)).status).to.equal(403);
      expect((await admin('DELETE', 'glance', `/v2/images/${shared}`)).status).to.equal(204);
    });
  });

  describe('cinder', () => {
    const volumes = (): string => `/v3/${demo.projectId}/volumes`;
    const make = (volume: object): ReturnType<Asker> => demo('POST', 'cinder', volumes(), { volume });

    it('goes from creating to available to gone, by its time', async () => {
      const made = await make({ size: 1, name: 'v' });
      expect([made.status, at(made.body, 'volume', 'status')]).to.deep.equal([202, 'creating']);
      const path = `${volumes()}/${String(at(made.body, 'volume', 'id'))}`;
      expect((await demo('DELETE', 'cinder', path)).status).to.equal(400);
      cloud.advance(VOLUME_BUILD_MS);
      expect(at((await demo('GET', 'cinder', path)).body, 'volume', 'status')).to.equal('available');
      expect((await demo('DELETE', 'cinder', path)).status).to.equal(202);
      expect(at((await demo('GET', 'cinder', path)).body, 'volume', 'status')).to.equal('deleting');
      cloud.advance(VOLUME_BUILD_MS);
      expect((await demo('GET', 'cinder', path)).status).to.equal(404);
    });

    it('refuses bad sizes, and the paths of other projects', async () => {
      for (const size of [0, -1, 'big', 1.5, null])
        expect((await make({ size })).status, String(size)).to.equal(400);
      expect((await demo('GET', 'cinder', `/v3/${admin.projectId}/volumes`)).status).to.equal(400);
      expect(at((await demo('GET', 'cinder', volumes())).body, 'volumes')).to.deep.equal([]);
    });

    it('forgets in its database what is gone', async () => {
      const path = `${volumes()}/${String(at((await make({ size: 1 })).body, 'volume', 'id'))}`;
      cloud.advance(VOLUME_BUILD_MS);
      await demo('DELETE', 'cinder', path);
      cloud.advance(VOLUME_BUILD_MS);
      await demo('GET', 'cinder', volumes());
      expect(cloud.store.keys.filter((key) => key.includes('cinder'))).to.deep.equal([]);
    });
  });
});
