import { expect, suite, type Resource } from '../../src/conformance/index.ts';
import { makeNetwork, makePort, type Fault } from './make-network.ts';

suite('network/networks', { title: 'Networks', needs: ['openstack'] }, ({ it }) => {
  it(
    'life-cycle',
    {
      title: 'creates, shows, renames and finds a network',
      tags: ['write', 'smoke'],
    },
    async (context) => {
      const created = await makeNetwork(context);
      const network = context.openstack.service('network');
      const path = `/networks/${created.id}`;
      expect(created).to.include({ admin_state_up: true, shared: false });
      const name = context.names.fresh('renamed');
      const renamed = await network.request<{ network: Resource }>({
        method: 'PUT',
        path,
        body: { network: { name } },
      });
      expect(renamed.status).to.equal(200);
      const shown = await network.request<{ network: Resource }>({ method: 'GET', path });
      expect(shown.status).to.equal(200);
      expect(shown.body.network).to.include({ id: created.id, name, status: 'ACTIVE' });
      expect(shown.body.network['revision_number'])
        .to.be.a('number')
        .and.greaterThan(Number(created['revision_number']));
      const found = await network.request<{ networks: readonly Resource[] }>({
        method: 'GET',
        path: '/networks',
        query: { name },
      });
      expect(found.body.networks.map(({ id }) => id)).to.deep.equal([created.id]);
    },
  );

  it(
    'deleted',
    { title: 'no longer knows a network that was deleted', tags: ['write', 'negative'] },
    async (context) => {
      const { id } = await makeNetwork(context);
      const network = context.openstack.service('network');
      expect((await network.request({ method: 'DELETE', path: `/networks/${id}` })).status).to.equal(204);
      const { status, body } = await network.request<Fault>({ method: 'GET', path: `/networks/${id}` });
      expect(status).to.equal(404);
      expect(body.NeutronError.type).to.equal('NetworkNotFound');
      expect(body.NeutronError.message).to.contain(id);
    },
  );

  it(
    'in-use',
    {
      title: 'refuses to delete a network that has a port',
      tags: ['write', 'negative'],
    },
    async (context) => {
      const { id } = await makeNetwork(context);
      await makePort(context, id);
      const network = context.openstack.service('network');
      const refused = await network.request<Fault>({ method: 'DELETE', path: `/networks/${id}` });
      expect(refused.status).to.equal(409);
      expect(refused.body.NeutronError.type).to.equal('NetworkInUse');
      expect((await network.request({ method: 'GET', path: `/networks/${id}` })).status).to.equal(200);
    },
  );
});
