import { expect, needService, suite, type Resource } from '../../src/conformance/index.ts';

suite('block-storage/volumes', { title: 'Volumes', needs: ['openstack'] }, ({ it, beforeEach }) => {
  beforeEach((context) => needService(context, 'block-storage'));

  it(
    'life-cycle',
    {
      title: 'becomes available, is found by its name, and is gone after its deletion',
      tags: ['write', 'scenario'],
    },
    async ({ openstack, make, names, owner, eventually }) => {
      const name = names.fresh('volume');
      const { id } = await make.resource({
        type: 'block-storage',
        path: '/volumes',
        key: 'volume',
        body: { name, size: 1 },
      });
      const storage = openstack.service('block-storage');
      const show = async (): Promise<Resource> => {
        const { status, body } = await storage.request<{ volume: Resource }>({
          method: 'GET',
          path: `/volumes/${id}`,
        });
        expect(status).to.equal(200);
        expect(body.volume['status']).to.equal('available');
        return body.volume;
      };
      const volume = await eventually('the volume is available', show);
      expect(volume).to.include({ id, name, size: 1 });
      expect(volume['metadata']).to.deep.include({ [owner.key]: owner.value });
      const found = await storage.request<{ volumes: readonly Resource[] }>({
        method: 'GET',
        path: '/volumes',
        query: { name },
      });
      expect(found.body.volumes.map((one) => one.id)).to.deep.equal([id]);
      expect((await storage.request({ method: 'DELETE', path: `/volumes/${id}` })).status).to.equal(202);
      const gone = async (): Promise<void> => {
        expect((await storage.request({ method: 'GET', path: `/volumes/${id}` })).status).to.equal(404);
      };
      await eventually('the volume is gone', gone);
    },
  );

  it(
    'no-size',
    {
      title: 'refuses a volume of no size',
      tags: ['negative'],
      covers: [
        'tempest.api.volume.test_volumes_negative.VolumesNegativeTest.test_create_volume_with_size_zero[id-41331caa-eaf4-4001-869d-bc18c1869360]',
      ],
    },
    async ({ openstack, names }) => {
      const volume = { name: names.fresh('volume'), size: 0 };
      const { status, body } = await openstack
        .service('block-storage')
        .request<{ badRequest: { code: number } }>({ method: 'POST', path: '/volumes', body: { volume } });
      expect(status).to.equal(400);
      expect(body.badRequest.code).to.equal(400);
    },
  );

  it(
    'missing',
    { title: 'does not know a volume that is not there', tags: ['read', 'negative', 'smoke'] },
    async ({ openstack }) => {
      const path = '/volumes/00000000-0000-4000-8000-000000000000';
      const { status, body } = await openstack
        .service('block-storage')
        .request<{ itemNotFound: { code: number } }>({ method: 'GET', path });
      expect(status).to.equal(404);
      expect(body.itemNotFound.code).to.equal(404);
    },
  );
});
