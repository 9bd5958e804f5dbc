import { expect, network, suite, talk, type CaseContext } from '../../src/conformance/index.ts';
import { makeNetwork, makeSubnet } from './make-network.ts';

const RANGE = '10.215.1.0/24';
const GATEWAY = { gateway_ip: '10.215.1.77' };
const POOLS = { allocation_pools: [{ start: '10.215.1.80', end: '10.215.1.90' }] };
const ROUTES = { host_routes: [{ destination: '10.216.0.0/24', nexthop: '10.215.1.5' }] };
const NAMES = { dns_nameservers: ['192.0.2.53', '198.51.100.53'] };

/** What a subnet is asked for with, and has then. */
const ASKED: readonly (readonly [name: string, title: string, covers: string, asked: object])[] = [
  [
    'gateway',
    'has the gateway that was asked for',
    'tempest.api.network.test_networks.NetworksTest.test_create_delete_subnet_with_gw[id-9393b468-186d-496d-aa36-732348cd76e7]',
    GATEWAY,
  ],
  [
    'no-gateway',
    'has no gateway where none was wanted',
    'tempest.api.network.test_networks.NetworksTest.test_create_delete_subnet_without_gateway[id-d2d596e2-8e76-47a9-ac51-d4648009f4d3]',
    { gateway_ip: null },
  ],
  [
    'pools',
    'gives addresses from the pools that were asked for',
    'tempest.api.network.test_networks.NetworksTest.test_create_delete_subnet_with_allocation_pools[id-bec949c4-3147-4ba6-af5f-cd2306118404]',
    POOLS,
  ],
  [
    'gateway-and-pools',
    'has a gateway outside of its pools',
    'tempest.api.network.test_networks.NetworksTest.test_create_delete_subnet_with_gw_and_allocation_pools[id-8217a149-0c6c-4cfb-93db-0486f707d13f]',
    { ...GATEWAY, ...POOLS },
  ],
  [
    'dhcp',
    'hands out addresses where that was asked for',
    'tempest.api.network.test_networks.NetworksTest.test_create_delete_subnet_with_dhcp_enabled[id-94ce038d-ff0a-4a4c-a56b-09da3ca0b55d]',
    { enable_dhcp: true },
  ],
  [
    'routes-and-names',
    'tells its ports the routes and the name servers that were asked for',
    'tempest.api.network.test_networks.NetworksTest.test_create_delete_subnet_with_host_routes_and_dns_nameservers[id-d830de0a-be47-468f-8f02-1fd996118289]',
    { ...ROUTES, ...NAMES },
  ],
  [
    'everything',
    'has all that was asked for at once',
    'tempest.api.network.test_networks.NetworksTest.test_create_delete_subnet_all_attributes[id-a4d9ec4c-0306-4111-a75c-db01a709030b]',
    { enable_dhcp: true, ...GATEWAY, ...ROUTES, ...NAMES },
  ],
];

suite(
  'network/subnet-attributes',
  { title: 'What a subnet is asked for with', needs: ['whole-openstack'], user: 'ordinary' },
  ({ it }) => {
    const show = async ({ openstack }: CaseContext, id: string) =>
      (await talk(openstack, 'network').get(`/subnets/${id}`, network.subnet)).subnet;

    for (const [name, title, covers, asked] of ASKED) {
      it(name, { title, tags: ['write'], covers: [covers] }, async (context) => {
        const home = await makeNetwork(context);
        const { id } = await makeSubnet(context, home.id, RANGE, asked);
        const shown = await show(context, id);
        expect(shown).to.deep.include({ cidr: RANGE, network_id: home.id, ...asked });
        const neutron = talk(context.openstack, 'network');
        await neutron.delete(204, `/networks/${home.id}`);
        const { kind } = await neutron.refuses(404, 'GET', `/subnets/${id}`);
        expect(kind).to.equal('SubnetNotFound');
      });
    }

    it(
      'update',
      {
        title: 'takes another name, gateway, routes and name servers',
        tags: ['write'],
        covers: [
          'tempest.api.network.test_networks.NetworksTest.test_update_subnet_gw_dns_host_routes_dhcp[id-3d3852eb-3009-49ec-97ac-5ce83b73010a]',
        ],
      },
      async (context) => {
        const home = await makeNetwork(context);
        const { id } = await makeSubnet(context, home.id, RANGE, {
          ...GATEWAY,
          ...ROUTES,
          ...NAMES,
          ...POOLS,
          enable_dhcp: false,
        });
        const now = {
          name: context.names.fresh('subnet'),
          gateway_ip: '10.215.1.78',
          host_routes: [{ destination: '10.217.0.0/24', nexthop: '10.215.1.6' }],
          dns_nameservers: ['203.0.113.53'],
          enable_dhcp: true,
        };
        const { subnet } = await talk(context.openstack, 'network').put(
          200,
          `/subnets/${id}`,
          { subnet: now },
          network.subnet,
        );
        expect(subnet).to.deep.include({ ...now, ...POOLS });
        expect(await show(context, id)).to.deep.include({ ...now, ...POOLS });
      },
    );
  },
);
