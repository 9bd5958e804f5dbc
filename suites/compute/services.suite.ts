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

  it(
    'hypervisors',
    { title: 'has a hypervisor for each nova-compute', tags: ['read', 'admin'] },
    async (context) => {
      await needAdministrator(context);
      const compute = context.openstack.service('compute', { microversion: '2.53' });
      const services = await compute.request<{ services: readonly ComputeService[] }>({
        method: 'GET',
        path: '/os-services',
      });
      const hosts = services.body.services
        .filter(({ binary }) => binary === 'nova-compute')
        .map(({ host }) => host);
      const { status, body } = await compute.request<{
        hypervisors: readonly {
          id: string;
          hypervisor_hostname: string;
          state: string;
          service: { host: string };
        }[];
      }>({ method: 'GET', path: '/os-hypervisors/detail' });
      expect(status).to.equal(200);
      expect(body.hypervisors.map(({ service }) => service.host)).to.have.members(hosts);
      for (const { id, state, hypervisor_hostname: name } of body.hypervisors) {
        expect(id).to.match(/^[0-9a-f-]{36}$/);
        expect(['up', 'down'], name).to.include(state);
      }
    },
  );
});
