import { expect, suite } from '../../src/conformance/index.ts';

suite('kubernetes/access', { title: 'Access', needs: ['kubernetes'] }, ({ it }) => {
  it(
    'wrong-token',
    { title: 'refuses a token that it never gave out', tags: ['read', 'negative', 'smoke'] },
    async ({ kubernetes, skip }) => {
      // A certificate is looked at before any token, so with one the wrong token would not be noticed.
      if ((await kubernetes.access()).cert !== undefined)
        skip('The kubeconfig identifies its user by a certificate.');
      const headers = { authorization: 'Bearer squall-never-got-this-token' };
      const { status, body } = await kubernetes.request<{ kind: string; reason: string }>({
        method: 'GET',
        path: '/api/v1/nodes',
        headers,
      });
      expect(status).to.equal(401);
      expect(body).to.include({ kind: 'Status', reason: 'Unauthorized' });
    },
  );
});
