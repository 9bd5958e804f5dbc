import { compute, expect, suite, talk } from '../../src/conformance/index.ts';
import { makeNetwork, makePort, makeSubnet } from '../network/make-network.ts';
import { makeImage } from '../image/make-image.ts';
import { askForServer, flavorsOf, partsOf, untilServer } from './boot-server.ts';

/** Of the three servers of this file, those that an answer must hold; the others must not be in it. */
interface Filter {
  readonly name: string;
  readonly title: string;
  readonly covers: string;
  readonly query: (cloud: Cloud) => string;
  readonly found: readonly (0 | 1 | 2)[];
  readonly detail?: true;
}

interface Cloud {
  readonly ids: readonly string[];
  readonly names: readonly string[];
  readonly address: string;
  readonly image: string;
  readonly otherFlavor: string;
}

const LISTED: readonly Filter[] = [
  {
    name: 'by-image',
    title: 'finds servers by their image',
    covers:
      'tempest.api.compute.servers.test_list_server_filters.ListServerFiltersTestJSON.test_list_servers_filter_by_image[id-05e8a8e7-9659-459a-989d-92c2f501f4ba]',
    query: ({ image }) => `image=${image}`,
    found: [0, 2],
  },
  {
    name: 'by-image-in-detail',
    title: 'finds servers by their image, in detail',
    covers:
      'tempest.api.compute.servers.test_list_server_filters.ListServerFiltersTestJSON.test_list_servers_detailed_filter_by_image[id-b3304c3b-97df-46d2-8cd3-e2b6659724e7]',
    query: ({ image }) => `image=${image}`,
    found: [0, 2],
    detail: true,
  },
  {
    name: 'by-flavor',
    title: 'finds servers by their flavor',
    covers:
      'tempest.api.compute.servers.test_list_server_filters.ListServerFiltersTestJSON.test_list_servers_filter_by_flavor[id-573637f5-7325-47bb-9144-3476d0416908]',
    query: ({ otherFlavor }) => `flavor=${otherFlavor}`,
    found: [2],
  },
  {
    name: 'by-flavor-in-detail',
    title: 'finds servers by their flavor, in detail',
    covers:
      'tempest.api.compute.servers.test_list_server_filters.ListServerFiltersTestJSON.test_list_servers_detailed_filter_by_flavor[id-80c574cc-0925-44ba-8602-299028357dd9]',
    query: ({ otherFlavor }) => `flavor=${otherFlavor}`,
    found: [2],
    detail: true,
  },
  {
    name: 'by-name',
    title: 'finds a server by its name',
    covers:
      'tempest.api.compute.servers.test_list_server_filters.ListServerFiltersTestJSON.test_list_servers_filter_by_server_name[id-9b067a7b-7fee-4f6a-b29c-be43fe18fc5a]',
    query: ({ names }) => `name=${names[0] ?? ''}`,
    found: [0],
  },
  {
    name: 'by-name-in-detail',
    title: 'finds a server by its name, in detail',
    covers:
      'tempest.api.compute.servers.test_list_server_filters.ListServerFiltersTestJSON.test_list_servers_detailed_filter_by_server_name[id-f9eb2b70-735f-416c-b260-9914ac6181e4]',
    query: ({ names }) => `name=${names[0] ?? ''}`,
    found: [0],
    detail: true,
  },
  {
    name: 'by-name-pattern',
    title: 'takes a name for a pattern',
    covers:
      'tempest.api.compute.servers.test_list_server_filters.ListServerFiltersTestJSON.test_list_servers_filtered_by_name_wildcard[id-e9f624ee-92af-4562-8bec-437945a18dcb]',
    query: ({ names: [, name = ''] }) =>
      `name=${encodeURIComponent(`^${name.slice(0, -1)}[${name.slice(-1)}]$`)}`,
    found: [1],
  },
  {
    name: 'by-status',
    title: 'finds servers by their status',
    covers:
      'tempest.api.compute.servers.test_list_server_filters.ListServerFiltersTestJSON.test_list_servers_filter_by_active_status[id-ca78e20e-fddb-4ce6-b7f7-bcbf8605e66e]',
    query: () => 'status=active',
    found: [0, 1, 2],
  },
  {
    name: 'by-status-in-detail',
    title: 'finds servers by their status, in detail',
    covers:
      'tempest.api.compute.servers.test_list_server_filters.ListServerFiltersTestJSON.test_list_servers_detailed_filter_by_server_status[id-de2612ab-b7dd-4044-b0b1-d2539601911f]',
    query: () => 'status=active',
    found: [0, 1, 2],
    detail: true,
  },
  {
    name: 'by-address',
    title: 'finds a server by its address',
    covers:
      'tempest.api.compute.servers.test_list_server_filters.ListServerFiltersTestJSON.test_list_servers_filtered_by_ip[id-43a1242e-7b31-48d1-88f2-3f72aa9f2077]',
    query: ({ address }) => `ip=${address}`,
    found: [0],
  },
  {
    name: 'by-address-pattern',
    title: 'takes an address for a pattern',
    covers:
      'tempest.api.compute.servers.test_list_server_filters.ListServerFiltersTestJSON.test_list_servers_filtered_by_ip_regex[id-a905e287-c35e-42f2-b132-d02b09f3654a]',
    query: ({ address }) => `ip=${address.slice(0, -1)}`,
    found: [0],
  },
];

