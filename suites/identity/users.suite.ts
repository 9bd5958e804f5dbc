import { expect, needAdministrator, suite } from '../../src/conformance/index.ts';

const PASSWORD = 'Squall-0-only-for-a-moment';

suite('identity/users', { title: 'Users', needs: ['openstack'] }, ({ it }) => {
  it(
    'disabled',
    {
      title: 'lets a new user in by password, until the user is disabled',
      tags: ['write', 'negative', 'admin', 'scenario'],
    },
    async (context) => {
      await needAdministrator(context);
      const { openstack, make, names } = context;
      const identity = openstack.service('identity');
      const body = { name: names.fresh('user'), domain_id: 'default', password: PASSWORD, enabled: true };
      const user = await make.resource({ type: 'identity', path: '/users', key: 'user', body });
      expect(user).to.not.have.property('password');
      const enter = (): ReturnType<typeof identity.request> =>
        identity.request({
          method: 'POST',
          path: '/auth/tokens',
          body: {
            auth: {
              identity: { methods: ['password'], password: { user: { id: user.id, password: PASSWORD } } },
            },
          },
        });
      const entered = await enter();
      expect(entered.status).to.equal(201);
      expect((entered.body as { token: { user: { id: string } } }).token.user.id).to.equal(user.id);
      const change = await identity.request<{ user: { enabled: boolean } }>({
        method: 'PATCH',
        path: `/users/${user.id}`,
        body: { user: { enabled: false } },
      });
      expect(change.body.user.enabled).to.equal(false);
      expect((await enter()).status).to.equal(401);
    },
  );
});
