import {
  expect,
  inside,
  makeNamespace,
  podTemplate,
  podsOf,
  suite,
  untilGone,
  untilReadyPods,
  type CaseContext,
  type Fields,
  type KubernetesObject,
  type Placed,
} from '../../src/conformance/index.ts';
import { makeWorkload } from './make-workload.ts';

const NEEDS = ['kubernetes', 'whole-kubernetes', 'test-image'] as const;

const setsOf = (
  { kubernetes }: CaseContext,
  home: string,
  app: string,
): Promise<readonly KubernetesObject[]> =>
  kubernetes.list(inside(home, 'replicasets', 'apps/v1'), { labelSelector: `app=${app}` });

const makeDeployment = (context: CaseContext, home: string, more: Fields = {}): Promise<Placed> =>
  makeWorkload(context, home, {
    kind: 'Deployment',
    named: 'deployment',
    spec: () => ({ replicas: 2, ...more }),
  });

/** Changes the pods of a deployment. */
const turn = ({ kubernetes }: CaseContext, { path }: Placed, annotation: string): Promise<KubernetesObject> =>
  kubernetes.patch(path, { spec: { template: { metadata: { annotations: { turn: annotation } } } } });

/** Waits until a deployment says that all its pods are of its last change and ready. */
async function untilRolledOut(
  { kubernetes, eventually }: CaseContext,
  { path }: Placed,
  replicas: number,
): Promise<void> {
  await eventually('the deployment is rolled out', async () => {
    const now = await kubernetes.get(path);
    const status = (now?.['status'] ?? {}) as Record<string, number | undefined>;
    expect(status['observedGeneration']).to.equal(now?.metadata['generation']);
    for (const field of ['replicas', 'updatedReplicas', 'readyReplicas'])
      expect(status[field], field).to.equal(replicas);
  });
}

