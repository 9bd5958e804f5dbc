import { expect, suite, type Resource } from '../../src/conformance/index.ts';
import { makeNetwork, makeSubnet, subnetOf, type Fault } from './make-network.ts';

suite('network/subnets', { title: 'Subnets', needs: ['openstack'] }, ({ it, shared }) => {
  const home = shared(async (context) => (await makeNetwork(context)).id);

  it(
    'create',
    {
      title: 'gives a new subnet a gateway and a range of addresses, and names it in its network',
      tags: ['write', 'smoke'],
      covers: [
        'tempest.api.network.test_networks.NetworksTest.test_show_subnet[id-bd635d81-6030-4dd1-b3b9-31ba0cfdf6cc]',
      ],
    },
    async (context) => {
      const created = await makeSubnet(context, home(), '10.213.1.0/24');
      const network = context.openstack.service('network');
      const { status, body: shown } = await network.request<{ subnet: Resource }>({
        method: 'GET',
        path: `/subnets/${created.id}`,
      });
      expect(status).to.equal(200);
      expect(shown.subnet).to.include({
        cidr: '10.213.1.0/24',
        gateway_ip: '10.213.1.1',
        ip_version: 4,
        network_id: home(),
        enable_dhcp: true,
      });
      expect(shown.subnet['allocation_pools']).to.deep.equal([{ start: '10.213.1.2', end: '10.213.1.254' }]);
      const parent = await network.request<{ network: { subnets: readonly string[] } }>({
        method: 'GET',
        path: `/networks/${home()}`,
      });
      expect(parent.body.network.subnets).to.include(created.id);
    },
  );

  it(
    'overlap',
    { title: 'refuses a range that overlaps another of the network', tags: ['write', 'negative'] },
    async (context) => {
      await makeSubnet(context, home(), '10.213.4.0/23');
      const subnet = subnetOf(context, home(), '10.213.5.0/24');
      const refused = await context.openstack
        .service('network')
        .request<Fault>({ method: 'POST', path: '/subnets', body: { subnet } });
      expect(refused.status).to.equal(400);
      expect(refused.body.NeutronError.type).to.equal('InvalidInput');
    },
  );

  it('bad-cidr', { title: 'refuses a range that is none', tags: ['negative'] }, async (context) => {
    const subnet = subnetOf(context, home(), '10.213.300.0/24');
    const { status } = await context.openstack
      .service('network')
      .request({ method: 'POST', path: '/subnets', body: { subnet } });
    expect(status).to.equal(400);
  });
});
