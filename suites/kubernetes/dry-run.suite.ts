import { expect, suite, type KubernetesObject } from '../../src/conformance/index.ts';

suite('kubernetes/dry-run', { title: 'Dry run', needs: ['kubernetes'] }, ({ it }) => {
  it(
    'create',
    { title: 'answers as if it had created, and creates nothing', tags: ['negative'] },
    async ({ kubernetes, names }) => {
      const name = names.fresh('dry');
      const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
      const answer = await kubernetes.request<KubernetesObject>({
        method: 'POST',
        path: '/api/v1/namespaces',
        query: { dryRun: 'All' },
        body,
      });
      expect(answer.status).to.equal(201);
      expect(answer.body.metadata.name).to.equal(name);
      expect(
        (await kubernetes.request({ method: 'GET', path: `/api/v1/namespaces/${name}` })).status,
      ).to.equal(404);
    },
  );
});
