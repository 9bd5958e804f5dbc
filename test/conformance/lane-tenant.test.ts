import { expect } from 'chai';
import { describe, it } from 'mocha';
import { createSystemClock } from '../../src/adapters/system/system-clock.ts';
import { Soonest } from '../../src/conformance/eventually.ts';
import { createLaneTenant } from '../../src/conformance/lane-tenant.ts';
import { milliseconds } from '../../src/model/duration.ts';
import type { OpenStackApi } from '../../src/ports/openstack.ts';
import { cloudInMemory, type Asked } from './cloud-in-memory.ts';

/** Keystone and Neutron as far as a tenant needs them; a project has one group of its own. */
function answer({ method, path }: Asked) {
  if (method === 'POST')
    return { status: 201, body: { [path.slice(1, -1)]: { id: `new-${path.slice(1, -1)}` } } };
  if (path.startsWith('/roles')) return { status: 200, body: { roles: [{ id: 'r1', name: 'member' }] } };
  if (path === '/security-groups') return { status: 200, body: { security_groups: [{ id: 'g1' }] } };
  return { status: 204 };
}

function tenantOf(api: OpenStackApi) {
  const lines: string[] = [];
  let n = 0;
  const tenant = createLaneTenant(
    api,
    { fresh: (what) => `sq-r1-${what}-${(n += 1)}` },
    {
      run: 'r1',
      clock: createSystemClock(),
      soonest: new Soonest(),
      patience: milliseconds(50),
      kubernetes: () => {
        throw new Error('There is none.');
      },
      ledger: {
        creating: ({ collection }) => void lines.push(`creating ${collection}`),
        created: ({ collection }) => void lines.push(`created ${collection}`),
        deleted: ({ collection }) => void lines.push(`deleted ${collection}`),
      },
    },
  );
  return { tenant, lines };
}

const told = (asked: readonly Asked[]) => asked.map(({ method, path }) => `${method} ${path}`);

describe('the tenant of a lane', () => {
  it('is a new member of a new project where the given user is an administrator, and is taken away again', async () => {
    const { api, asked } = cloudInMemory(answer);
    const { tenant, lines } = tenantOf(api);
    const [opened, again] = await Promise.all([tenant.open(), tenant.open()]);
    expect(again).to.equal(opened);
    expect((await opened.authenticate()).userId).to.equal('new-user');
    expect(told(asked)).to.deep.equal([
      'POST /projects',
      'POST /users',
      'GET /roles?name=member',
      'PUT /projects/new-project/users/new-user/roles/r1',
    ]);
    // What is not in the ledger before it is made could be left behind.
    expect(lines).to.deep.equal([
      'creating identity:/projects',
      'created identity:/projects',
      'creating identity:/users',
      'created identity:/users',
    ]);
    await tenant.close();
    expect(told(asked).slice(4)).to.deep.equal([
      'DELETE /users/new-user',
      'GET /security-groups',
      'DELETE /security-groups/g1',
      'DELETE /projects/new-project',
    ]);
    expect(lines.slice(4)).to.deep.equal(['deleted identity:/users', 'deleted identity:/projects']);
  });

  it('is the given user where that is no administrator, and then makes nothing', async () => {
    const { api, asked } = cloudInMemory(answer, { roles: ['member', 'reader'] });
    const { tenant, lines } = tenantOf(api);
    expect(await tenant.open()).to.equal(api);
    await tenant.close();
    expect(asked).to.deep.equal([]);
    expect(lines).to.deep.equal([]);
  });

  it('is tried again after a failure, and takes away what the failure left', async () => {
    let refusals = 1;
    const { api, asked } = cloudInMemory((one) => {
      if (one.path !== '/users' || refusals === 0) return answer(one);
      refusals -= 1;
      return { status: 503, body: {} };
    });
    const { tenant } = tenantOf(api);
    const failure = await tenant.open().then(
      () => undefined,
      (error: Error) => error,
    );
    expect(failure?.message).to.contain('POST identity /users answered 503');
    await tenant.open();
    await tenant.close();
    expect(told(asked).filter((line) => line === 'DELETE /projects/new-project')).to.have.length(2);
  });
});
