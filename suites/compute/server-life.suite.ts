import { compute, expect, suite, talk } from '../../src/conformance/index.ts';
import {
  askForServer,
  bootServer,
  flavorsOf,
  partsOf,
  showServer,
  untilNoServer,
  untilServer,
} from './boot-server.ts';

suite(
  'compute/server-life',
  { title: 'What is done to a server', needs: ['whole-openstack'], user: 'ordinary' },
  ({ it, shared }) => {
    const home = shared(async (context) => {
      const parts = await partsOf(context);
      return { parts, id: (await bootServer(context, parts)).id };
    });
    const act = (openstack: Parameters<typeof talk>[0], body: object, status = 202) =>
      talk(openstack, 'compute').post(status, `/servers/${home().id}/action`, body);

    it(
      'reboot',
      {
        title: 'comes up again after a hard reboot',
        tags: ['write', 'smoke'],
        covers: [
          'tempest.api.compute.servers.test_server_actions.ServerActionsTestJSON.test_reboot_server_hard[id-2cb1baf6-ac8d-4429-bf0d-ba8a0ba53e32]',
        ],
      },
      async (context) => {
        await act(context.openstack, { reboot: { type: 'HARD' } });
        await untilServer(context, home().id, 'ACTIVE');
        const path = `/servers/${home().id}/os-instance-actions`;
        const { instanceActions } = await talk(context.openstack, 'compute').get(path, compute.actions);
        expect(instanceActions[0]?.action).to.equal('reboot');
      },
    );

    it(
      'stop-start',
      {
        title: 'shuts off when it is stopped, and comes up when it is started',
        tags: ['write', 'scenario'],
        covers: [
          'tempest.api.compute.servers.test_server_actions.ServerActionsTestJSON.test_stop_start_server[id-af8eafd4-38a7-4a4b-bdbc-75145a580560]',
        ],
      },
      async (context) => {
        await act(context.openstack, { 'os-stop': null });
        const off = await untilServer(context, home().id, 'SHUTOFF');
        expect(off['OS-EXT-STS:power_state']).to.equal(4);
        await act(context.openstack, { 'os-start': null });
        const on = await untilServer(context, home().id, 'ACTIVE');
        expect(on['OS-EXT-STS:vm_state']).to.equal('active');
      },
    );

    it(
      'lock',
      {
        title: 'refuses to be stopped while it is locked',
        tags: ['write', 'negative'],
        covers: [
          'tempest.api.compute.servers.test_server_actions.ServerActionsTestJSON.test_lock_unlock_server[id-80a8094c-211e-440a-ab88-9e59d556c7ee]',
        ],
      },
      async (context) => {
        const { openstack, make } = context;
        await act(openstack, { lock: null });
        make.undone((cleaning) =>
          cleaning.service('compute').request({
            method: 'POST',
            path: `/servers/${home().id}/action`,
            body: { unlock: null },
          }),
        );
        const path = `/servers/${home().id}/action`;
        await talk(openstack, 'compute').refuses(409, 'POST', path, { 'os-stop': null });
        await act(openstack, { unlock: null });
        await act(openstack, { 'os-stop': null });
        await untilServer(context, home().id, 'SHUTOFF');
        await act(openstack, { 'os-start': null });
        await untilServer(context, home().id, 'ACTIVE');
      },
    );

    it(
      'rebuild',
      {
        title: 'becomes another server under the same id when it is rebuilt',
        tags: ['write', 'scenario'],
        covers: [
          'tempest.api.compute.servers.test_server_actions.ServerActionsTestJSON.test_rebuild_server[id-aaa6cdf3-55a7-461a-add9-1c8596b9a07c]',
        ],
      },
      async (context) => {
        const { openstack, names } = context;
        const name = names.fresh('rebuilt');
        const rebuild = {
          imageRef: home().parts.imageRef,
          name,
          metadata: { rebuilt: 'yes' },
          adminPass: 'Squall-0-rebuilt',
          accessIPv4: '192.0.2.7',
        };
        const path = `/servers/${home().id}/action`;
        const { server } = await talk(openstack, 'compute').post(202, path, { rebuild }, compute.changed);
        expect(server).to.include({ id: home().id, name, adminPass: 'Squall-0-rebuilt' });
        const rebuilt = await untilServer(context, home().id, 'ACTIVE');
        expect(rebuilt).to.include({ name, accessIPv4: '192.0.2.7' });
        expect(rebuilt.metadata).to.deep.equal({ rebuilt: 'yes' });
        expect(rebuilt.image).to.deep.include({ id: home().parts.imageRef });
      },
    );

    for (const [name, ends, title] of [
      ['resize-confirm', 'confirmResize', 'has the other flavor when a resize is confirmed'],
      ['resize-revert', 'revertResize', 'has its own flavor again when a resize is reverted'],
    ] as const) {
      it(
        name,
        {
          title,
          tags: ['write', 'scenario'],
          covers: [
            ends === 'confirmResize'
              ? 'tempest.api.compute.servers.test_server_actions.ServerActionsTestJSON.test_resize_server_confirm[id-1499262a-9328-4eda-9068-db1ac57498d2]'
              : 'tempest.api.compute.servers.test_server_actions.ServerActionsTestJSON.test_resize_server_revert[id-c03aab19-adb1-44f5-917d-c419577e9e68]',
          ],
        },
        async (context) => {
          const was = String((await showServer(context, home().id)).flavor.id);
          const other = (await flavorsOf(context, 2)).find((flavor) => flavor !== was) ?? '';
          await act(context.openstack, { resize: { flavorRef: other } });
          const verified = await untilServer(context, home().id, 'VERIFY_RESIZE');
          expect(verified.flavor.id).to.equal(other);
          await act(context.openstack, { [ends]: null }, ends === 'confirmResize' ? 204 : 202);
          const end = await untilServer(context, home().id, 'ACTIVE');
          expect(end.flavor.id).to.equal(ends === 'confirmResize' ? other : was);
        },
      );
    }

    it(
      'delete',
      {
        title: 'is gone from view and from the lists when it is deleted while it runs',
        tags: ['write', 'smoke'],
        covers: [
          'tempest.api.compute.servers.test_delete_server.DeleteServersTestJSON.test_delete_active_server[id-925fdfb4-5b13-47ea-ac8a-c36ae6fddb05]',
          'tempest.api.compute.servers.test_list_servers_negative.ListServersNegativeTestJSON.test_list_servers_with_a_deleted_server[id-24a26f1a-1ddc-4eea-b0d7-a90cc874ad8f]',
          'tempest.api.compute.servers.test_list_servers_negative.ListServersNegativeTestJSON.test_list_servers_detail_server_is_deleted[id-93055106-2d34-46fe-af68-d9ddbf7ee570]',
        ],
      },
      async (context) => {
        const { id } = await bootServer(context, home().parts);
        const nova = talk(context.openstack, 'compute');
        await nova.delete(204, `/servers/${id}`);
        await untilNoServer(context, id);
        const { servers } = await nova.get('/servers', compute.servers);
        expect(servers.map((one) => one.id))
          .to.include(home().id)
          .and.not.include(id);
        const detail = await nova.get('/servers/detail', compute.serversInDetail);
        expect(detail.servers.map((one) => one.id))
          .to.include(home().id)
          .and.not.include(id);
      },
    );

    it(
      'rebuild-deleted',
      {
        title: 'cannot be rebuilt once it is deleted',
        tags: ['write', 'negative'],
        covers: [
          'tempest.api.compute.servers.test_servers_negative.ServersNegativeTestJSON.test_rebuild_deleted_server[id-98fa0458-1485-440f-873b-fe7f0d714930]',
        ],
      },
      async (context) => {
        const { id } = await askForServer(context, home().parts);
        const nova = talk(context.openstack, 'compute');
        await nova.delete(204, `/servers/${id}`);
        await untilNoServer(context, id);
        const rebuild = { imageRef: home().parts.imageRef };
        const { kind } = await nova.refuses(404, 'POST', `/servers/${id}/action`, { rebuild });
        expect(kind).to.equal('itemNotFound');
      },
    );
  },
);
