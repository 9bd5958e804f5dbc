import { expect, makeNamespace, suite, type KubernetesObject } from '../../src/conformance/index.ts';

interface Deployment extends KubernetesObject {
  readonly spec: {
    readonly replicas: number;
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
  };
  readonly status: {
    readonly observedGeneration?: number;
    readonly readyReplicas?: number;
    readonly updatedReplicas?: number;
  };
}

interface Pod extends KubernetesObject {
  readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

const SYSTEM_DEPLOYMENTS = '/apis/apps/v1/namespaces/kube-system/deployments';
const generationOf = ({ metadata }: KubernetesObject): number => Number(metadata['generation']);

suite('kubernetes/workloads', { title: 'Workloads', needs: ['kubernetes'] }, ({ it, shared }) => {
  const home = shared(
    async (context) => `/apis/apps/v1/namespaces/${await makeNamespace(context, 'workloads')}/deployments`,
  );

  it(
    'dns-complete',
    { title: 'has all replicas of the DNS deployment ready', tags: ['read', 'smoke'] },
    async ({ kubernetes }) => {
      const listed = (await kubernetes.list(SYSTEM_DEPLOYMENTS, {
        labelSelector: 'k8s-app=kube-dns',
      })) as readonly Deployment[];
      expect(listed.length, 'DNS deployments').to.equal(1);
      for (const deployment of listed) {
        expect(deployment.spec.replicas).to.be.greaterThan(0);
        expect(deployment.status.readyReplicas).to.equal(deployment.spec.replicas);
        expect(deployment.status.observedGeneration).to.equal(generationOf(deployment));
      }
    },
  );

  it(
    'ready-pods-counted',
    { title: 'counts as ready the pods that are ready', tags: ['read'] },
    async ({ kubernetes, eventually }) => {
      const counted = async (): Promise<void> => {
        const [deployment] = (await kubernetes.list(SYSTEM_DEPLOYMENTS, {
          labelSelector: 'k8s-app=kube-dns',
        })) as readonly Deployment[];
        const labels = Object.entries(deployment?.spec.selector.matchLabels ?? {});
        expect(labels).to.not.deep.equal([]);
        const labelSelector = labels.map(([name, value]) => `${name}=${value}`).join(',');
        const pods = (await kubernetes.list('/api/v1/namespaces/kube-system/pods', {
          labelSelector,
        })) as readonly Pod[];
        const ready = pods.filter(({ status }) =>
          status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
        );
        expect(ready.length).to.equal(deployment?.status.readyReplicas);
      };
      // A pod and its deployment are written one after the other.
      await eventually('the count is that of the ready pods', counted, { within: { ms: 5000 } });
    },
  );

  it(
    'generation-observed',
    { title: 'notices a new deployment and each change to it', tags: ['write'] },
    async ({ kubernetes, make, names, eventually }) => {
      const name = names.fresh('idle');
      const labels = { app: name };
      // Without replicas no image is pulled, so it is the controller alone that is looked at.
      const created = (await make.object(home(), {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name },
        spec: {
          replicas: 0,
          selector: { matchLabels: labels },
          template: {
            metadata: { labels },
            spec: { containers: [{ name: 'idle', image: 'registry.k8s.io/pause:3.10' }] },
          },
        },
      })) as Deployment;
      expect(generationOf(created)).to.equal(1);
      const path = `${home()}/${name}`;
      const observed = async (): Promise<void> => {
        const now = (await kubernetes.get(path)) as Deployment | undefined;
        expect(now?.status.observedGeneration).to.equal(now === undefined ? -1 : generationOf(now));
      };
      await eventually('the controller has seen the deployment', observed);
      const changed = await kubernetes.patch(path, {
        spec: { template: { metadata: { annotations: { turn: '2' } } } },
      });
      expect(generationOf(changed)).to.equal(2);
      await eventually('the controller has seen the change', observed);
    },
  );

  it(
    'selector-mismatch',
    { title: 'refuses a deployment that does not select its own pods', tags: ['negative'] },
    async ({ kubernetes, names }) => {
      const name = names.fresh('mismatch');
      const body = {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name },
        spec: {
          replicas: 0,
          selector: { matchLabels: { app: 'one' } },
          template: {
            metadata: { labels: { app: 'other' } },
            spec: { containers: [{ name: 'idle', image: 'registry.k8s.io/pause:3.10' }] },
          },
        },
      };
      const refused = await kubernetes.request<{ reason: string }>({ method: 'POST', path: home(), body });
      expect(refused.status).to.equal(422);
      expect(refused.body.reason).to.equal('Invalid');
    },
  );
});
