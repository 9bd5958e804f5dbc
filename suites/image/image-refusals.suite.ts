import { expect, image, suite, talk } from '../../src/conformance/index.ts';
import { registerImage } from './make-image.ts';

const NOWHERE = '/images/00000000-0000-4000-8000-000000000000';

const REFUSED: readonly (readonly [
  name: string,
  title: string,
  covers: string,
  ask: readonly [status: number, method: string, path: string, body?: object],
])[] = [
  [
    'show-missing',
    'does not know an image that is not there',
    'tempest.api.image.v2.test_images_negative.ImagesNegativeTest.test_get_non_existent_image[id-668743d5-08ad-4480-b2b8-15da34f81d9f]',
    [404, 'GET', NOWHERE],
  ],
  [
    'delete-missing',
    'deletes no image that is not there',
    'tempest.api.image.v2.test_images_negative.ImagesNegativeTest.test_delete_non_existing_image[id-6fe40f1c-57bd-4918-89cc-8500f850f3de]',
    [404, 'DELETE', NOWHERE],
  ],
  [
    'show-nothing',
    'shows no image without an id',
    'tempest.api.image.v2.test_images_negative.ImagesNegativeTest.test_get_image_null_id[id-ef45000d-0a72-4781-866d-4cb7bf2562ad]',
    [404, 'GET', '/images/'],
  ],
  [
    'delete-nothing',
    'deletes no image without an id',
    'tempest.api.image.v2.test_images_negative.ImagesNegativeTest.test_delete_image_null_id[id-32248db1-ab88-4821-9604-c7c369f1f88c]',
    [404, 'DELETE', '/images/'],
  ],
  [
    'bad-container',
    'registers no image in a container that does not exist',
    'tempest.api.image.v2.test_images_negative.ImagesNegativeTest.test_register_with_invalid_container_format[id-292bd310-369b-41c7-a7a3-10276ef76753]',
    [400, 'POST', '/images', { container_format: 'squall', disk_format: 'raw' }],
  ],
  [
    'bad-disk',
    'registers no image with a disk that does not exist',
    'tempest.api.image.v2.test_images_negative.ImagesNegativeTest.test_register_with_invalid_disk_format[id-70c6040c-5a97-4111-9e13-e73665264ce1]',
    [400, 'POST', '/images', { container_format: 'bare', disk_format: 'squall' }],
  ],
  [
    'tag-missing',
    'tags no image that is not there',
    'tempest.api.image.v2.test_images_tags_negative.ImagesTagsNegativeTest.test_update_tags_for_non_existing_image[id-8cd30f82-6f9a-4c6e-8034-c1b51fba43d9]',
    [404, 'PUT', `${NOWHERE}/tags/blue`],
  ],
];

suite(
  'image/image-refusals',
  { title: 'What the image service refuses', needs: ['whole-openstack'], user: 'ordinary' },
  ({ it }) => {
    for (const [name, title, covers, [status, method, path, body]] of REFUSED) {
      it(name, { title, tags: ['negative'], covers: [covers] }, async ({ openstack }) => {
        const { message } = await talk(openstack, 'image').refuses(status, method, path, body);
        expect(message).to.contain(String(status));
      });
    }

    it(
      'deleted',
      {
        title: 'neither shows nor deletes an image again that was deleted',
        tags: ['negative', 'write'],
        covers: [
          'tempest.api.image.v2.test_images_negative.ImagesNegativeTest.test_get_delete_deleted_image[id-e57fc127-7ba0-4693-92d7-1d8a05ebcba9]',
        ],
      },
      async (context) => {
        const { id } = await registerImage(context);
        const glance = talk(context.openstack, 'image');
        await glance.get(`/images/${id}`, image.image);
        await glance.delete(204, `/images/${id}`);
        await glance.refuses(404, 'GET', `/images/${id}`);
        await glance.refuses(404, 'DELETE', `/images/${id}`);
      },
    );
  },
);
