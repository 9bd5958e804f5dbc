import { expect, image, suite, talk } from '../../src/conformance/index.ts';
import { makeImage, registerImage, upload } from './make-image.ts';

const KERNEL = '00000000-1111-2222-3333-444455556666';

suite(
  'image/image-life',
  { title: 'Life of an image', needs: ['whole-openstack'], user: 'ordinary' },
  ({ it }) => {
    it(
      'upload',
      {
        title: 'is queued without content, and gives the content back that it was given',
        tags: ['write', 'smoke'],
        covers: [
          'tempest.api.image.v2.test_images.BasicOperationsImagesTest.test_register_upload_get_image_file[id-139b765e-7f3d-4b3d-8b37-3ca3876ee318]',
        ],
      },
      async (context) => {
        const { openstack } = context;
        const { id, name } = await registerImage(context, { visibility: 'private', ramdisk_id: KERNEL });
        const glance = talk(openstack, 'image');
        const queued = await glance.get(`/images/${id}`, image.image);
        expect(queued).to.include({ name, status: 'queued', visibility: 'private', size: null });
        const empty = await openstack.service('image').request({ method: 'GET', path: `/images/${id}/file` });
        expect(empty.status).to.equal(204);
        const content = 'What was written must be what is read.\n'.repeat(20);
        await upload(context, id, content);
        const active = await glance.get(`/images/${id}`, image.image);
        expect(active).to.include({ id, name, status: 'active', size: content.length, ramdisk_id: KERNEL });
        expect(active.os_hash_algo).to.equal('sha512');
        const file = await openstack.service('image').request({ method: 'GET', path: `/images/${id}/file` });
        expect(file.status).to.equal(200);
        expect(file.body).to.equal(content);
      },
    );

    it(
      'delete',
      {
        title: 'is in no list when it is deleted',
        tags: ['write', 'smoke'],
        covers: [
          'tempest.api.image.v2.test_images.BasicOperationsImagesTest.test_delete_image[id-f848bb94-1c6e-45a4-8726-39e3a5b23535]',
        ],
      },
      async (context) => {
        const { id } = await registerImage(context);
        const glance = talk(context.openstack, 'image');
        const before = await glance.get('/images?limit=1000', image.images);
        expect(before.images.map((one) => one.id)).to.include(id);
        await glance.delete(204, `/images/${id}`);
        const after = await glance.get('/images?limit=1000', image.images);
        expect(after.images.map((one) => one.id)).to.not.include(id);
      },
    );

    it(
      'rename',
      {
        title: 'takes another name',
        tags: ['write', 'smoke'],
        covers: [
          'tempest.api.image.v2.test_images.BasicOperationsImagesTest.test_update_image[id-f66891a7-a35c-41a8-b590-a065c2a1caa6]',
        ],
      },
      async (context) => {
        const { id } = await registerImage(context);
        const glance = talk(context.openstack, 'image');
        const value = context.names.fresh('renamed');
        const patched = await glance.patch(
          200,
          `/images/${id}`,
          [{ op: 'replace', path: '/name', value }],
          image.image,
        );
        expect(patched.name).to.equal(value);
        expect((await glance.get(`/images/${id}`, image.image)).name).to.equal(value);
      },
    );

    it(
      'tags',
      {
        title: 'has a tag from when it is given it until it is taken away',
        tags: ['write'],
        covers: [
          'tempest.api.image.v2.test_images_tags.ImagesTagsTest.test_update_delete_tags_for_image[id-10407036-6059-4f95-a2cd-cbbbee7ed329]',
        ],
      },
      async (context) => {
        const { id } = await registerImage(context);
        const glance = talk(context.openstack, 'image');
        await glance.put(204, `/images/${id}/tags/blue`, undefined);
        expect((await glance.get(`/images/${id}`, image.image)).tags).to.include('blue');
        await glance.delete(204, `/images/${id}/tags/blue`);
        expect((await glance.get(`/images/${id}`, image.image)).tags).to.not.include('blue');
      },
    );

    it(
      'missing-tag',
      {
        title: 'loses no tag that it does not have',
        tags: ['negative'],
        covers: [
          'tempest.api.image.v2.test_images_tags_negative.ImagesTagsNegativeTest.test_delete_non_existing_tag[id-39c023a2-325a-433a-9eea-649bf1414b19]',
        ],
      },
      async (context) => {
        const { id } = await registerImage(context);
        const glance = talk(context.openstack, 'image');
        const { message } = await glance.refuses(404, 'DELETE', `/images/${id}/tags/blue`);
        expect(message).to.not.equal('');
        await glance.get(`/images/${id}`, image.image);
      },
    );

    it(
      'protected',
      { title: 'is not deleted while it is protected', tags: ['write', 'negative'] },
      async (context) => {
        const { id } = await registerImage(context, { protected: true });
        const glance = talk(context.openstack, 'image');
        const open = [{ op: 'replace', path: '/protected', value: false }];
        // Where the case got so far, it is open, and gone.
        context.make.undone((cleaning) =>
          talk(cleaning, 'image')
            .patch(200, `/images/${id}`, open)
            .catch(() => undefined),
        );
        await glance.refuses(403, 'DELETE', `/images/${id}`);
        expect((await glance.patch(200, `/images/${id}`, open, image.image)).protected).to.equal(false);
        await glance.delete(204, `/images/${id}`);
      },
    );

    it(
      'deactivate',
      {
        title: 'gives its content to no ordinary user while an administrator has it deactivated',
        tags: ['write', 'negative', 'admin'],
      },
      async (context) => {
        const admin = talk(await context.administrator(), 'image');
        const id = await makeImage(context);
        const read = async () =>
          (await context.openstack.service('image').request({ method: 'GET', path: `/images/${id}/file` }))
            .status;
        expect(await read()).to.equal(200);
        await admin.post(204, `/images/${id}/actions/deactivate`, undefined);
        expect(await read()).to.equal(403);
        await admin.post(204, `/images/${id}/actions/reactivate`, undefined);
        expect(await read()).to.equal(200);
      },
    );
  },
);
