import { compute, expect, needService, suite, talk } from '../../src/conformance/index.ts';
import { makeVolume, showVolume, untilVolume } from '../block-storage/make-volume.ts';
import { bootServer, partsOf, showServer } from './boot-server.ts';

suite(
  'compute/volume-attachments',
  { title: 'Volumes of servers', needs: ['whole-openstack'], user: 'ordinary' },
  ({ it, shared }) => {
    const home = shared(async (context) => {
      await needService(context, 'block-storage');
      const server = await bootServer(context, await partsOf(context));
      return { server: server.id, volume: (await makeVolume(context)).id };
    });
    const path = () => `/servers/${home().server}/os-volume_attachments`;

    it(
      'attach-detach',
      {
        title: 'is in use while it is attached, and available again when it is not',
        tags: ['write', 'scenario', 'smoke'],
        covers: [
          'tempest.api.compute.volumes.test_attach_volume.AttachVolumeTestJSON.test_attach_detach_volume[id-52e9045a-e90d-4c0d-9087-79d657faffff]',
          'tempest.api.compute.volumes.test_attach_volume.AttachVolumeTestJSON.test_list_get_volume_attachments[id-7fa563fe-f0f7-43eb-9e22-a1ece036b513]',
        ],
      },
      async (context) => {
        const nova = talk(context.openstack, 'compute');
        context.make.undone(async (cleaning) => {
          const client = cleaning.service('compute');
          await client.request({ method: 'DELETE', path: `${path()}/${home().volume}` });
        });
        const { volumeAttachment: made } = await nova.post(
          200,
          path(),
          { volumeAttachment: { volumeId: home().volume } },
          compute.attachment,
        );
        expect(made).to.include({ volumeId: home().volume, serverId: home().server });
        const volume = await untilVolume(context, home().volume, 'in-use');
        expect(volume.attachments.map(({ server_id }) => server_id)).to.deep.equal([home().server]);
        const { volumeAttachments: listed } = await nova.get(path(), compute.attachments);
        expect(listed).to.deep.equal([made]);
        const shown = await nova.get(`${path()}/${home().volume}`, compute.attachment);
        expect(shown.volumeAttachment).to.deep.equal(made);
        const server = await showServer(context, home().server);
        expect(server['os-extended-volumes:volumes_attached']).to.deep.equal([{ id: home().volume }]);
        await nova.delete(202, `${path()}/${home().volume}`);
        const free = await untilVolume(context, home().volume, 'available');
        expect(free.attachments).to.deep.equal([]);
        // Block storage has let it go before compute forgets it.
        await context.eventually(
          'the attachment is gone',
          async () => void (await nova.refuses(404, 'GET', `${path()}/${home().volume}`)),
        );
      },
    );

    it('missing', { title: 'attaches no volume that is not there', tags: ['negative'] }, async (context) => {
      const body = { volumeAttachment: { volumeId: '00000000-0000-4000-8000-000000000000' } };
      const { kind } = await talk(context.openstack, 'compute').refuses(404, 'POST', path(), body);
      expect(kind).to.equal('itemNotFound');
      expect((await showVolume(context, home().volume)).attachments).to.deep.equal([]);
    });
  },
);
