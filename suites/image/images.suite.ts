import { expect, suite, type CaseContext, type Resource } from '../../src/conformance/index.ts';

const CONTENT = 'Squall wrote this, and nothing boots from it.\n';

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

  const upload = ({ openstack }: CaseContext, id: string): Promise<{ readonly status: number }> =>
    openstack.service('image').request({
      method: 'PUT',
      path: `/images/${id}/file`,
      headers: { 'content-type': 'application/octet-stream' },
      body: CONTENT,
    });

  it(
    'upload',
    {
      title: 'becomes active with its content, and gives the same back',
      tags: ['write', 'smoke', 'scenario'],
      covers: [
        'tempest.api.image.v2.test_images.BasicOperationsImagesTest.test_register_upload_get_image_file',
      ],
    },
    async (context) => {
      const image = context.openstack.service('image');
      const created = await create(context);
      expect(created['status']).to.equal('queued');
      expect((await upload(context, created.id)).status).to.equal(204);
      const shown = await image.request<Resource>({ method: 'GET', path: `/images/${created.id}` });
      expect(shown.status).to.equal(200);
      expect(shown.body).to.include({
        id: created.id,
        name: created['name'],
        status: 'active',
        size: CONTENT.length,
        visibility: 'private',
      });
      expect(shown.body['os_hash_value']).to.match(/^[0-9a-f]{128}$/);
      const content = await image.request({ method: 'GET', path: `/images/${created.id}/file` });
      expect(content.status).to.equal(200);
      expect(content.body).to.equal(CONTENT);
    },
  );

  it(
    'change',
    {
      title: 'changes a name by a JSON patch',
      tags: ['write'],
      covers: ['tempest.api.image.v2.test_images.BasicOperationsImagesTest.test_update_image'],
    },
    async (context) => {
      const { id } = await create(context);
      const image = context.openstack.service('image');
      const name = context.names.fresh('renamed');
      const changed = await image.request<Resource>({
        method: 'PATCH',
        path: `/images/${id}`,
        headers: { 'content-type': 'application/openstack-images-v2.1-json-patch' },
        body: [{ op: 'replace', path: '/name', value: name }],
      });
      expect(changed.status).to.equal(200);
      const found = await image.request<{ images: readonly Resource[] }>({
        method: 'GET',
        path: '/images',
        query: { name },
      });
      expect(found.status).to.equal(200);
      expect(found.body.images.map((one) => [one.id, one['name']])).to.deep.equal([[id, name]]);
    },
  );

  it('upload-once', { title: 'takes content only once', tags: ['write', 'negative'] }, async (context) => {
    const { id } = await create(context);
    expect((await upload(context, id)).status).to.equal(204);
    expect((await upload(context, id)).status).to.equal(409);
  });

  it(
    'deleted',
    {
      title: 'no longer knows an image that was deleted',
      tags: ['write', 'negative'],
      covers: ['tempest.api.image.v2.test_images_negative.ImagesNegativeTest.test_get_delete_deleted_image'],
    },
    async (context) => {
      const { id } = await create(context);
      const image = context.openstack.service('image');
      expect((await image.request({ method: 'DELETE', path: `/images/${id}` })).status).to.equal(204);
      expect((await image.request({ method: 'GET', path: `/images/${id}` })).status).to.equal(404);
    },
  );

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
