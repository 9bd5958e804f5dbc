import { expect, network, suite, talk } from '../../src/conformance/index.ts';
import { makeNetwork, makeRouter, makeSubnet, plug } from './make-network.ts';

const NOBODY = '/routers/squall-no-such-router';

suite(
  'network/router-refusals',
  { title: 'What routers refuse', needs: ['whole-openstack'], user: 'ordinary' },
  ({ it, shared }) => {
    const home = shared(async (context) => {
      const { id } = await makeNetwork(context);
      const subnet = await makeSubnet(context, id, '10.219.11.0/24');
      return { id, subnet: subnet.id, router: (await makeRouter(context)).id };
    });

    for (const [name, title, covers, method, body] of [
      [
        'show-missing',
        'does not know a router that is not there',
        'tempest.api.network.test_routers_negative.RoutersNegativeTest.test_show_non_existent_router_returns_404[id-c2a70d72-8826-43a7-8208-0209e6360c47]',
        'GET',
        undefined,
      ],
      [
        'update-missing',
        'renames no router that is not there',
        'tempest.api.network.test_routers_negative.RoutersNegativeTest.test_update_non_existent_router_returns_404[id-b23d1569-8b0c-4169-8d4b-6abd34fad5c7]',
        'PUT',
        { router: { name: 'nobody' } },
      ],
      [
        'delete-missing',
        'deletes no router that is not there',
        'tempest.api.network.test_routers_negative.RoutersNegativeTest.test_delete_non_existent_router_returns_404[id-c7edc5ad-d09d-41e6-a344-5c0c31e2e3e4]',
        'DELETE',
        undefined,
      ],
    ] as const) {
      it(name, { title, tags: ['negative'], covers: [covers] }, async ({ openstack }) => {
        const { kind } = await talk(openstack, 'network').refuses(404, method, NOBODY, body);
        expect(kind).to.equal('RouterNotFound');
      });
    }

    it(
      'missing-gateway',
      {
        title: 'takes no network for its gateway that is not there',
        tags: ['negative'],
        covers: [
          'tempest.api.network.test_routers_negative.RoutersNegativeTest.test_router_add_gateway_invalid_network_returns_404[id-37a94fc0-a834-45b9-bd23-9a81d2fd1e22]',
        ],
      },
      async ({ openstack }) => {
        const body = { router: { external_gateway_info: { network_id: home().router } } };
        const path = `/routers/${home().router}`;
        const { kind } = await talk(openstack, 'network').refuses(404, 'PUT', path, body);
        expect(kind).to.equal('NetworkNotFound');
      },
    );

    it(
      'inner-gateway',
      {
        title: 'takes no network for its gateway that is not external',
        tags: ['negative'],
        covers: [
          'tempest.api.network.test_routers_negative.RoutersNegativeTest.test_router_add_gateway_net_not_external_returns_400[id-11836a18-0b15-4327-a50b-f0d9dc66bddd]',
        ],
      },
      async ({ openstack }) => {
        const body = { router: { external_gateway_info: { network_id: home().id } } };
        const path = `/routers/${home().router}`;
        const { kind } = await talk(openstack, 'network').refuses(400, 'PUT', path, body);
        expect(kind).to.equal('BadRequest');
      },
    );

    it(
      'overlap',
      {
        title: 'is plugged into no two subnets that overlap',
        tags: ['negative', 'write'],
        covers: [
          'tempest.api.network.test_routers_negative.RoutersNegativeTest.test_add_router_interfaces_on_overlapping_subnets_returns_400[id-957751a3-3c68-4fa2-93b6-eb52ea10db6e]',
        ],
      },
      async (context) => {
        const router = await makeRouter(context);
        await plug(context, router.id, { subnet_id: home().subnet });
        const other = await makeNetwork(context);
        const { id } = await makeSubnet(context, other.id, '10.219.11.0/24');
        const path = `/routers/${router.id}/add_router_interface`;
        const neutron = talk(context.openstack, 'network');
        const { kind } = await neutron.refuses(400, 'PUT', path, { subnet_id: id });
        expect(kind).to.equal('BadRequest');
      },
    );

    it(
      'in-use',
      {
        title: 'is not deleted while it is plugged in',
        tags: ['negative', 'write'],
        covers: [
          'tempest.api.network.test_routers_negative.RoutersNegativeTest.test_router_remove_interface_in_use_returns_409[id-04df80f9-224d-47f5-837a-bf23e33d1c20]',
        ],
      },
      async (context) => {
        const { id } = await makeNetwork(context);
        const subnet = await makeSubnet(context, id, '10.219.12.0/24');
        const router = await makeRouter(context);
        await plug(context, router.id, { subnet_id: subnet.id });
        const neutron = talk(context.openstack, 'network');
        const { kind } = await neutron.refuses(409, 'DELETE', `/routers/${router.id}`);
        expect(kind).to.equal('RouterInUse');
        await neutron.get(`/routers/${router.id}`, network.router);
      },
    );
  },
);
