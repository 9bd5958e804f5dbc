import {
  expect,
  inside,
  makeNamespace,
  podTemplate,
  podsOf,
  suite,
  untilPod,
  untilReadyPods,
  type CaseContext,
  type Fields,
  type Placed,
} from '../../src/conformance/index.ts';
import { makeWorkload } from './make-workload.ts';

const NEEDS = ['kubernetes', 'whole-kubernetes', 'test-image'] as const;

const makeSet = (context: CaseContext, home: string, more: Fields = {}): Promise<Placed> =>
  makeWorkload(context, home, {
    kind: 'StatefulSet',
    named: 'set',
    spec: (name) => ({ serviceName: name, replicas: 2, ...more }),
  });

suite('kubernetes/stateful-sets', { title: 'Stateful sets', needs: NEEDS }, ({ it, shared }) => {
  const home = shared((context) => makeNamespace(context, 'sets'));

  it(
    'in-order',
    {
      title: 'starts a pod only when the one before it is ready',
      tags: ['write', 'scenario'],
      covers: [
        '[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic] Scaling should happen in predictable order and halt if any stateful pod is unhealthy [Slow] [Conformance]',
      ],
    },
    async (context) => {
      const readinessProbe = { httpGet: { path: '/readyz', port: 8080 }, periodSeconds: 1 };
      const name = 'in-order';
      const template = podTemplate(
        context,
        { app: name },
        { args: ['serve', '-unready'], container: { readinessProbe } },
      );
      const set = await makeSet(context, home(), { selector: { matchLabels: { app: name } }, template });
      const pod = (n: number): Placed => ({
        name: `${set.name}-${n}`,
        path: `${inside(home(), 'pods')}/${set.name}-${n}`,
      });
      await untilPod(context, pod(0), 'it runs', ({ status }) => status.phase === 'Running');
      await context.sleep({ ms: 2000 });
      expect(await podsOf(context, home(), `app=${name}`)).to.have.length(1);
      await context.kubernetes.request({
        method: 'GET',
        path: `${pod(0).path}:8080/proxy/ready`,
        query: { value: true },
      });
      await untilPod(context, pod(1), 'it runs', ({ status }) => status.phase === 'Running');
    },
  );

  it(
    'same-name-again',
    {
      title: 'gives a pod that was deleted back under its name',
      tags: ['write', 'scenario'],
      covers: [
        '[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic] Should recreate evicted statefulset [Conformance]',
      ],
    },
    async (context) => {
      const set = await makeSet(context, home(), { replicas: 1 });
      const [first] = await untilReadyPods(context, home(), `app=${set.name}`, 1);
      await context.kubernetes.delete(`${inside(home(), 'pods')}/${set.name}-0`);
      await context.eventually('another pod is there', async () => {
        const [second] = await podsOf(context, home(), `app=${set.name}`);
        expect(second?.metadata.name).to.equal(first?.metadata.name);
        expect(second?.metadata.uid).to.not.equal(first?.metadata.uid);
      });
      await untilReadyPods(context, home(), `app=${set.name}`, 1);
    },
  );

  it(
    'update-and-back',
    {
      title: 'takes a change to its pods, and takes it back',
      tags: ['write', 'scenario'],
      covers: [
        '[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic] should perform rolling updates and roll backs of template modifications [Conformance]',
      ],
    },
    async (context) => {
      const set = await makeSet(context, home(), { replicas: 1 });
      await untilReadyPods(context, home(), `app=${set.name}`, 1);
      const revision = async (): Promise<string | undefined> => {
        const now = (await context.kubernetes.get(set.path)) as
          { status?: Record<string, string> } | undefined;
        expect(now?.status?.['currentRevision']).to.equal(now?.status?.['updateRevision']);
        return now?.status?.['currentRevision'];
      };
      const first = await revision();
      const turnTo = async (turn: string | null): Promise<void> => {
        await context.kubernetes.patch(set.path, {
          spec: { template: { metadata: { annotations: { turn } } } },
        });
        await context.eventually(`its pod is of turn ${turn}`, async () => {
          const [pod] = await untilReadyPods(context, home(), `app=${set.name}`, 1);
          expect(pod?.metadata.annotations?.['turn']).to.equal(turn ?? undefined);
        });
      };
      await turnTo('second');
      const second = await context.eventually('the change is done', revision);
      expect(second).to.not.equal(first);
      await turnTo(null);
      expect(await context.eventually('the change is taken back', revision)).to.equal(first);
    },
  );

  it(
    'scale',
    {
      title: 'shrinks from its last pod, by its scale',
      tags: ['write'],
      covers: [
        '[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic] should have a working scale subresource [Conformance]',
      ],
    },
    async (context) => {
      const set = await makeSet(context, home());
      await untilReadyPods(context, home(), `app=${set.name}`, 2);
      const path = `${set.path}/scale`;
      expect((await context.kubernetes.get(path))?.['spec']).to.deep.include({ replicas: 2 });
      await context.kubernetes.patch(path, { spec: { replicas: 1 } });
      const [left] = await untilReadyPods(context, home(), `app=${set.name}`, 1);
      expect(left?.metadata.name).to.equal(`${set.name}-0`);
    },
  );
});
