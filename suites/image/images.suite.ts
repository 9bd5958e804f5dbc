import { expect, suite, type CaseContext, type Resource } from '../../src/conformance/index.ts';

suite('image/images', { title: 'Images', needs: ['openstack'] }, ({ it }) => {
  const create = ({ make, names }: CaseContext): Promise<Resource> =>
    make.resource({
      type: 'image',
      path: '/images',
      body: {
        name: names.fresh('image'),
        disk_format: 'raw',
        container_format: 'bare',
        visibility: 'private',
      },
    });

  it(
    'deleted',
    {
      title: 'shows and finds a new image, and no longer knows it once it is deleted',
      tags: ['write', 'negative', 'smoke'],
      covers: [
        'tempest.api.image.v2.test_images_negative.ImagesNegativeTest.test_get_delete_deleted_image[id-e57fc127-7ba0-4693-92d7-1d8a05ebcba9]',
      ],
    },
    async (context) => {
      const { id, name } = await create(context);
      const image = context.openstack.service('image');
      const shown = await image.request<Resource>({ method: 'GET', path: `/images/${id}` });
      expect(shown.status).to.equal(200);
      expect(shown.body).to.include({ id, name, status: 'queued', visibility: 'private' });
      const found = await image.request<{ images: readonly Resource[] }>({
        method: 'GET',
        path: '/images',
        query: { name: String(name) },
      });
      expect(found.body.images.map((one) => one.id)).to.deep.equal([id]);
      expect((await image.request({ method: 'DELETE', path: `/images/${id}` })).status).to.equal(204);
      expect((await image.request({ method: 'GET', path: `/images/${id}` })).status).to.equal(404);
    },
  );

  it('upload-once', { title: 'takes content only once', tags: ['write', 'negative'] }, async (context) => {
    const { id } = await create(context);
    const upload = (): Promise<{ readonly status: number }> =>
      context.openstack.service('image').request({
        method: 'PUT',
        path: `/images/${id}/file`,
        headers: { 'content-type': 'application/octet-stream' },
        body: 'Squall wrote this, and nothing boots from it.\n',
      });
    expect((await upload()).status).to.equal(204);
    expect((await upload()).status).to.equal(409);
  });

  it(
    'bad-format',
    { title: 'refuses a disk format that does not exist', tags: ['negative'] },
    async ({ openstack, names }) => {
      const body = { name: names.fresh('image'), disk_format: 'squall', container_format: 'bare' };
      const { status } = await openstack.service('image').request({ method: 'POST', path: '/images', body });
      expect(status).to.equal(400);
    },
  );
});
