import { expect, image, suite, talk } from '../../src/conformance/index.ts';
import { registerImage, upload } from './make-image.ts';

/** The images of this file: their formats, and how many bytes they hold; the last has no content. */
const OURS = [
  { disk_format: 'raw', container_format: 'bare', bytes: 1000 },
  { disk_format: 'qcow2', container_format: 'ovf', bytes: 2000 },
  { disk_format: 'raw', container_format: 'bare', bytes: 0 },
];

const FILTERS: readonly (readonly [
  name: string,
  title: string,
  covers: string,
  query: string,
  found: readonly number[],
  has: Readonly<Record<string, unknown>>,
])[] = [
  [
    'by-container',
    'finds images by their container',
    'tempest.api.image.v2.test_images.ListUserImagesTest.test_list_images_param_container_format[id-9959ca1d-1aa7-4b7a-a1ea-0fff0499b37e]',
    'container_format=ovf',
    [1],
    { container_format: 'ovf' },
  ],
  [
    'by-disk',
    'finds images by the format of their disk',
    'tempest.api.image.v2.test_images.ListUserImagesTest.test_list_images_param_disk_format[id-4a4735a7-f22f-49b6-b0d9-66e1ef7453eb]',
    'disk_format=raw',
    [0, 2],
    { disk_format: 'raw' },
  ],
  [
    'by-visibility',
    'finds images by who may see them',
    'tempest.api.image.v2.test_images.ListUserImagesTest.test_list_images_param_visibility[id-7a95bb92-d99e-4b12-9718-7bc6ab73e6d2]',
    'visibility=private',
    [0, 1, 2],
    { visibility: 'private' },
  ],
  [
    'by-status',
    'finds images by their status',
    'tempest.api.image.v2.test_images.ListUserImagesTest.test_list_images_param_status[id-7fc9e369-0f58-4d05-9aa5-0969e2d59d15]',
    'status=active',
    [0, 1],
    { status: 'active' },
  ],
  [
    'by-size',
    'finds images by their exact size',
    'tempest.api.image.v2.test_images.ListUserImagesTest.test_list_images_param_size[id-cf1b9a48-8340-480e-af7b-fe7e17690876]',
    'size_min=2000&size_max=2000',
    [1],
    { size: 2000 },
  ],
];

suite(
  'image/image-lists',
  { title: 'Lists of images', needs: ['whole-openstack'], user: 'ordinary' },
  ({ it, shared }) => {
    const ids = shared(async (context) => {
      const made = [];
      for (const { bytes, ...formats } of OURS) {
        const { id } = await registerImage(context, { ...formats, visibility: 'private' });
        if (bytes > 0) await upload(context, id, 'x'.repeat(bytes));
        made.push(id);
      }
      return made;
    });
    const list = async (openstack: Parameters<typeof talk>[0], query: string) =>
      (await talk(openstack, 'image').get(`/images?${query}`, image.images)).images;

    for (const [name, title, covers, query, found, has] of FILTERS) {
      it(name, { title, tags: ['read'], covers: [covers] }, async ({ openstack }) => {
        const images = await list(openstack, `limit=1000&${query}`);
        for (const one of images) expect(one, `image ${one.id}`).to.include(has);
        const ours = ids().filter((id) => images.some((one) => one.id === id));
        expect(ours).to.deep.equal(found.map((rank) => ids()[rank]));
      });
    }

    it(
      'all',
      {
        title: 'lists every image of the user',
        tags: ['read', 'smoke'],
        covers: [
          'tempest.api.image.v2.test_images.ListUserImagesTest.test_list_no_params[id-1e341d7a-90a9-494c-b143-2cdf2aeb6aee]',
        ],
      },
      async ({ openstack }) => {
        const images = await openstack.listAll('image', '/images', 'images');
        expect(images.map(({ id }) => id)).to.include.members([...ids()]);
      },
    );

    it(
      'one',
      {
        title: 'gives one image and the way to the next where one is asked for',
        tags: ['read'],
        covers: [
          'tempest.api.image.v2.test_images.ListUserImagesTest.test_list_images_param_limit[id-e914a891-3cc8-4b40-ad32-e0a39ffbddbb]',
        ],
      },
      async ({ openstack }) => {
        const page = await talk(openstack, 'image').get('/images?limit=1', image.images);
        expect(page.images).to.have.length(1);
        expect(page.next).to.contain(`marker=${page.images[0]?.id ?? ''}`);
      },
    );

    it(
      'by-size-range',
      {
        title: 'finds images between two sizes',
        tags: ['read'],
        covers: [
          'tempest.api.image.v2.test_images.ListUserImagesTest.test_list_images_param_min_max_size[id-4ad8c157-971a-4ba8-aa84-ed61154b1e7f]',
        ],
      },
      async ({ openstack }) => {
        const images = await list(openstack, 'limit=1000&size_min=500&size_max=1500');
        for (const { size, id } of images) expect(size, `size of image ${id}`).to.be.within(500, 1500);
        const found = images.map(({ id }) => id);
        expect(found).to.include(ids()[0]).and.not.include(ids()[1]);
      },
    );

    for (const [name, covers, shape, path] of [
      [
        'image-schema',
        'tempest.api.image.v2.test_images.ListUserImagesTest.test_get_image_schema[id-622b925c-479f-4736-860d-adeaf13bc371]',
        image.imageSchema,
        '/schemas/image',
      ],
      [
        'images-schema',
        'tempest.api.image.v2.test_images.ListUserImagesTest.test_get_images_schema[id-25c8d7b2-df21-460f-87ac-93130bcdc684]',
        image.imagesSchema,
        '/schemas/images',
      ],
    ] as const) {
      it(
        name,
        {
          title:
            name === 'image-schema'
              ? 'says what an image looks like'
              : 'says what a list of images looks like',
          tags: ['read'],
          covers: [covers],
        },
        async ({ openstack }) => {
          const described = await talk(openstack, 'image').get<{ name: string; properties: object }>(
            path,
            shape,
          );
          expect(described.properties).to.include.any.keys('id', 'images');
        },
      );
    }
  },
);