/** Filters that nothing fits. */
const NOTHING: readonly (Omit<Filter, 'found' | 'query'> & { readonly query: string })[] = [
  {
    name: 'missing-image',
    title: 'finds no server of an image that is not there',
    covers:
      'tempest.api.compute.servers.test_list_servers_negative.ListServersNegativeTestJSON.test_list_servers_by_non_existing_image[id-ff01387d-c7ad-47b4-ae9e-64fa214638fe]',
    query: 'image=squall-no-such-image',
  },
  {
    name: 'missing-flavor',
    title: 'finds no server of a flavor that is not there',
    covers:
      'tempest.api.compute.servers.test_list_servers_negative.ListServersNegativeTestJSON.test_list_servers_by_non_existing_flavor[id-5913660b-223b-44d4-a651-a0fbfd44ca75]',
    query: 'flavor=squall-no-such-flavor',
  },
  {
    name: 'missing-name',
    title: 'finds no server of a name that none has',
    covers:
      'tempest.api.compute.servers.test_list_servers_negative.ListServersNegativeTestJSON.test_list_servers_by_non_existing_server_name[id-e2c77c4a-000a-4af3-a0bd-629a328bde7c]',
    query: 'name=squall-no-such-server',
  },
  {
    name: 'missing-status',
    title: 'finds no server in a status that there is not',
    covers:
      'tempest.api.compute.servers.test_list_servers_negative.ListServersNegativeTestJSON.test_list_servers_status_non_existing[id-fcdf192d-0f74-4d89-911f-1ec002b822c4]',
    query: 'status=squall-no-such-status',
  },
  {
    name: 'changed-in-future',
    title: 'finds no server that changes in the future',
    covers:
      'tempest.api.compute.servers.test_list_servers_negative.ListServersNegativeTestJSON.test_list_servers_by_changes_since_future_date[id-74745ad8-b346-45b5-b9b8-509d7447fc1f]',
    query: 'changes-since=2051-01-01T12:34:00Z',
  },
];

const WRONG: readonly {
  readonly name: string;
  readonly title: string;
  readonly covers: string;
  readonly query: string;
}[] = [
  {
    name: 'negative-limit',
    title: 'refuses a limit below zero',
    covers:
      'tempest.api.compute.servers.test_list_servers_negative.ListServersNegativeTestJSON.test_list_servers_by_limits_pass_negative_value[id-62610dd9-4713-4ee0-8beb-fd2c1aa7f950]',
    query: 'limit=-1',
  },
  {
    name: 'limit-in-words',
    title: 'refuses a limit that is no number',
    covers:
      'tempest.api.compute.servers.test_list_servers_negative.ListServersNegativeTestJSON.test_list_servers_by_limits_pass_string[id-679bc053-5e70-4514-9800-3dfab1a380a6]',
    query: 'limit=many',
  },
  {
    name: 'bad-date',
    title: 'refuses a date that is none',
    covers:
      'tempest.api.compute.servers.test_list_servers_negative.ListServersNegativeTestJSON.test_list_servers_by_changes_since_invalid_date[id-87d12517-e20a-4c9c-97b6-dd1628d6d6c9]',
    query: 'changes-since=2011/01/01',
  },
];

