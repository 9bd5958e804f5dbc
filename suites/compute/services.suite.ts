import { expect, needAdministrator, suite } from '../../src/conformance/index.ts';

interface ComputeService {
  readonly binary: string;
  readonly host: string;
  readonly status: string;
  readonly state: string;
}

suite('compute/services', { title: 'Compute services', needs: ['openstack'] }, ({ it }) => {
  it(
    'up',
    { title: 'sees every enabled nova-compute up', tags: ['read', 'admin', 'smoke'] },
    async (context) => {
      await needAdministrator(context);
      const { status, body } = await context.openstack
        .service('compute')
        .request<{ services: readonly ComputeService[] }>({ method: 'GET', path: '/os-services' });
      expect(status).to.equal(200);
      const agents = body.services.filter(
        ({ binary, status: is }) => binary === 'nova-compute' && is === 'enabled',
      );
      expect(agents.length, 'enabled nova-compute services').to.be.greaterThan(0);
      for (const { host, state } of agents) expect(state, host).to.equal('up');
    },
  );
});
