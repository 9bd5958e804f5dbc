import { expect, suite, talk } from '../../src/conformance/index.ts';
import { bootServer, partsOf, showServer } from './boot-server.ts';

suite(
  'compute/resize-refusals',
  { title: 'Resizes that are refused', needs: ['whole-openstack'], user: 'ordinary' },
  ({ it, shared }) => {
    const home = shared(async (context) => bootServer(context, await partsOf(context)));

    it(
      'missing-flavor',
      {
        title: 'keeps its flavor when the other one is not there',
        tags: ['negative'],
        covers: [
          'tempest.api.compute.servers.test_servers_negative.ServersNegativeTestJSON.test_resize_server_with_non_existent_flavor[id-ced1a1d7-2ab6-45c9-b90f-b27d87b30efd]',
        ],
      },
      async (context) => {
        const path = `/servers/${home().id}/action`;
        const body = { resize: { flavorRef: 'squall-no-such-flavor' } };
        const { kind } = await talk(context.openstack, 'compute').refuses(400, 'POST', path, body);
        expect(kind).to.equal('badRequest');
        expect((await showServer(context, home().id)).flavor.id).to.equal(home().flavor.id);
      },
    );

    it(
      'no-flavor',
      {
        title: 'keeps its flavor when none is named',
        tags: ['negative'],
        covers: [
          'tempest.api.compute.servers.test_servers_negative.ServersNegativeTestJSON.test_resize_server_with_null_flavor[id-45436a7d-a388-4a35-a9d8-3adc5d0d940b]',
        ],
      },
      async (context) => {
        const path = `/servers/${home().id}/action`;
        const body = { resize: { flavorRef: '' } };
        const { kind } = await talk(context.openstack, 'compute').refuses(400, 'POST', path, body);
        expect(kind).to.equal('badRequest');
        expect((await showServer(context, home().id)).status).to.equal('ACTIVE');
      },
    );
  },
);
