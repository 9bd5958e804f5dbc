import { compute, expect, suite, talk } from '../../src/conformance/index.ts';
import { bootServer, partsOf, showServer } from './boot-server.ts';

/** From the block for documentation, RFC 5737 and 3849. */
const ACCESS = { accessIPv4: '192.0.2.1', accessIPv6: '2001:db8::1' };

suite(
  'compute/server-details',
  { title: 'What a server is known by', needs: ['whole-openstack'], user: 'ordinary' },
  ({ it, shared, beforeEach }) => {
    const home = shared(async (context) => {
      const parts = await partsOf(context);
      const more = { ...ACCESS, metadata: { origin: 'squall' } };
      return { parts, made: await bootServer(context, parts, more) };
    });
    const path = () => `/servers/${home().made.id}`;
    const metadata = () => `${path()}/metadata`;
    const MINE = { color: 'blue', shape: 'round' };

    beforeEach(async ({ openstack }) => {
      await talk(openstack, 'compute').put(200, metadata(), { metadata: MINE });
    });

    it(
      'as-asked',
      {
        title: 'has the name, image, flavor, addresses and metadata that it was asked for with',
        tags: ['read', 'smoke'],
        covers: [
          'tempest.api.compute.servers.test_create_server.ServersTestJSON.test_verify_server_details[id-5de47127-9977-400a-936f-abcfbec1218f]',
        ],
      },
      async (context) => {
        const shown = await showServer(context, home().made.id);
        expect(shown).to.include({ ...ACCESS, id: home().made.id, status: 'ACTIVE' });
        expect(shown.name).to.match(/^sq-.*server/);
        expect(shown.image).to.deep.include({ id: home().parts.imageRef });
        expect(shown.flavor).to.deep.include({ id: home().parts.flavorRef });
        expect(home().made.metadata).to.deep.equal({ origin: 'squall' });
      },
    );

    it(
      'listed',
      {
        title: 'is in the list of servers',
        tags: ['read', 'smoke'],
        covers: [
          'tempest.api.compute.servers.test_create_server.ServersTestJSON.test_list_servers[id-9a438d88-10c6-4bcd-8b5b-5b6e25e1346f]',
        ],
      },
      async ({ openstack }) => {
        const { servers } = await talk(openstack, 'compute').get('/servers', compute.servers);
        expect(servers.find(({ id }) => id === home().made.id)?.name).to.match(/^sq-/);
      },
    );

    it(
      'listed-in-detail',
      {
        title: 'is in the list of servers in detail, as it is by itself',
        tags: ['read'],
        covers: [
          'tempest.api.compute.servers.test_create_server.ServersTestJSON.test_list_servers_with_detail[id-585e934c-448e-43c4-acbf-d06a9b899997]',
        ],
      },
      async (context) => {
        const { servers } = await talk(context.openstack, 'compute').get(
          '/servers/detail',
          compute.serversInDetail,
        );
        const listed = servers.find(({ id }) => id === home().made.id);
        expect(listed).to.deep.equal(await showServer(context, home().made.id));
      },
    );

    it(
      'newest',
      {
        title: 'carries flavor, lock and tags in a newer microversion, and not in the oldest',
        tags: ['read'],
      },
      async (context) => {
        const { server } = await talk(context.openstack, 'compute', '2.96').get(path(), compute.server296);
        expect(server.locked).to.equal(false);
        expect(server.flavor.original_name).to.not.equal('');
        expect(await showServer(context, home().made.id)).to.not.have.any.keys('locked', 'tags');
      },
    );

    it(
      'rename',
      {
        title: 'takes a new name, in any script',
        tags: ['write'],
        covers: [
          'tempest.api.compute.servers.test_servers.ServersTestJSON.test_update_server_name[id-5e6ccff8-349d-4852-a8b3-055df7988dd2]',
        ],
      },
      async (context) => {
        const name = `${context.names.fresh('server')}-\u00CD\u00F1st\u00E1\u00F1c\u00E9`;
        const nova = talk(context.openstack, 'compute');
        const { server } = await nova.put(200, path(), { server: { name } }, compute.changed);
        expect(server.name).to.equal(name);
        expect((await showServer(context, home().made.id)).name).to.equal(name);
      },
    );

    it(
      'access-address',
      {
        title: 'takes new addresses to be reached at',
        tags: ['write'],
        covers: [
          'tempest.api.compute.servers.test_servers.ServersTestJSON.test_update_access_server_address[id-89b90870-bc13-4b73-96af-f9d4f2b70077]',
        ],
      },
      async (context) => {
        const now = { accessIPv4: '198.51.100.1', accessIPv6: '2001:db8::100' };
        const nova = talk(context.openstack, 'compute');
        const { server } = await nova.put(200, path(), { server: now }, compute.changed);
        expect(server).to.include(now);
        expect(await showServer(context, home().made.id)).to.include(now);
        await nova.put(200, path(), { server: ACCESS });
      },
    );

    it(
      'name-too-long',
      {
        title: 'refuses a name of more than 255 letters',
        tags: ['negative'],
        covers: [
          'tempest.api.compute.servers.test_servers_negative.ServersNegativeTestJSON.test_update_server_name_length_exceeds_256[id-5c8e244c-dada-4590-9944-749c455b431f]',
        ],
      },
      async ({ openstack }) => {
        const body = { server: { name: 'a'.repeat(256) } };
        const { kind } = await talk(openstack, 'compute').refuses(400, 'PUT', path(), body);
        expect(kind).to.equal('badRequest');
      },
    );

    it(
      'no-name',
      {
        title: 'refuses an empty name',
        tags: ['negative'],
        covers: [
          'tempest.api.compute.servers.test_servers_negative.ServersNegativeTestJSON.test_update_server_set_empty_name[id-38204696-17c6-44da-9590-40f87fb5a899]',
        ],
      },
      async ({ openstack }) => {
        const body = { server: { name: '' } };
        const { kind } = await talk(openstack, 'compute').refuses(400, 'PUT', path(), body);
        expect(kind).to.equal('badRequest');
      },
    );

    it(
      'metadata-list',
      {
        title: 'lists its metadata',
        tags: ['read'],
        covers: [
          'tempest.api.compute.servers.test_server_metadata.ServerMetadataTestJSON.test_list_server_metadata[id-479da087-92b3-4dcf-aeb3-fd293b2d14ce]',
        ],
      },
      async ({ openstack }) => {
        const nova = talk(openstack, 'compute');
        expect((await nova.get(metadata(), compute.metadata)).metadata).to.deep.equal(MINE);
      },
    );

    it(
      'metadata-replace',
      {
        title: 'has no other metadata than what replaced it',
        tags: ['write'],
        covers: [
          'tempest.api.compute.servers.test_server_metadata.ServerMetadataTestJSON.test_set_server_metadata[id-211021f6-21de-4657-a68f-908878cfe251]',
        ],
      },
      async ({ openstack }) => {
        const nova = talk(openstack, 'compute');
        const now = { weight: 'light' };
        const put = await nova.put(200, metadata(), { metadata: now }, compute.metadata);
        expect(put.metadata).to.deep.equal(now);
        expect((await nova.get(metadata(), compute.metadata)).metadata).to.deep.equal(now);
      },
    );

    it(
      'metadata-add',
      {
        title: 'keeps the metadata that an update does not name',
        tags: ['write'],
        covers: [
          'tempest.api.compute.servers.test_server_metadata.ServerMetadataTestJSON.test_update_server_metadata[id-344d981e-0c33-4997-8a5d-6c1d803e4134]',
        ],
      },
      async ({ openstack }) => {
        const nova = talk(openstack, 'compute');
        const body = { metadata: { color: 'red', weight: 'light' } };
        const now = { ...MINE, ...body.metadata };
        expect((await nova.post(200, metadata(), body, compute.metadata)).metadata).to.deep.equal(now);
        expect((await nova.get(metadata(), compute.metadata)).metadata).to.deep.equal(now);
      },
    );

    it(
      'metadata-item',
      {
        title: 'gives one piece of its metadata by its key',
        tags: ['read'],
        covers: [
          'tempest.api.compute.servers.test_server_metadata.ServerMetadataTestJSON.test_get_server_metadata_item[id-3043c57d-7e0e-49a6-9a96-ad569c265e6a]',
        ],
      },
      async ({ openstack }) => {
        const { meta } = await talk(openstack, 'compute').get(`${metadata()}/shape`, compute.metadataItem);
        expect(meta).to.deep.equal({ shape: 'round' });
      },
    );

    it(
      'metadata-item-change',
      {
        title: 'changes one piece of its metadata and no other',
        tags: ['write'],
        covers: [
          'tempest.api.compute.servers.test_server_metadata.ServerMetadataTestJSON.test_set_server_metadata_item[id-58c02d4f-5c67-40be-8744-d3fa5982eb1c]',
        ],
      },
      async ({ openstack }) => {
        const nova = talk(openstack, 'compute');
        const body = { meta: { color: 'green' } };
        const { meta } = await nova.put(200, `${metadata()}/color`, body, compute.metadataItem);
        expect(meta).to.deep.equal(body.meta);
        const all = await nova.get(metadata(), compute.metadata);
        expect(all.metadata).to.deep.equal({ ...MINE, color: 'green' });
      },
    );

    it(
      'metadata-item-delete',
      {
        title: 'loses one piece of its metadata and no other',
        tags: ['write'],
        covers: [
          'tempest.api.compute.servers.test_server_metadata.ServerMetadataTestJSON.test_delete_server_metadata_item[id-127642d6-4c7b-4486-b7cd-07265a378658]',
        ],
      },
      async ({ openstack }) => {
        const nova = talk(openstack, 'compute');
        await nova.delete(204, `${metadata()}/color`);
        const all = await nova.get(metadata(), compute.metadata);
        expect(all.metadata).to.deep.equal({ shape: 'round' });
      },
    );

    it(
      'actions',
      {
        title: 'tells what was done to it, newest first',
        tags: ['read', 'write'],
        covers: [
          'tempest.api.compute.servers.test_instance_actions.InstanceActionsTestJSON.test_list_instance_actions[id-77ca5cc5-9990-45e0-ab98-1de8fead201a]',
        ],
      },
      async ({ openstack, eventually }) => {
        const nova = talk(openstack, 'compute');
        await nova.post(202, `${path()}/action`, { reboot: { type: 'HARD' } });
        await eventually('the reboot is listed', async () => {
          const { instanceActions } = await nova.get(`${path()}/os-instance-actions`, compute.actions);
          expect(instanceActions.map(({ action }) => action)).to.deep.equal(['reboot', 'create']);
        });
      },
    );

    it(
      'action',
      {
        title: 'tells of one thing that was done to it by the id of the request',
        tags: ['read'],
        covers: [
          'tempest.api.compute.servers.test_instance_actions.InstanceActionsTestJSON.test_get_instance_action[id-aacc71ca-1d70-4aa5-bbf6-0ff71470e43c]',
        ],
      },
      async ({ openstack }) => {
        const nova = talk(openstack, 'compute');
        const { instanceActions } = await nova.get(`${path()}/os-instance-actions`, compute.actions);
        const first = instanceActions.find(({ action }) => action === 'create');
        const { instanceAction } = await nova.get(
          `${path()}/os-instance-actions/${first?.request_id ?? ''}`,
          compute.action,
        );
        expect(instanceAction).to.include({ action: 'create', instance_uuid: home().made.id });
      },
    );
  },
);
