import { expect, suite } from '../../src/conformance/index.ts';

interface ResourceList {
  readonly kind: string;
  readonly groupVersion: string;
  readonly resources: readonly {
    readonly name: string;
    readonly namespaced: boolean;
    readonly kind: string;
    readonly verbs: readonly string[];
  }[];
}

suite('kubernetes/discovery', { title: 'Discovery', needs: ['kubernetes'] }, ({ it }) => {
  it(
    'core-resources',
    { title: 'lists the resources of the core group', tags: ['read'] },
    async ({ kubernetes }) => {
      const { status, body } = await kubernetes.request<ResourceList>({ method: 'GET', path: '/api/v1' });
      expect(status).to.equal(200);
      expect(body).to.include({ kind: 'APIResourceList', groupVersion: 'v1' });
      const byName = new Map(body.resources.map((resource) => [resource.name, resource]));
      expect(byName.get('pods')).to.include({ kind: 'Pod', namespaced: true });
      expect(byName.get('nodes')).to.include({ kind: 'Node', namespaced: false });
      expect(byName.get('configmaps')?.verbs).to.include.members([
        'create',
        'delete',
        'get',
        'list',
        'patch',
        'update',
        'watch',
      ]);
    },
  );

  it(
    'groups',
    {
      title: 'prefers apps/v1 for workloads',
      tags: ['read'],
      covers: [
        '[sig-api-machinery] Discovery should validate PreferredVersion for each APIGroup [Conformance]',
      ],
    },
    async ({ kubernetes }) => {
      const { status, body } = await kubernetes.request<{
        groups: readonly {
          name: string;
          versions: readonly { groupVersion: string }[];
          preferredVersion: { groupVersion: string };
        }[];
      }>({ method: 'GET', path: '/apis' });
      expect(status).to.equal(200);
      const apps = body.groups.find(({ name }) => name === 'apps');
      expect(apps?.preferredVersion.groupVersion).to.equal('apps/v1');
      expect(apps?.versions.map(({ groupVersion }) => groupVersion)).to.include('apps/v1');
    },
  );

  it(
    'unknown-group',
    { title: 'does not know a group that nobody serves', tags: ['read', 'negative'] },
    async ({ kubernetes }) => {
      const { status } = await kubernetes.request({
        method: 'GET',
        path: '/apis/nobody.squall.dev/v1/things',
      });
      expect(status).to.equal(404);
    },
  );
});
