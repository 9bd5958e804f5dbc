import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { ask, askerFor, at, passwordAuth, type Asker } from './ask.ts';
import { startModelCloud, type ModelCloud } from './model-cloud.ts';

describe('an administrator of the rehearsal makes users', () => {
  let cloud: ModelCloud;
  let admin: Asker;
  beforeEach(async () => {
    cloud = await startModelCloud();
    admin = await askerFor(cloud, 'admin');
  });
  afterEach(() => cloud.stop());

  it('finds domains and roles by their names, and nobody else may look', async () => {
    const found = await admin('GET', 'keystone', '/v3/roles?name=member');
    expect([
      found.status,
      at(found.body, 'roles', 0, 'name'),
      at(found.body, 'roles', 'length'),
    ]).to.deep.equal([200, 'member', 1]);
    expect(at((await admin('GET', 'keystone', '/v3/roles')).body, 'roles', 'length')).to.equal(3);
    const domains = await admin('GET', 'keystone', '/v3/domains?name=Default');
    expect(at(domains.body, 'domains', 0, 'id')).to.equal('default');
    const demo = await askerFor(cloud, 'demo');
    for (const path of ['/v3/roles', '/v3/domains'])
      expect((await demo('GET', 'keystone', path)).status).to.equal(403);
  });

  it('lets a new user into a project with a role and what that role implies, and not before', async () => {
    const project = await admin('POST', 'keystone', '/v3/projects', { project: { name: 'new' } });
    const user = await admin('POST', 'keystone', '/v3/users', { user: { name: 'nina', password: 'word' } });
    const [projectId, userId] = [at(project.body, 'project', 'id'), at(user.body, 'user', 'id')];
    const enter = () =>
      ask(
        cloud,
        undefined,
        'POST',
        'keystone',
        '/v3/auth/tokens',
        passwordAuth('nina', 'word', { project: { id: projectId } }),
      );
    expect((await enter()).status).to.equal(401);
    const { body } = await admin('GET', 'keystone', '/v3/roles?name=member');
    const grants = `/v3/projects/${String(projectId)}/users/${String(userId)}/roles`;
    const grant = `${grants}/${String(at(body, 'roles', 0, 'id'))}`;
    const demo = await askerFor(cloud, 'demo');
    expect((await demo('PUT', 'keystone', grant)).status).to.equal(403);
    expect((await admin('PUT', 'keystone', `${grants}/none`)).status).to.equal(404);
    // Twice is as good as once.
    for (const _ of [1, 2]) expect((await admin('PUT', 'keystone', grant)).status).to.equal(204);
    const entered = await enter();
    const roles = at(entered.body, 'token', 'roles') as { name: string }[];
    expect(roles.map(({ name }) => name)).to.deep.equal(['member', 'reader']);
  });
});
