import { expect, suite } from '../../src/conformance/index.ts';

interface Service {
  readonly type: string;
  readonly name: string;
  readonly endpoints: readonly {
    readonly interface: string;
    readonly url: string;
    readonly region_id: string;
  }[];
}

suite('identity/catalogue', { title: 'Service catalogue', needs: ['openstack'] }, ({ it }) => {
  it(
    'core-services',
    {
      title: 'names a public endpoint for each core service',
      tags: ['read', 'smoke'],
      covers: [
        'tempest.api.identity.v3.test_catalog.IdentityCatalogTest.test_catalog_standardization[id-56b57ced-22b8-4127-9b8a-565dfb0207e2]',
      ],
    },
    async ({ openstack }) => {
      const { status, body } = await openstack
        .service('identity')
        .request<{ catalog: readonly Service[] }>({ method: 'GET', path: '/auth/catalog' });
      expect(status).to.equal(200);
      for (const type of ['identity', 'compute', 'network', 'image']) {
        const service = body.catalog.find((one) => one.type === type);
        const door = service?.endpoints.find((endpoint) => endpoint.interface === 'public');
        expect(door?.url, `public endpoint of ${type}`).to.match(/^https?:\/\//);
        expect(door?.region_id, `region of ${type}`).to.be.a('string').and.not.equal('');
      }
    },
  );

  it('version', { title: 'serves version 3 of the identity API', tags: ['read'] }, async ({ openstack }) => {
    const { status, body } = await openstack
      .service('identity')
      .request<{ version: { id: string; status: string; links: readonly { rel: string; href: string }[] } }>({
        method: 'GET',
        path: '/',
      });
    expect(status).to.equal(200);
    expect(body.version.id).to.match(/^v3\.\d+/);
    expect(body.version.status).to.equal('stable');
    expect(body.version.links.map(({ rel }) => rel)).to.include('self');
  });
});
