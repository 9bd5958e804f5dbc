import { expect, suite } from '../../src/conformance/index.ts';

const NAMESPACES = '/api/v1/namespaces';

interface Status {
  readonly kind: string;
  readonly status: string;
  readonly reason: string;
  readonly code: number;
}

const namespace = (name: string): { apiVersion: string; kind: string; metadata: { name: string } } => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name },
});

suite('kubernetes/namespaces', { title: 'Namespaces', needs: ['kubernetes'] }, ({ it }) => {
  it(
    'create',
    { title: 'creates an active namespace that is found by its label', tags: ['write'] },
    async ({ kubernetes, make, names, owner }) => {
      const name = names.fresh('namespace');
      const created = await make.object(NAMESPACES, namespace(name));
      expect(created.metadata.uid).to.be.a('string').and.not.equal('');
      const read = await kubernetes.get(`${NAMESPACES}/${name}`);
      expect(read?.metadata.uid).to.equal(created.metadata.uid);
      expect(read?.['status']).to.deep.include({ phase: 'Active' });
      const listed = await kubernetes.list(NAMESPACES, { labelSelector: `${owner.label}=${owner.value}` });
      expect(listed.map(({ metadata }) => metadata.uid)).to.include(created.metadata.uid);
    },
  );

  it(
    'taken-name',
    { title: 'refuses a name that is taken', tags: ['write', 'negative'] },
    async ({ kubernetes, make, names }) => {
      const name = names.fresh('namespace');
      await make.object(NAMESPACES, namespace(name));
      const again = await kubernetes.request<Status>({
        method: 'POST',
        path: NAMESPACES,
        body: namespace(name),
      });
      expect(again.status).to.equal(409);
      expect(again.body).to.include({
        kind: 'Status',
        status: 'Failure',
        reason: 'AlreadyExists',
        code: 409,
      });
    },
  );

  it(
    'invalid-name',
    { title: 'refuses a name that is no DNS label', tags: ['negative'] },
    async ({ kubernetes }) => {
      const { status, body } = await kubernetes.request<Status>({
        method: 'POST',
        path: NAMESPACES,
        body: namespace('Not_A_Label'),
      });
      expect(status).to.equal(422);
      expect(body).to.include({ kind: 'Status', reason: 'Invalid' });
    },
  );

  it(
    'delete-with-content',
    {
      title: 'takes what is in a namespace away with it',
      tags: ['write'],
      covers: [
        '[sig-api-machinery] Namespaces [Serial] should ensure that all services are removed when a namespace is deleted [Conformance]',
      ],
    },
    async ({ kubernetes, make, names, eventually }) => {
      const name = names.fresh('namespace');
      await make.object(NAMESPACES, namespace(name));
      const inside = `${NAMESPACES}/${name}/configmaps`;
      const config = names.fresh('config');
      await make.object(inside, {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: config },
        data: { a: '1' },
      });
      expect(await kubernetes.get(`${inside}/${config}`)).to.not.equal(undefined);
      expect(await kubernetes.delete(`${NAMESPACES}/${name}`)).to.equal(true);
      const gone = async (path: string): Promise<void> => {
        expect((await kubernetes.request({ method: 'GET', path })).status, path).to.equal(404);
      };
      await eventually('the content is gone', () => gone(`${inside}/${config}`));
      await eventually('the namespace is gone', () => gone(`${NAMESPACES}/${name}`));
    },
  );
});
