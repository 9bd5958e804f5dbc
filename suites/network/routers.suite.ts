import { expect, network, suite, talk, type CaseContext } from '../../src/conformance/index.ts';
import { makeNetwork, makePort, makeRouter, makeSubnet, plug } from './make-network.ts';

/** A network with one subnet. */
async function makeHome(context: CaseContext, cidr: string) {
  const { id } = await makeNetwork(context);
  return { id, subnet: (await makeSubnet(context, id, cidr)).id };
}

/** A network that routers can lead out of the cloud through. */
async function externalNetwork({ openstack, skip }: CaseContext): Promise<string> {
  const { networks } = await talk(openstack, 'network').get(
    '/networks?router:external=true',
    network.networks,
  );
  return networks[0]?.id ?? skip('This cloud has no external network.');
}

suite('network/routers', { title: 'Routers', needs: ['whole-openstack'], user: 'ordinary' }, ({ it }) => {
  const show = async ({ openstack }: CaseContext, id: string) =>
    (await talk(openstack, 'network').get(`/routers/${id}`, network.router)).router;

  it(
    'life-cycle',
    {
      title: 'makes, shows, lists, renames and deletes a router with a gateway',
      tags: ['write', 'smoke'],
      covers: [
        'tempest.api.network.test_routers.RoutersTest.test_create_show_list_update_delete_router[id-f64403e2-8483-4b34-8ccd-b09a87bcc68c]',
      ],
    },
    async (context) => {
      const gateway = await externalNetwork(context);
      const asked = { admin_state_up: false, external_gateway_info: { network_id: gateway } };
      const { router: made } = network.router.parse({ router: await makeRouter(context, asked) });
      expect(made.external_gateway_info?.network_id).to.equal(gateway);
      const neutron = talk(context.openstack, 'network');
      const { routers } = await neutron.get('/routers', network.routers);
      expect(routers.map(({ id }) => id)).to.include(made.id);
      const name = context.names.fresh('renamed');
      await neutron.put(200, `/routers/${made.id}`, { router: { name } }, network.router);
      const shown = await show(context, made.id);
      expect(shown).to.include({ name, admin_state_up: false });
      expect(shown.external_gateway_info?.network_id).to.equal(gateway);
      await neutron.delete(204, `/routers/${made.id}`);
      expect((await neutron.refuses(404, 'GET', `/routers/${made.id}`)).kind).to.equal('RouterNotFound');
    },
  );

  it(
    'state',
    {
      title: 'is taken down and up',
      tags: ['write'],
      covers: [
        'tempest.api.network.test_routers.RoutersTest.test_update_router_admin_state[id-a8902683-c788-4246-95c7-ad9c6d63a4d9]',
      ],
    },
    async (context) => {
      const made = await makeRouter(context, { admin_state_up: false });
      expect((await show(context, made.id)).admin_state_up).to.equal(false);
      const neutron = talk(context.openstack, 'network');
      const body = { router: { admin_state_up: true } };
      const { router } = await neutron.put(200, `/routers/${made.id}`, body, network.router);
      expect(router.admin_state_up).to.equal(true);
      expect((await show(context, made.id)).admin_state_up).to.equal(true);
    },
  );

  it(
    'no-more-gateway',
    {
      title: 'leads out of the cloud no more when its gateway is taken away',
      tags: ['write'],
      covers: [
        'tempest.api.network.test_routers.RoutersTest.test_update_router_unset_gateway[id-ad81b7ee-4f81-407b-a19c-17e623f763e8]',
      ],
    },
    async (context) => {
      const network_id = await externalNetwork(context);
      const made = await makeRouter(context, { external_gateway_info: { network_id } });
      expect((await show(context, made.id)).external_gateway_info?.network_id).to.equal(network_id);
      const body = { router: { external_gateway_info: {} } };
      await talk(context.openstack, 'network').put(200, `/routers/${made.id}`, body, network.router);
      expect((await show(context, made.id)).external_gateway_info).to.equal(null);
    },
  );

  for (const [name, by, covers] of [
    [
      'plug-subnet',
      'subnet',
      'tempest.api.network.test_routers.RoutersTest.test_add_remove_router_interface_with_subnet_id[id-b42e6e39-2e37-49cc-a6f4-8467e940900a]',
    ],
    [
      'plug-port',
      'port',
      'tempest.api.network.test_routers.RoutersTest.test_add_remove_router_interface_with_port_id[id-2b7d2f37-6748-4d78-92e5-1d590234f0d5]',
    ],
  ] as const) {
    it(
      name,
      { title: `is plugged into a ${by} and unplugged again`, tags: ['write'], covers: [covers] },
      async (context) => {
        const home = await makeHome(context, '10.219.1.0/24');
        const router = await makeRouter(context);
        const socket =
          by === 'subnet' ? { subnet_id: home.subnet } : { port_id: (await makePort(context, home.id)).id };
        const plugged = await plug(context, router.id, socket);
        expect(plugged).to.include({ id: router.id, subnet_id: home.subnet, ...socket });
        const neutron = talk(context.openstack, 'network');
        const { port } = await neutron.get(`/ports/${plugged.port_id}`, network.port);
        expect(port).to.include({ device_id: router.id, network_id: home.id });
        const path = `/routers/${router.id}/remove_router_interface`;
        await neutron.put(200, path, socket, network.routerInterface);
        expect((await neutron.refuses(404, 'GET', `/ports/${plugged.port_id}`)).kind).to.equal(
          'PortNotFound',
        );
      },
    );
  }

  it(
    'two-networks',
    {
      title: 'joins two networks',
      tags: ['write', 'scenario'],
      covers: [
        'tempest.api.network.test_routers.RoutersTest.test_add_multiple_router_interfaces[id-802c73c9-c937-4cef-824b-2191e24a6aab]',
      ],
    },
    async (context) => {
      const homes = [await makeHome(context, '10.219.2.0/24'), await makeHome(context, '10.219.3.0/24')];
      const router = await makeRouter(context);
      for (const { subnet } of homes) await plug(context, router.id, { subnet_id: subnet });
      const query = `/ports?device_id=${router.id}`;
      const { ports } = await talk(context.openstack, 'network').get(query, network.ports);
      expect(ports.map(({ fixed_ips }) => fixed_ips[0])).to.have.deep.members([
        { subnet_id: homes[0]?.subnet, ip_address: '10.219.2.1' },
        { subnet_id: homes[1]?.subnet, ip_address: '10.219.3.1' },
      ]);
    },
  );

  it(
    'extra-routes',
    {
      title: 'has the routes that it was given, until they are taken away',
      tags: ['write'],
      covers: [
        'tempest.api.network.test_routers.RoutersTest.test_update_delete_extra_route[id-c86ac3a8-50bd-4b00-a6b8-62af84a0765c]',
      ],
    },
    async (context) => {
      const router = await makeRouter(context, { admin_state_up: true });
      const routes = [];
      for (const n of [4, 5]) {
        const home = await makeHome(context, `10.219.${n}.0/24`);
        await plug(context, router.id, { subnet_id: home.subnet });
        routes.push({ destination: `10.220.${n}.0/24`, nexthop: `10.219.${n}.9` });
      }
      const neutron = talk(context.openstack, 'network');
      const path = `/routers/${router.id}`;
      const given = await neutron.put(200, path, { router: { routes } }, network.router);
      expect(given.router.routes).to.have.deep.members(routes);
      expect((await show(context, router.id)).routes).to.have.deep.members(routes);
      await neutron.put(200, path, { router: { routes: [] } }, network.router);
      expect((await show(context, router.id)).routes).to.deep.equal([]);
    },
  );

  it(
    'floating-address',
    {
      title: 'leads a floating address to a port behind it, and lets it go again',
      tags: ['write', 'scenario'],
    },
    async (context) => {
      const external = await externalNetwork(context);
      const home = await makeHome(context, '10.219.6.0/24');
      const router = await makeRouter(context, { external_gateway_info: { network_id: external } });
      await plug(context, router.id, { subnet_id: home.subnet });
      const port = await makePort(context, home.id);
      const { floatingip: made } = network.floatingAddress.parse({
        floatingip: await context.make.resource({
          type: 'network',
          path: '/floatingips',
          key: 'floatingip',
          nameless: true,
          body: { name: context.names.fresh('address'), floating_network_id: external },
        }),
      });
      const neutron = talk(context.openstack, 'network');
      const path = `/floatingips/${made.id}`;
      const body = { floatingip: { port_id: port.id } };
      const { floatingip: led } = await neutron.put(200, path, body, network.floatingAddress);
      expect(led).to.include({ port_id: port.id, router_id: router.id });
      expect(led.fixed_ip_address).to.match(/^10\.219\.6\./);
      await neutron.put(200, path, { floatingip: { port_id: null } }, network.floatingAddress);
      const { floatingip: free } = await neutron.get(path, network.floatingAddress);
      expect(free).to.include({ port_id: null, router_id: null, fixed_ip_address: null });
    },
  );
});
