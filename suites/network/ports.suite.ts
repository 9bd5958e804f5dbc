import { expect, suite, type Resource } from '../../src/conformance/index.ts';

interface Fault {
  readonly NeutronError: { readonly type: string };
}

suite('network/ports', { title: 'Ports', needs: ['openstack'] }, ({ it, shared }) => {
  const home = shared(async ({ make, names }) => {
    const network = await make.resource({
      type: 'network',
      path: '/networks',
      key: 'network',
      body: { name: names.fresh('network') },
    });
    const body = {
      name: names.fresh('subnet'),
      network_id: network.id,
      ip_version: 4,
      cidr: '10.213.8.0/24',
    };
    const subnet = await make.resource({ type: 'network', path: '/subnets', key: 'subnet', body });
    return { network: network.id, subnet: subnet.id };
  });

  it(
    'address',
    {
      title: 'gives a new port an address of its subnet, and finds it by its network',
      tags: ['write', 'smoke'],
      covers: ['tempest.api.network.test_ports.PortsTestJSON.test_create_update_delete_port'],
    },
    async ({ openstack, make, names }) => {
      const body = { name: names.fresh('port'), network_id: home().network };
      const created = await make.resource({ type: 'network', path: '/ports', key: 'port', body });
      const network = openstack.service('network');
      const { status, body: shown } = await network.request<{ port: Resource }>({
        method: 'GET',
        path: `/ports/${created.id}`,
      });
      expect(status).to.equal(200);
      expect(shown.port).to.include({ network_id: home().network, name: body.name, admin_state_up: true });
      expect(shown.port['mac_address']).to.match(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/);
      const [address] = shown.port['fixed_ips'] as readonly { subnet_id: string; ip_address: string }[];
      expect(address?.subnet_id).to.equal(home().subnet);
      expect(address?.ip_address).to.match(/^10\.213\.8\.\d+$/);
      const found = await network.request<{ ports: readonly Resource[] }>({
        method: 'GET',
        path: '/ports',
        query: { network_id: home().network, name: body.name },
      });
      expect(found.body.ports.map(({ id }) => id)).to.deep.equal([created.id]);
    },
  );

  it(
    'taken-address',
    { title: 'gives no address twice', tags: ['write', 'negative'] },
    async ({ openstack, make, names }) => {
      const fixed_ips = [{ subnet_id: home().subnet, ip_address: '10.213.8.77' }];
      const order = (): { name: string; network_id: string; fixed_ips: typeof fixed_ips } => ({
        name: names.fresh('port'),
        network_id: home().network,
        fixed_ips,
      });
      const first = await make.resource({ type: 'network', path: '/ports', key: 'port', body: order() });
      expect(first['fixed_ips']).to.deep.equal(fixed_ips);
      const second = await openstack
        .service('network')
        .request<Fault>({ method: 'POST', path: '/ports', body: { port: order() } });
      expect(second.status).to.equal(409);
      expect(second.body.NeutronError.type).to.equal('IpAddressAlreadyAllocated');
    },
  );

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
