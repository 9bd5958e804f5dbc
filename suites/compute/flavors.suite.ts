import { expect, suite, type Resource } from '../../src/conformance/index.ts';

suite('compute/flavors', { title: 'Flavors', needs: ['openstack'] }, ({ it }) => {
  it(
    'show',
    {
      title: 'shows each flavor as the list does',
      tags: ['read', 'smoke'],
    },
    async ({ openstack }) => {
      const compute = openstack.service('compute');
      const listed = await compute.request<{ flavors: readonly Resource[] }>({
        method: 'GET',
        path: '/flavors/detail',
        query: { limit: 3 },
      });
      expect(listed.status).to.equal(200);
      expect(listed.body.flavors.length).to.be.greaterThan(0);
      for (const flavor of listed.body.flavors) {
        expect(flavor['vcpus']).to.be.a('number').and.greaterThan(0);
        expect(flavor['ram']).to.be.a('number').and.greaterThan(0);
        const { status, body } = await compute.request<{ flavor: Resource }>({
          method: 'GET',
          path: `/flavors/${flavor.id}`,
        });
        expect(status).to.equal(200);
        for (const field of ['id', 'name', 'vcpus', 'ram', 'disk'])
          expect(body.flavor[field], field).to.equal(flavor[field]);
      }
    },
  );

  it(
    'paging',
    {
      title: 'hands out the list in pages without a repetition',
      tags: ['read'],
    },
    async ({ openstack }) => {
      const compute = openstack.service('compute');
      const page = async (query: Record<string, string | number>): Promise<readonly string[]> => {
        const { status, body } = await compute.request<{ flavors: readonly Resource[] }>({
          method: 'GET',
          path: '/flavors',
          query,
        });
        expect(status).to.equal(200);
        return body.flavors.map(({ id }) => id);
      };
      const [first, ...more] = await page({ limit: 1 });
      expect(first).to.be.a('string');
      expect(more).to.deep.equal([]);
      const all = (await openstack.listAll('compute', '/flavors', 'flavors')).map(({ id }) => id);
      expect(all[0]).to.equal(first);
      expect(await page({ limit: 1, marker: first ?? '' })).to.deep.equal(all.slice(1, 2));
    },
  );

  it(
    'missing',
    { title: 'does not know a flavor that is not there', tags: ['read', 'negative'] },
    async ({ openstack }) => {
      const { status, body } = await openstack
        .service('compute')
        .request<{ itemNotFound: { code: number } }>({
          method: 'GET',
          path: '/flavors/squall-no-such-flavor',
        });
      expect(status).to.equal(404);
      expect(body.itemNotFound.code).to.equal(404);
    },
  );
});
