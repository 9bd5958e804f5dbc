import { expect, suite, type Resource } from '../../src/conformance/index.ts';
import { makeNetwork, makePort, makeSubnet, type Fault } from './make-network.ts';

suite('network/ports', { title: 'Ports', needs: ['openstack'] }, ({ it, shared }) => {
  const home = shared(async (context) => {
    const network = (await makeNetwork(context)).id;
    return { network, subnet: (await makeSubnet(context, network, '10.213.8.0/24')).id };
  });

  it(
    'address',
    {
      title: 'gives a new port an address of its subnet, and finds it by its network',
      tags: ['write', 'smoke'],
    },
    async (context) => {
      const created = await makePort(context, home().network);
      const name = String(created['name']);
      const network = context.openstack.service('network');
      const { status, body: shown } = await network.request<{ port: Resource }>({
        method: 'GET',
        path: `/ports/${created.id}`,
      });
      expect(status).to.equal(200);
      expect(shown.port).to.include({ network_id: home().network, name, admin_state_up: true });
      expect(shown.port['mac_address']).to.match(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/);
      const [address] = shown.port['fixed_ips'] as readonly { subnet_id: string; ip_address: string }[];
      expect(address?.subnet_id).to.equal(home().subnet);
      expect(address?.ip_address).to.match(/^10\.213\.8\.\d+$/);
      const found = await network.request<{ ports: readonly Resource[] }>({
        method: 'GET',
        path: '/ports',
        query: { network_id: home().network, name },
      });
      expect(found.body.ports.map(({ id }) => id)).to.deep.equal([created.id]);
    },
  );

  it('taken-address', { title: 'gives no address twice', tags: ['write', 'negative'] }, async (context) => {
    const fixed_ips = [{ subnet_id: home().subnet, ip_address: '10.213.8.77' }];
    const first = await makePort(context, home().network, { fixed_ips });
    expect(first['fixed_ips']).to.deep.equal(fixed_ips);
    const port = { name: context.names.fresh('port'), network_id: home().network, fixed_ips };
    const second = await context.openstack
      .service('network')
      .request<Fault>({ method: 'POST', path: '/ports', body: { port } });
    expect(second.status).to.equal(409);
    expect(second.body.NeutronError.type).to.equal('IpAddressAlreadyAllocated');
  });

  it(
    'no-network',
    { title: 'makes no port in a network that is not there', tags: ['negative'] },
    async ({ openstack, names }) => {
      const port = { name: names.fresh('port'), network_id: '00000000-0000-4000-8000-000000000000' };
      const { status, body } = await openstack
        .service('network')
        .request<Fault>({ method: 'POST', path: '/ports', body: { port } });
      expect(status).to.equal(404);
      expect(body.NeutronError.type).to.equal('NetworkNotFound');
    },
  );
});
