import { expect, makeNamespace, suite, type KubernetesObject } from '../../src/conformance/index.ts';

interface Lease extends KubernetesObject {
  readonly spec: {
    readonly holderIdentity?: string;
    readonly renewTime?: string;
    readonly leaseDurationSeconds?: number;
  };
}

const LEASES = '/apis/coordination.k8s.io/v1/namespaces';

suite('kubernetes/leases', { title: 'Leases', needs: ['kubernetes'] }, ({ it, shared }) => {
  const home = shared(async (context) => `${LEASES}/${await makeNamespace(context, 'leases')}/leases`);

  it(
    'node-renewed',
    { title: 'is renewed by the node that holds it', tags: ['read'] },
    async ({ kubernetes, eventually }) => {
      const [node] = await kubernetes.list('/api/v1/nodes');
      const path = `${LEASES}/kube-node-lease/leases/${node?.metadata.name}`;
      const first = (await kubernetes.get(path)) as Lease | undefined;
      expect(first?.spec.holderIdentity).to.equal(node?.metadata.name);
      expect(first?.spec.renewTime).to.be.a('string');
      const renewed = async (): Promise<void> => {
        const now = (await kubernetes.get(path)) as Lease | undefined;
        expect(Date.parse(now?.spec.renewTime ?? '')).to.be.greaterThan(
          Date.parse(first?.spec.renewTime ?? ''),
        );
      };
      await eventually('the node renews its lease', renewed);
    },
  );

  it(
    'leaders',
    { title: 'names a leader for the scheduler and the controllers', tags: ['read', 'smoke'] },
    async ({ kubernetes }) => {
      for (const name of ['kube-scheduler', 'kube-controller-manager']) {
        const lease = (await kubernetes.get(`${LEASES}/kube-system/leases/${name}`)) as Lease | undefined;
        expect(lease?.spec.holderIdentity, name).to.be.a('string').and.not.equal('');
        expect(lease?.spec.leaseDurationSeconds, name).to.be.a('number').and.greaterThan(0);
      }
    },
  );

  it(
    'contested',
    { title: 'goes to one of two who ask for it at the same version', tags: ['write', 'negative'] },
    async ({ kubernetes, make, names }) => {
      const name = names.fresh('lease');
      const created = await make.object(home(), {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name },
        spec: { holderIdentity: 'nobody', leaseDurationSeconds: 15 },
      });
      const path = `${home()}/${name}`;
      const claim = (holderIdentity: string): object => ({
        ...created,
        spec: { holderIdentity, leaseDurationSeconds: 15 },
      });
      const answers = await Promise.all(
        ['first', 'second'].map((holder) =>
          kubernetes.request<Lease>({ method: 'PUT', path, body: claim(holder) }),
        ),
      );
      expect(answers.map(({ status }) => status)).to.have.members([200, 409]);
      const winner = answers.find(({ status }) => status === 200)?.body.spec.holderIdentity;
      const read = (await kubernetes.get(path)) as Lease | undefined;
      expect(read?.spec.holderIdentity).to.equal(winner);
      expect(read?.metadata.resourceVersion).to.not.equal(created.metadata.resourceVersion);
    },
  );
});
