import { expect, suite } from '../../src/conformance/index.ts';

suite('compute/microversions', { title: 'Microversions', needs: ['openstack'] }, ({ it }) => {
  it(
    'range',
    { title: 'tells which microversions it speaks', tags: ['read', 'smoke'] },
    async ({ openstack }) => {
      const { status, body } = await openstack
        .service('compute')
        .request<{ version: { id: string; version: string; min_version: string } }>({
          method: 'GET',
          path: '/',
        });
      expect(status).to.equal(200);
      expect(body.version.id).to.equal('v2.1');
      expect(body.version.min_version).to.equal('2.1');
      expect(Number(body.version.version.split('.')[1]), 'minor version').to.be.at.least(90);
    },
  );

  it(
    'honoured',
    { title: 'answers in the microversion that was asked for', tags: ['read'] },
    async ({ openstack }) => {
      const ask = async (
        microversion: string,
      ): Promise<{ spoken: string | undefined; hasDescription: boolean }> => {
        const answer = await openstack
          .service('compute', { microversion })
          .request<{ flavors: readonly object[] }>({
            method: 'GET',
            path: '/flavors/detail',
            query: { limit: 1 },
          });
        expect(answer.status).to.equal(200);
        expect(answer.body.flavors.length).to.equal(1);
        // Flavors have a description since 2.55.
        const hasDescription = answer.body.flavors.every((flavor) => 'description' in flavor);
        return { spoken: answer.headers['openstack-api-version'], hasDescription };
      };
      expect(await ask('2.54')).to.deep.equal({ spoken: 'compute 2.54', hasDescription: false });
      expect(await ask('2.55')).to.deep.equal({ spoken: 'compute 2.55', hasDescription: true });
    },
  );

  it(
    'too-new',
    { title: 'refuses a microversion that it does not speak', tags: ['read', 'negative'] },
    async ({ openstack }) => {
      const { status } = await openstack
        .service('compute', { microversion: '2.9999' })
        .request({ method: 'GET', path: '/flavors' });
      expect(status).to.equal(406);
    },
  );
});
