import { expect, network, suite, talk, type CaseContext } from '../../src/conformance/index.ts';
import { makeGroup, makeNetwork, makePort, makeRouter, makeSubnet, plug } from './make-network.ts';

suite(
  'network/port-attributes',
  { title: 'Ports, shown, listed and changed', needs: ['whole-openstack'], user: 'ordinary' },
  ({ it, shared }) => {
    const home = shared(async (context) => {
      const { id } = await makeNetwork(context);
      const subnet = await makeSubnet(context, id, '10.215.4.0/24');
      const port = await makePort(context, id);
      return { id, subnet: subnet.id, port: network.port.parse({ port }).port };
    });
    const path = () => `/ports/${home().port.id}`;

    it(
      'shown',
      {
        title: 'is shown as it was made',
        tags: ['read', 'smoke'],
        covers: [
          'tempest.api.network.test_ports.PortsTestJSON.test_show_port[id-c9a685bd-e83f-499c-939f-9f7863ca259f]',
        ],
      },
      async ({ openstack }) => {
        const { port } = await talk(openstack, 'network').get(path(), network.port);
        const { id, name, mac_address, fixed_ips, security_groups } = home().port;
        expect(port).to.deep.include({ id, name, mac_address, fixed_ips, security_groups });
        expect(port.network_id).to.equal(home().id);
      },
    );

    it(
      'listed',
      {
        title: 'is in the list of ports',
        tags: ['read', 'smoke'],
        covers: [
          'tempest.api.network.test_ports.PortsTestJSON.test_list_ports[id-cf95b358-3e92-4a29-a148-52445e1ac50e]',
        ],
      },
      async ({ openstack }) => {
        const { ports } = await talk(openstack, 'network').get('/ports', network.ports);
        expect(ports.find(({ id }) => id === home().port.id)?.mac_address).to.equal(home().port.mac_address);
      },
    );

    it(
      'fields',
      {
        title: 'is shown with the fields that were asked for and no others',
        tags: ['read'],
        covers: [
          'tempest.api.network.test_ports.PortsTestJSON.test_show_port_fields[id-45fcdaf2-dab0-4c13-ac6c-fcddfb579dbd]',
        ],
      },
      async ({ openstack }) => {
        const { port } = await talk(openstack, 'network').get(
          `${path()}?fields=id&fields=mac_address`,
          network.inside('port', network.fieldsOf(['id', 'mac_address'])),
        );
        expect(port).to.deep.equal({ id: home().port.id, mac_address: home().port.mac_address });
      },
    );

    it(
      'listed-fields',
      {
        title: 'is listed with the fields that were asked for and no others',
        tags: ['read'],
        covers: [
          'tempest.api.network.test_ports.PortsTestJSON.test_list_ports_fields[id-ff7f117f-f034-4e0e-abff-ccef05c454b4]',
        ],
      },
      async ({ openstack }) => {
        const { ports } = await talk(openstack, 'network').get(
          '/ports?fields=id&fields=mac_address',
          network.list('ports', network.fieldsOf(['id', 'mac_address'])),
        );
        expect(ports).to.deep.include({ id: home().port.id, mac_address: home().port.mac_address });
      },
    );

    it(
      'life-cycle',
      {
        title: 'is renamed, taken down, and gone after its deletion',
        tags: ['write', 'smoke'],
        covers: [
          'tempest.api.network.test_ports.PortsTestJSON.test_create_update_delete_port[id-c72c1c0c-2193-4aca-aaa4-b1442640f51c]',
        ],
      },
      async (context) => {
        const made = await makePort(context, home().id);
        expect(made['admin_state_up']).to.equal(true);
        const neutron = talk(context.openstack, 'network');
        const now = { name: context.names.fresh('port'), admin_state_up: false };
        const { port } = await neutron.put(200, `/ports/${made.id}`, { port: now }, network.port);
        expect(port).to.include(now);
        const { port: shown } = await neutron.get(`/ports/${made.id}`, network.port);
        expect(shown).to.include(now);
        await neutron.delete(204, `/ports/${made.id}`);
        expect((await neutron.refuses(404, 'GET', `/ports/${made.id}`)).kind).to.equal('PortNotFound');
      },
    );

    it(
      'several',
      {
        title: 'makes ports on two networks at once',
        tags: ['write'],
        covers: [
          'tempest.api.network.test_ports.PortsTestJSON.test_create_bulk_port[id-67f1b811-f8db-43e2-86bd-72c074d4a42c]',
        ],
      },
      async (context) => {
        const { openstack, make, names } = context;
        const other = await makeNetwork(context);
        // They go with their names: two networks have ports that the ledger does not know one by one.
        make.undone(async (cleaning) => {
          const client = cleaning.service('network');
          const query = `/ports?name=${own[0]}&name=${own[1]}`;
          const { body } = await client.request<{ ports: { id: string }[] }>({ method: 'GET', path: query });
          for (const { id } of body.ports) await client.request({ method: 'DELETE', path: `/ports/${id}` });
        });
        const own = [names.fresh('port'), names.fresh('port')] as const;
        const asked = [home().id, other.id].map((network_id, rank) => ({ network_id, name: own[rank] }));
        const { ports } = await talk(openstack, 'network').post(
          201,
          '/ports',
          { ports: asked },
          network.ports,
        );
        expect(ports.map((port) => port.network_id)).to.deep.equal([home().id, other.id]);
        expect(ports.every((port) => port.admin_state_up)).to.equal(true);
      },
    );

    it(
      'in-pool',
      {
        title: 'has an address from the pool of its subnet',
        tags: ['write'],
        covers: [
          'tempest.api.network.test_ports.PortsTestJSON.test_create_port_in_allowed_allocation_pools[id-0435f278-40ae-48cb-a404-b8a087bc09b1]',
        ],
      },
      async (context) => {
        const { id } = await makeNetwork(context);
        const pool = { start: '10.215.5.40', end: '10.215.5.49' };
        await makeSubnet(context, id, '10.215.5.0/24', { allocation_pools: [pool] });
        const { port } = network.port.parse({ port: await makePort(context, id) });
        expect(port.fixed_ips[0]?.ip_address).to.match(/^10\.215\.5\.4\d$/);
      },
    );

    it(
      'of-router',
      {
        title: 'is found by the router that it belongs to',
        tags: ['write'],
        covers: [
          'tempest.api.network.test_ports.PortsTestJSON.test_port_list_filter_by_router_id[id-5ad01ed0-0e6e-4c5d-8194-232801b15c72]',
        ],
      },
      async (context) => {
        const { id } = await makeNetwork(context);
        await makeSubnet(context, id, '10.215.6.0/24');
        const router = await makeRouter(context);
        const port = await makePort(context, id);
        await plug(context, router.id, { port_id: port.id });
        const { ports } = await talk(context.openstack, 'network').get(
          `/ports?device_id=${router.id}`,
          network.ports,
        );
        expect(ports.map((one) => one.id)).to.deep.equal([port.id]);
        expect(ports[0]).to.include({ device_id: router.id, device_owner: 'network:router_interface' });
      },
    );

    const change = async (context: CaseContext, groups: number) => {
      const made = [];
      for (let n = 0; n < groups; n += 1) made.push((await makeGroup(context)).id);
      const first = await makeGroup(context);
      const port = await makePort(context, home().id, {
        security_groups: [first.id],
        fixed_ips: [{ subnet_id: home().subnet }],
      });
      const now = {
        name: context.names.fresh('port'),
        admin_state_up: false,
        security_groups: made,
        fixed_ips: [{ subnet_id: home().subnet, ip_address: `10.215.4.${200 + groups}` }],
      };
      const neutron = talk(context.openstack, 'network');
      await neutron.put(200, `/ports/${port.id}`, { port: now }, network.port);
      const { port: shown } = await neutron.get(`/ports/${port.id}`, network.port);
      expect(shown).to.deep.include({ name: now.name, admin_state_up: false, fixed_ips: now.fixed_ips });
      expect(shown.security_groups).to.have.members(made);
    };

    it(
      'group-and-address',
      {
        title: 'takes another security group, name and address at once',
        tags: ['write'],
        covers: [
          'tempest.api.network.test_ports.PortsTestJSON.test_update_port_with_security_group_and_extra_attributes[id-58091b66-4ff4-4cc1-a549-05d60c7acd1a]',
        ],
      },
      (context) => change(context, 1),
    );

    it(
      'two-groups-and-address',
      {
        title: 'takes two security groups, a name and an address at once',
        tags: ['write'],
        covers: [
          'tempest.api.network.test_ports.PortsTestJSON.test_update_port_with_two_security_groups_and_extra_attributes[id-edf6766d-3d40-4621-bc6e-2521a44c257d]',
        ],
      },
      (context) => change(context, 2),
    );
  },
);