suite('kubernetes/deployments', { title: 'Deployments', needs: NEEDS }, ({ it, shared }) => {
  const home = shared((context) => makeNamespace(context, 'deployments'));

  it(
    'rolling-update',
    {
      title: 'replaces pods one after the other, and never has too few that are ready',
      tags: ['write', 'scenario'],
      covers: [
        '[sig-apps] Deployment RollingUpdateDeployment should delete old pods and create new ones [Conformance]',
      ],
    },
    async (context) => {
      const strategy = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } };
      const deployment = await makeDeployment(context, home(), { strategy });
      const first = await untilReadyPods(context, home(), `app=${deployment.name}`, 2);
      await turn(context, deployment, 'second');
      await untilRolledOut(context, deployment, 2);
      const second = await untilReadyPods(context, home(), `app=${deployment.name}`, 2);
      expect(second.map(({ metadata }) => metadata.annotations?.['turn'])).to.deep.equal([
        'second',
        'second',
      ]);
      const old = first.map(({ metadata }) => metadata.uid);
      expect(second.filter(({ metadata }) => old.includes(metadata.uid))).to.deep.equal([]);
    },
  );

  it(
    'recreate',
    {
      title: 'ends all old pods before it starts a new one, where it is told to',
      tags: ['write', 'scenario'],
      covers: [
        '[sig-apps] Deployment RecreateDeployment should delete old pods and create new ones [Conformance]',
      ],
    },
    async (context) => {
      const deployment = await makeDeployment(context, home(), {
        replicas: 1,
        strategy: { type: 'Recreate' },
      });
      const selector = `app=${deployment.name}`;
      const [first] = await untilReadyPods(context, home(), selector, 1);
      await turn(context, deployment, 'second');
      let both = 0;
      await context.eventually('the new pod is the only one', async () => {
        const pods = await podsOf(context, home(), selector);
        const old = pods.find(({ metadata }) => metadata.uid === first?.metadata.uid);
        if (pods.length > 1 && old?.status.phase === 'Running') both += 1;
        expect(pods.map(({ metadata }) => metadata.annotations?.['turn'])).to.deep.equal(['second']);
      });
      expect(both, 'looks that saw the old one run beside a new one').to.equal(0);
      await untilReadyPods(context, home(), selector, 1);
    },
  );

  it(
    'scale',
    {
      title: 'grows and shrinks by its scale',
      tags: ['write'],
      covers: ['[sig-apps] Deployment Deployment should have a working scale subresource [Conformance]'],
    },
    async (context) => {
      const { kubernetes } = context;
      const deployment = await makeDeployment(context, home(), { replicas: 1 });
      const path = `${deployment.path}/scale`;
      const scale = await kubernetes.get(path);
      expect((scale?.['spec'] as { replicas: number }).replicas).to.equal(1);
      for (const replicas of [3, 1]) {
        await kubernetes.patch(path, { spec: { replicas } });
        await untilReadyPods(context, home(), `app=${deployment.name}`, replicas);
        const { status } = (await kubernetes.get(path)) as unknown as { status: { selector: string } };
        expect(status.selector).to.equal(`app=${deployment.name}`);
      }
    },
  );

  it(
    'roll-over',
    {
      title: 'leaves a change that cannot start for the next one, and then goes back',
      tags: ['write', 'scenario'],
      covers: ['[sig-apps] Deployment deployment should support rollover [Conformance]'],
    },
    async (context) => {
      const deployment = await makeDeployment(context, home(), { replicas: 1 });
      const selector = `app=${deployment.name}`;
      await untilReadyPods(context, home(), selector, 1);
      const template = podTemplate(
        context,
        { app: deployment.name },
        { args: ['crash'], annotations: { turn: 'broken' } },
      );
      await context.kubernetes.patch(deployment.path, { spec: { template } });
      await context.eventually('a broken pod is there', async () => {
        const pods = await podsOf(context, home(), selector);
        expect(pods.map(({ metadata }) => metadata.annotations?.['turn'])).to.have.members([
          undefined,
          'broken',
        ]);
      });
      const good = podTemplate(context, { app: deployment.name }, { annotations: { turn: 'good' } });
      await context.kubernetes.patch(deployment.path, { spec: { template: good } });
      await untilRolledOut(context, deployment, 1);
      const [last] = await untilReadyPods(context, home(), selector, 1);
      expect(last?.metadata.annotations?.['turn']).to.equal('good');
    },
  );

  it(
    'old-sets',
    {
      title: 'forgets what it was before, but for as many turns as it is told to keep',
      tags: ['write'],
      covers: ['[sig-apps] Deployment deployment should delete old replica sets [Conformance]'],
    },
    async (context) => {
      const deployment = await makeDeployment(context, home(), { replicas: 1, revisionHistoryLimit: 0 });
      await untilRolledOut(context, deployment, 1);
      await turn(context, deployment, 'second');
      await untilRolledOut(context, deployment, 1);
      await context.eventually('one set is left', async () => {
        expect(await setsOf(context, home(), deployment.name)).to.have.length(1);
      });
    },
  );

  it(
    'collected',
    {
      title: 'takes its sets and pods away with it',
      tags: ['write', 'scenario'],
      covers: [
        '[sig-api-machinery] Garbage collector should delete RS created by deployment when not orphaning [Conformance]',
      ],
    },
    async (context) => {
      const deployment = await makeDeployment(context, home(), { replicas: 1 });
      await untilReadyPods(context, home(), `app=${deployment.name}`, 1);
      await context.kubernetes.delete(deployment.path, { propagation: 'Background' });
      await untilGone(context, deployment.path);
      await context.eventually('its sets and pods are gone', async () => {
        expect(await setsOf(context, home(), deployment.name)).to.deep.equal([]);
        expect(await podsOf(context, home(), `app=${deployment.name}`)).to.deep.equal([]);
      });
    },
  );

  it(
    'orphaned',
    {
      title: 'leaves its sets behind where it is told to, without an owner',
      tags: ['write'],
      covers: [
        '[sig-api-machinery] Garbage collector should orphan RS created by deployment when deleteOptions.PropagationPolicy is Orphan [Conformance]',
      ],
    },
    async (context) => {
      const deployment = await makeDeployment(context, home(), { replicas: 0 });
      await context.eventually('its set is there', async () => {
        expect(await setsOf(context, home(), deployment.name)).to.have.length(1);
      });
      await context.kubernetes.delete(deployment.path, { propagation: 'Orphan' });
      await untilGone(context, deployment.path);
      const left = await setsOf(context, home(), deployment.name);
      expect(left).to.have.length(1);
      expect(left[0]?.metadata.ownerReferences ?? []).to.deep.equal([]);
    },
  );
});