suite(
  'compute/server-lists',
  { title: 'Lists of servers', needs: ['whole-openstack'], user: 'ordinary' },
  ({ it, shared }) => {
    const cloud = shared(async (context): Promise<Cloud> => {
      const parts = await partsOf(context);
      const [, otherFlavor = ''] = await flavorsOf(context, 2);
      const network = await makeNetwork(context);
      await makeSubnet(context, network.id, '10.214.77.0/24');
      const port = await makePort(context, network.id);
      const [home] = port['fixed_ips'] as readonly { ip_address: string }[];
      const asked = await Promise.all([
        askForServer(context, parts, { networks: [{ port: port.id }] }),
        askForServer(context, { ...parts, imageRef: await makeImage(context) }),
        askForServer(context, { ...parts, flavorRef: otherFlavor }),
      ]);
      const servers = await Promise.all(
        asked.map(({ id }) => untilServer(context, id, 'ACTIVE', { steady: true })),
      );
      return {
        ids: servers.map(({ id }) => id),
        names: servers.map(({ name }) => name),
        address: home?.ip_address ?? '',
        image: parts.imageRef,
        otherFlavor,
      };
    });

    const ids = async (openstack: Parameters<typeof talk>[0], query: string, detail?: true) => {
      const nova = talk(openstack, 'compute');
      const { servers } =
        detail === true
          ? await nova.get(`/servers/detail?${query}`, compute.serversInDetail)
          : await nova.get(`/servers?${query}`, compute.servers);
      return (servers as readonly { id: string }[]).map(({ id }) => id);
    };

    for (const { name, title, covers, query, found, detail } of LISTED) {
      it(name, { title, tags: ['read'], covers: [covers] }, async ({ openstack }) => {
        const answered = await ids(openstack, query(cloud()), detail);
        const ours = cloud().ids.filter((id) => answered.includes(id));
        expect(ours).to.deep.equal(found.map((rank) => cloud().ids[rank]));
      });
    }

    for (const { name, title, covers, query } of NOTHING) {
      it(name, { title, tags: ['read', 'negative'], covers: [covers] }, async ({ openstack }) => {
        expect(await ids(openstack, query)).to.deep.equal([]);
      });
    }

    for (const { name, title, covers, query } of WRONG) {
      it(name, { title, tags: ['read', 'negative'], covers: [covers] }, async ({ openstack }) => {
        const { kind } = await talk(openstack, 'compute').refuses(400, 'GET', `/servers?${query}`);
        expect(kind).to.equal('badRequest');
      });
    }

    it(
      'one',
      {
        title: 'gives one server and the way to the next where one is asked for',
        tags: ['read'],
        covers: [
          'tempest.api.compute.servers.test_list_server_filters.ListServerFiltersTestJSON.test_list_servers_filter_by_limit[id-614cdfc1-d557-4bac-915b-3e67b48eee76]',
        ],
      },
      async ({ openstack }) => {
        const page = await talk(openstack, 'compute').get('/servers?limit=1', compute.servers);
        expect(page.servers).to.have.length(1);
        expect(page.servers_links?.map(({ rel }) => rel)).to.deep.equal(['next']);
      },
    );

    it(
      'one-in-detail',
      {
        title: 'gives one server in detail where one is asked for',
        tags: ['read'],
        covers: [
          'tempest.api.compute.servers.test_list_server_filters.ListServerFiltersTestJSON.test_list_servers_detailed_limit_results[id-67aec2d0-35fe-4503-9f92-f13272b867ed]',
        ],
      },
      async ({ openstack }) => {
        expect(await ids(openstack, 'limit=1', true)).to.have.length(1);
      },
    );

    it(
      'high-limit',
      {
        title: 'gives all servers where more are asked for than there are',
        tags: ['read'],
        covers: [
          'tempest.api.compute.servers.test_list_servers_negative.ListServersNegativeTestJSON.test_list_servers_by_limits_greater_than_actual_count[id-d47c17fb-eebd-4287-8e95-f20a7e627b18]',
        ],
      },
      async ({ openstack }) => {
        expect(await ids(openstack, 'limit=100')).to.include.members([...cloud().ids]);
      },
    );

    it(
      'strangers',
      { title: 'shows no server of another project', tags: ['read', 'negative', 'admin'] },
      async ({ administrator }) => {
        const given = await administrator();
        const answered = await ids(given, 'limit=1000');
        expect(answered).to.not.include.members([...cloud().ids]);
        expect(await ids(given, 'limit=1000&all_tenants=1')).to.include.members([...cloud().ids]);
      },
    );
  },
);
