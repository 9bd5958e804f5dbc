import { expect, suite } from '../../src/conformance/index.ts';

suite('kubernetes/api-health', { title: 'API server health', needs: ['kubernetes'] }, ({ it }) => {
  for (const door of ['readyz', 'livez']) {
    it(door, { title: `says ok at /${door}`, tags: ['read', 'smoke'] }, async ({ kubernetes }) => {
      const answer = await kubernetes.request({ method: 'GET', path: `/${door}` });
      expect(answer.status).to.equal(200);
      expect(String(answer.body).trim()).to.equal('ok');
    });
  }

  it(
    'version',
    {
      title: 'tells its version',
      tags: ['read', 'smoke'],
      covers: ['[sig-api-machinery] server version should find the server version [Conformance]'],
    },
    async ({ kubernetes }) => {
      const answer = await kubernetes.request<{
        major: string;
        minor: string;
        gitVersion: string;
        platform: string;
      }>({
        method: 'GET',
        path: '/version',
      });
      expect(answer.status).to.equal(200);
      expect(answer.body.gitVersion).to.match(/^v1\.\d+\.\d+/);
      expect(answer.body.major).to.equal('1');
      expect(answer.body.gitVersion).to.contain(`v1.${String(answer.body.minor).replace(/\D+$/, '')}.`);
      expect(answer.body.platform).to.match(/^\w+\/\w+$/);
    },
  );
});
