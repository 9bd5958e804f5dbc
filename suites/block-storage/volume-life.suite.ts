import { blockStorage, expect, image, suite, talk, type CaseContext } from '../../src/conformance/index.ts';
import { makeImage } from '../image/make-image.ts';
import { changeMetadata, changeOnePiece } from './change-metadata.ts';
import { makeVolume, showVolume, untilNoVolume, untilVolume } from './make-volume.ts';

/** The image must fit into the volume; what it holds does not matter. */
const CONTENT = { min_disk: 0 };

suite(
  'block-storage/volume-life',
  { title: 'Life of a volume', needs: ['whole-openstack'], user: 'ordinary' },
  ({ it, shared }) => {
    const home = shared(async (context) => makeVolume(context));
    const act = (openstack: Parameters<typeof talk>[0], id: string, status: number, body: object) =>
      talk(openstack, 'block-storage').post(status, `/volumes/${id}/action`, body);

    /** Asks for a volume, looks at it, changes its name and words, and has it deleted. */
    const live = async (context: CaseContext, more: object, has: object) => {
      const metadata = { shape: 'round' };
      const made = await makeVolume(context, { description: 'made', metadata, ...more });
      expect(made).to.deep.include({ description: 'made', metadata, size: 1, ...has });
      const cinder = talk(context.openstack, 'block-storage');
      const now = { name: context.names.fresh('renamed'), description: 'changed' };
      const { volume } = await cinder.put(200, `/volumes/${made.id}`, { volume: now }, blockStorage.changed);
      expect(volume).to.include({ id: made.id, ...now });
      expect(await showVolume(context, made.id)).to.deep.include({ ...now, metadata, ...has });
      await cinder.delete(202, `/volumes/${made.id}`);
      await untilNoVolume(context, made.id);
    };

    it(
      'from-nothing',
      {
        title: 'is made, renamed and deleted',
        tags: ['write', 'smoke'],
        covers: [
          'tempest.api.volume.test_volumes_get.VolumesGetTest.test_volume_create_get_update_delete[id-27fb0e9f-fb64-41dd-8bdb-1ffa762f0d51]',
        ],
      },
      (context) => live(context, {}, { bootable: 'false', source_volid: null }),
    );

    it(
      'from-image',
      {
        title: 'is made of an image, renamed and deleted',
        tags: ['write', 'scenario'],
        covers: [
          'tempest.api.volume.test_volumes_get.VolumesGetTest.test_volume_create_get_update_delete_from_image[id-54a01030-c7fc-447c-86ee-c1182beae638]',
        ],
      },
      async (context) => {
        const imageRef = await makeImage(context, CONTENT);
        await live(context, { imageRef }, { bootable: 'true' });
      },
    );

    it(
      'from-volume',
      {
        title: 'is made of another volume, renamed and deleted',
        tags: ['write', 'scenario'],
        covers: [
          'tempest.api.volume.test_volumes_get.VolumesGetTest.test_volume_create_get_update_delete_as_clone[id-3f591b4a-7dc6-444c-bd51-77469506b3a1]',
        ],
      },
      (context) => live(context, { source_volid: home().id }, { source_volid: home().id }),
    );

    it(
      'bootable',
      {
        title: 'can be said to be bootable, and not',
        tags: ['write'],
        covers: [
          'tempest.api.volume.test_volumes_actions.VolumesActionsTest.test_volume_bootable[id-63e21b4c-0a0c-41f6-bfc3-7c2816815599]',
        ],
      },
      async (context) => {
        for (const bootable of [true, false]) {
          await act(context.openstack, home().id, 200, { 'os-set_bootable': { bootable } });
          expect((await showVolume(context, home().id)).bootable).to.equal(String(bootable));
        }
      },
    );

    it(
      'read-only',
      {
        title: 'can be said to be read-only, and not',
        tags: ['write'],
        covers: [
          'tempest.api.volume.test_volumes_actions.VolumesActionsTest.test_volume_readonly_update[id-fff74e1e-5bd3-4b33-9ea9-24c103bc3f59]',
        ],
      },
      async (context) => {
        for (const [readonly, says] of [
          [true, 'True'],
          [false, 'False'],
        ] as const) {
          await act(context.openstack, home().id, 202, { 'os-update_readonly_flag': { readonly } });
          expect((await showVolume(context, home().id)).metadata['readonly']).to.equal(says);
        }
      },
    );

    it(
      'upload',
      {
        title: 'becomes an image',
        tags: ['write', 'scenario'],
        covers: [
          'tempest.api.volume.test_volumes_actions.VolumesActionsTest.test_volume_upload[id-d8f1ca95-3d5b-44a3-b8ca-909691c9532d]',
        ],
      },
      async (context) => {
        const { openstack, names, make, eventually } = context;
        const image_name = names.fresh('image');
        const { 'os-volume_upload_image': uploading } = await talk(openstack, 'block-storage').post(
          202,
          `/volumes/${home().id}/action`,
          { 'os-volume_upload_image': { image_name, disk_format: 'raw', container_format: 'bare' } },
          blockStorage.uploaded,
        );
        make.undone((cleaning) =>
          cleaning.service('image').request({ method: 'DELETE', path: `/images/${uploading.image_id}` }),
        );
        const whole = await eventually(
          'the image is active',
          async () => {
            const shown = await talk(openstack, 'image').get(`/images/${uploading.image_id}`, image.image);
            expect(shown.status).to.equal('active');
            return shown;
          },
          { every: { ms: 500 } },
        );
        expect(whole).to.include({ name: image_name, disk_format: 'raw', size: 2 ** 30 });
        await untilVolume(context, home().id, 'available');
      },
    );

    it(
      'extend',
      { title: 'grows to the size that was asked for, and never shrinks', tags: ['write', 'negative'] },
      async (context) => {
        const { id } = await makeVolume(context);
        await act(context.openstack, id, 202, { 'os-extend': { new_size: 2 } });
        expect((await untilVolume(context, id, 'available')).size).to.equal(2);
        const cinder = talk(context.openstack, 'block-storage');
        const less = { 'os-extend': { new_size: 1 } };
        const { kind } = await cinder.refuses(400, 'POST', `/volumes/${id}/action`, less);
        expect(kind).to.equal('badRequest');
      },
    );

    it(
      'metadata',
      {
        title: 'has the metadata that it was given last',
        tags: ['write'],
        covers: [
          'tempest.api.volume.test_volume_metadata.VolumesMetadataTest.test_crud_volume_metadata[id-6f5b125b-f664-44bf-910f-751591fe5769]',
        ],
      },
      (context) =>
        changeMetadata(context, `/volumes/${home().id}/metadata`, {
          color: 'blue',
          shape: 'round',
          'with <&>': 'x',
        }),
    );

    it(
      'metadata-item',
      {
        title: 'has one piece of metadata changed and no other',
        tags: ['write'],
        covers: [
          'tempest.api.volume.test_volume_metadata.VolumesMetadataTest.test_update_show_volume_metadata_item[id-862261c5-8df4-475a-8c21-946e50e36a20]',
        ],
      },
      (context) => changeOnePiece(context, `/volumes/${home().id}/metadata`),
    );
  },
);
