import { expect, suite, type KubernetesObject } from '../../src/conformance/index.ts';

interface Pod extends KubernetesObject {
  readonly spec: { readonly nodeName?: string };
  readonly status: {
    readonly phase: string;
    readonly podIP?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

const SYSTEM_PODS = '/api/v1/namespaces/kube-system/pods';

suite('kubernetes/pods', { title: 'Pods', needs: ['kubernetes'] }, ({ it }) => {
  it(
    'dns-ready',
    { title: 'runs a ready DNS pod, found by its label', tags: ['read', 'smoke'] },
    async ({ kubernetes }) => {
      const pods = (await kubernetes.list(SYSTEM_PODS, {
        labelSelector: 'k8s-app=kube-dns',
      })) as readonly Pod[];
      const ready = pods.filter(({ status }) =>
        status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
      );
      expect(ready.length, 'ready DNS pods').to.be.greaterThan(0);
      for (const { metadata, spec, status } of ready) {
        expect(metadata.labels?.['k8s-app']).to.equal('kube-dns');
        expect(status.phase).to.equal('Running');
        expect(spec.nodeName).to.be.a('string').and.not.equal('');
      }
    },
  );

  it(
    'field-selector',
    { title: 'lists by field what has that value, and nothing else', tags: ['read'] },
    async ({ kubernetes }) => {
      const all = (await kubernetes.list(SYSTEM_PODS)) as readonly Pod[];
      const node = all.find(({ status }) => status.phase === 'Running')?.spec.nodeName;
      const expected = all.filter(({ spec }) => spec.nodeName === node).map(({ metadata }) => metadata.name);
      const listed = (await kubernetes.list(SYSTEM_PODS, {
        fieldSelector: `spec.nodeName=${node}`,
      })) as readonly Pod[];
      expect(listed.map(({ metadata }) => metadata.name)).to.have.members(expected);
      expect(listed.every(({ spec }) => spec.nodeName === node)).to.equal(true);
    },
  );

  it(
    'missing',
    { title: 'does not know a pod that is not there', tags: ['read', 'negative'] },
    async ({ kubernetes, names }) => {
      const name = names.fresh('missing');
      const answer = await kubernetes.request<{
        kind: string;
        reason: string;
        details: { name: string; kind: string };
      }>({
        method: 'GET',
        path: `${SYSTEM_PODS}/${name}`,
      });
      expect(answer.status).to.equal(404);
      expect(answer.body).to.include({ kind: 'Status', reason: 'NotFound' });
      expect(answer.body.details).to.deep.include({ name, kind: 'pods' });
    },
  );

  it(
    'bad-selector',
    { title: 'refuses a selector that does not parse', tags: ['read', 'negative'] },
    async ({ kubernetes }) => {
      const answer = await kubernetes.request<{ kind: string; reason: string }>({
        method: 'GET',
        path: SYSTEM_PODS,
        query: { labelSelector: 'tier in (one' },
      });
      expect(answer.status).to.equal(400);
      expect(answer.body).to.include({ kind: 'Status', reason: 'BadRequest' });
    },
  );
});
