import { askRoot, expect, network, suite, talk } from '../../src/conformance/index.ts';
import { makeNetwork, makeSubnet } from './make-network.ts';

suite(
  'network/network-lists',
  { title: 'Networks and subnets, shown and listed', needs: ['whole-openstack'], user: 'ordinary' },
  ({ it, shared }) => {
    const home = shared(async (context) => {
      const made = await makeNetwork(context);
      const subnet = await makeSubnet(context, made.id, '10.215.2.0/24');
      return { id: made.id, name: made['name'], subnet: subnet.id };
    });

    it(
      'network',
      {
        title: 'shows a network as it was made, with its subnet',
        tags: ['read', 'smoke'],
        covers: [
          'tempest.api.network.test_networks.NetworksTest.test_show_network[id-2bf13842-c93f-4a69-83ed-717d2ec3b44e]',
        ],
      },
      async ({ openstack }) => {
        const { network: shown } = await talk(openstack, 'network').get(
          `/networks/${home().id}`,
          network.network,
        );
        expect(shown).to.deep.include({ id: home().id, name: home().name, subnets: [home().subnet] });
      },
    );

    it(
      'networks',
      {
        title: 'lists a network',
        tags: ['read', 'smoke'],
        covers: [
          'tempest.api.network.test_networks.NetworksTest.test_list_networks[id-f7ffdeda-e200-4a7a-bcbe-05716e86bf43]',
        ],
      },
      async ({ openstack }) => {
        const { networks } = await talk(openstack, 'network').get('/networks', network.networks);
        expect(networks.find(({ id }) => id === home().id)?.name).to.equal(home().name);
      },
    );

    it(
      'network-fields',
      {
        title: 'shows of a network the fields that were asked for and no others',
        tags: ['read'],
        covers: [
          'tempest.api.network.test_networks.NetworksTest.test_show_network_fields[id-867819bb-c4b6-45f7-acf9-90edcf70aa5e]',
        ],
      },
      async ({ openstack }) => {
        const { network: shown } = await talk(openstack, 'network').get(
          `/networks/${home().id}?fields=id&fields=name`,
          network.inside('network', network.fieldsOf(['id', 'name'])),
        );
        expect(shown).to.deep.equal({ id: home().id, name: home().name });
      },
    );

    it(
      'networks-fields',
      {
        title: 'lists of networks the fields that were asked for and no others',
        tags: ['read'],
        covers: [
          'tempest.api.network.test_networks.NetworksTest.test_list_networks_fields[id-6ae6d24f-9194-4869-9c85-c313cb20e080]',
        ],
      },
      async ({ openstack }) => {
        const { networks } = await talk(openstack, 'network').get(
          '/networks?fields=id&fields=name',
          network.list('networks', network.fieldsOf(['id', 'name'])),
        );
        expect(networks).to.deep.include({ id: home().id, name: home().name });
      },
    );

    it(
      'subnets',
      {
        title: 'lists a subnet',
        tags: ['read', 'smoke'],
        covers: [
          'tempest.api.network.test_networks.NetworksTest.test_list_subnets[id-db68ba48-f4ea-49e9-81d1-e367f6d0b20a]',
        ],
      },
      async ({ openstack }) => {
        const { subnets } = await talk(openstack, 'network').get('/subnets', network.subnets);
        expect(subnets.find(({ id }) => id === home().subnet)?.cidr).to.equal('10.215.2.0/24');
      },
    );

    it(
      'subnet-fields',
      {
        title: 'shows of a subnet the fields that were asked for and no others',
        tags: ['read'],
        covers: [
          'tempest.api.network.test_networks.NetworksTest.test_show_subnet_fields[id-270fff0b-8bfc-411f-a184-1e8fd35286f0]',
        ],
      },
      async ({ openstack }) => {
        const { subnet } = await talk(openstack, 'network').get(
          `/subnets/${home().subnet}?fields=id&fields=network_id`,
          network.inside('subnet', network.fieldsOf(['id', 'network_id'])),
        );
        expect(subnet).to.deep.equal({ id: home().subnet, network_id: home().id });
      },
    );

    it(
      'subnets-fields',
      {
        title: 'lists of subnets the fields that were asked for and no others',
        tags: ['read'],
        covers: [
          'tempest.api.network.test_networks.NetworksTest.test_list_subnets_fields[id-842589e3-9663-46b0-85e4-7f01273b0412]',
        ],
      },
      async ({ openstack }) => {
        const { subnets } = await talk(openstack, 'network').get(
          '/subnets?fields=id&fields=network_id',
          network.list('subnets', network.fieldsOf(['id', 'network_id'])),
        );
        expect(subnets).to.deep.include({ id: home().subnet, network_id: home().id });
      },
    );

    it(
      'life-cycle',
      {
        title: 'renames a network and its subnet, and takes the subnet away with the network',
        tags: ['write', 'smoke'],
        covers: [
          'tempest.api.network.test_networks.NetworksTest.test_create_update_delete_network_subnet[id-0e269138-0da6-4efc-a46d-578161e7b221]',
          'tempest.api.network.test_networks.NetworksTest.test_delete_network_with_subnet[id-f04f61a9-b7f3-4194-90b2-9bcf660d1bfe]',
        ],
      },
      async (context) => {
        const made = await makeNetwork(context);
        expect(made['status']).to.equal('ACTIVE');
        const neutron = talk(context.openstack, 'network');
        const name = context.names.fresh('renamed');
        const path = `/networks/${made.id}`;
        const { network: renamed } = await neutron.put(200, path, { network: { name } }, network.network);
        expect(renamed.name).to.equal(name);
        const { id } = await makeSubnet(context, made.id, '10.215.3.0/24');
        const below = `/subnets/${id}`;
        const { subnet } = await neutron.put(200, below, { subnet: { name } }, network.subnet);
        expect(subnet.name).to.equal(name);
        await neutron.delete(204, path);
        expect((await neutron.refuses(404, 'GET', below)).kind).to.equal('SubnetNotFound');
        expect((await neutron.refuses(404, 'GET', path)).kind).to.equal('NetworkNotFound');
      },
    );

    it(
      'external',
      {
        title: 'shows every user the external networks, and lists no others among them',
        tags: ['read', 'smoke'],
        covers: [
          'tempest.api.network.test_networks.NetworksTest.test_external_network_visibility[id-af774677-42a9-4e4b-bb58-16fe6a5bc1ec]',
        ],
      },
      async ({ openstack, skip }) => {
        const neutron = talk(openstack, 'network');
        const { networks } = await neutron.get('/networks?router:external=true', network.networks);
        if (networks.length === 0) skip('This cloud has no external network.');
        for (const one of networks) expect(one['router:external'], `network ${one.id}`).to.equal(true);
        expect(networks.map(({ id }) => id)).to.not.include(home().id);
      },
    );

    it(
      'versions',
      {
        title: 'names version 2.0 with its status and place',
        tags: ['read', 'smoke'],
        covers: [
          'tempest.api.network.test_versions.NetworksApiDiscovery.test_api_version_resources[id-cac8a836-c2e0-4304-b556-cd299c7281d1]',
        ],
      },
      async ({ openstack }) => {
        const { versions } = await askRoot(openstack, 'network', network.versions);
        expect(versions.map(({ id }) => id)).to.deep.equal(['v2.0']);
        expect(versions[0]?.status).to.equal('CURRENT');
      },
    );

    it(
      'resources',
      { title: 'lists what can be made under version 2.0', tags: ['read'] },
      async ({ openstack }) => {
        const { resources } = await talk(openstack, 'network').get('/', network.apiResources);
        expect(resources.map(({ collection }) => collection)).to.include.members([
          'networks',
          'subnets',
          'ports',
        ]);
      },
    );

    it(
      'subnet-pool',
      {
        title: 'makes, shows, renames and deletes a pool of subnets',
        tags: ['write'],
        covers: [
          'tempest.api.network.test_subnetpools_extensions.SubnetPoolsTestJSON.test_create_list_show_update_delete_subnetpools[id-62595970-ab1c-4b7f-8fcc-fddfe55e9811]',
        ],
      },
      async ({ openstack, make, names }) => {
        const made = await make.resource({
          type: 'network',
          path: '/subnetpools',
          key: 'subnetpool',
          body: { name: names.fresh('pool'), prefixes: ['10.218.0.0/16'] },
        });
        const neutron = talk(openstack, 'network');
        const path = `/subnetpools/${made.id}`;
        const { subnetpool } = await neutron.get(path, network.subnetPool);
        expect(subnetpool).to.deep.include({ name: made['name'], prefixes: ['10.218.0.0/16'] });
        const { subnetpools } = await neutron.get('/subnetpools', network.subnetPools);
        expect(subnetpools.map(({ id }) => id)).to.include(made.id);
        const body = { subnetpool: { name: names.fresh('pool') } };
        const renamed = await neutron.put(200, path, body, network.subnetPool);
        expect(renamed.subnetpool.name).to.equal(body.subnetpool.name);
        await neutron.delete(204, path);
        await neutron.refuses(404, 'GET', path);
      },
    );
  },
);
