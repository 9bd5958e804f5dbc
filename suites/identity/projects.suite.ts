import {
  expect,
  needAdministrator,
  suite,
  type CaseContext,
  type Resource,
} from '../../src/conformance/index.ts';

suite('identity/projects', { title: 'Projects', needs: ['openstack'] }, ({ it }) => {
  const create = async (context: CaseContext): Promise<Resource> => {
    await needAdministrator(context);
    const body = { name: context.names.fresh('project'), domain_id: 'default', enabled: true };
    return context.make.resource({ type: 'identity', path: '/projects', key: 'project', body });
  };

  it(
    'life-cycle',
    {
      title: 'creates, shows, changes and finds a project',
      tags: ['write', 'admin'],
    },
    async (context) => {
      const project = await create(context);
      const identity = context.openstack.service('identity');
      const path = `/projects/${project.id}`;
      expect(project).to.include({ enabled: true, domain_id: 'default' });
      const changed = await identity.request({
        method: 'PATCH',
        path,
        body: { project: { description: 'changed' } },
      });
      expect(changed.status).to.equal(200);
      const shown = await identity.request<{ project: Resource }>({ method: 'GET', path });
      expect(shown.status).to.equal(200);
      expect(shown.body.project).to.include({
        id: project.id,
        name: project['name'],
        description: 'changed',
        enabled: true,
      });
      const found = await identity.request<{ projects: readonly Resource[] }>({
        method: 'GET',
        path: '/projects',
        query: { name: String(project['name']) },
      });
      expect(found.body.projects.map(({ id }) => id)).to.deep.equal([project.id]);
    },
  );

  it(
    'taken-name',
    { title: 'refuses a name that is taken in its domain', tags: ['write', 'negative', 'admin'] },
    async (context) => {
      const project = await create(context);
      const again = await context.openstack.service('identity').request<{ error: { code: number } }>({
        method: 'POST',
        path: '/projects',
        body: { project: { name: project['name'], domain_id: 'default' } },
      });
      expect(again.status).to.equal(409);
      expect(again.body.error.code).to.equal(409);
    },
  );

  it(
    'missing',
    { title: 'does not know a project that is not there', tags: ['read', 'negative', 'admin'] },
    async (context) => {
      await needAdministrator(context);
      const path = `/projects/${'0'.repeat(32)}`;
      const { status, body } = await context.openstack
        .service('identity')
        .request<{ error: { code: number; title: string } }>({ method: 'GET', path });
      expect(status).to.equal(404);
      expect(body.error).to.include({ code: 404, title: 'Not Found' });
    },
  );
});
