import {
  askPod,
  expect,
  inside,
  makeNamespace,
  podTemplate,
  podsOf,
  runPod,
  suite,
  untilGone,
  untilReadyPods,
  type CaseContext,
  type Pod,
} from '../../src/conformance/index.ts';

const NEEDS = ['kubernetes', 'whole-kubernetes', 'test-image'] as const;

/** How the two kinds that keep a number of pods differ for whoever writes one. */
const KINDS = {
  ReplicaSet: {
    group: 'apps/v1',
    plural: 'replicasets',
    select: (labels: object) => ({ matchLabels: labels }),
  },
  ReplicationController: {
    group: 'v1',
    plural: 'replicationcontrollers',
    select: (labels: object) => labels,
  },
};

async function makeKeeper(
  context: CaseContext,
  home: string,
  kind: keyof typeof KINDS,
  app: string,
  replicas: number,
): Promise<{ readonly path: string; readonly uid: string | undefined }> {
  const { group, plural, select } = KINDS[kind];
  const name = context.names.fresh('keeper');
  const collection = inside(home, plural, group);
  const labels = { app };
  const spec = { replicas, selector: select(labels), template: podTemplate(context, labels) };
  const { metadata } = await context.make.object(collection, {
    apiVersion: group,
    kind,
    metadata: { name },
    spec,
  });
  return { path: `${collection}/${name}`, uid: metadata.uid };
}

const ownersOf = (pod: Pod | undefined): readonly string[] =>
  (pod?.metadata.ownerReferences ?? []).map(({ uid }) => uid);

suite('kubernetes/replicas', { title: 'Keepers of replicas', needs: NEEDS }, ({ it, shared }) => {
  const home = shared((context) => makeNamespace(context, 'replicas'));

  it(
    'each-answers',
    {
      title: 'runs so many pods, each of which answers under its own name',
      tags: ['write', 'scenario'],
      covers: [
        '[sig-apps] ReplicaSet should serve a basic image on each replica with a public image [Conformance]',
      ],
    },
    async (context) => {
      await makeKeeper(context, home(), 'ReplicaSet', 'each', 2);
      const pods = await untilReadyPods(context, home(), 'app=each', 2);
      for (const { metadata } of pods) {
        const { name } = metadata;
        expect(
          await askPod(context, { name, path: `${inside(home(), 'pods')}/${name}` }, '/hostname'),
        ).to.equal(name);
      }
    },
  );

  it(
    'adopted-and-released',
    {
      title: 'adopts a pod that it selects, and lets go of one that it no longer does',
      tags: ['write', 'scenario'],
      covers: [
        '[sig-apps] ReplicaSet should adopt matching pods on creation and release no longer matching pods [Conformance]',
      ],
    },
    async (context) => {
      const stray = await runPod(context, home(), { what: 'stray', labels: { app: 'adopted' } });
      const { uid } = await makeKeeper(context, home(), 'ReplicaSet', 'adopted', 1);
      await context.eventually('it owns the stray pod', async () => {
        const pods = await podsOf(context, home(), 'app=adopted');
        expect(pods.map(({ metadata }) => metadata.name)).to.deep.equal([stray.name]);
        expect(ownersOf(pods[0])).to.deep.equal([uid]);
      });
      await context.kubernetes.patch(stray.path, { metadata: { labels: { app: 'free' } } });
      await context.eventually('it let go of the pod, and made another', async () => {
        expect(ownersOf((await context.kubernetes.get(stray.path)) as Pod | undefined)).to.deep.equal([]);
        expect(await podsOf(context, home(), 'app=adopted')).to.have.length(1);
      });
    },
  );

  it(
    'replaced',
    { title: 'replaces a pod that was deleted', tags: ['write', 'scenario'] },
    async (context) => {
      await makeKeeper(context, home(), 'ReplicaSet', 'replaced', 1);
      const [first] = await untilReadyPods(context, home(), 'app=replaced', 1);
      await context.kubernetes.delete(`${inside(home(), 'pods')}/${first?.metadata.name ?? ''}`);
      await context.eventually('another pod is there', async () => {
        const [second] = await untilReadyPods(context, home(), 'app=replaced', 1);
        expect(second?.metadata.uid).to.not.equal(first?.metadata.uid);
      });
    },
  );

  it(
    'controller',
    {
      title: 'adopts a pod also as a replication controller, and changes its number by its scale',
      tags: ['write'],
      covers: [
        '[sig-apps] ReplicationController should adopt matching pods on creation [Conformance]',
        '[sig-apps] ReplicationController should get and update a ReplicationController scale [Conformance]',
      ],
    },
    async (context) => {
      const stray = await runPod(context, home(), { what: 'stray', labels: { app: 'old-kind' } });
      const { path, uid } = await makeKeeper(context, home(), 'ReplicationController', 'old-kind', 1);
      await context.eventually('it owns the stray pod', async () => {
        expect(ownersOf((await context.kubernetes.get(stray.path)) as Pod | undefined)).to.deep.equal([uid]);
      });
      await context.kubernetes.patch(`${path}/scale`, { spec: { replicas: 2 } });
      await untilReadyPods(context, home(), 'app=old-kind', 2);
    },
  );

  it(
    'collected',
    {
      title: 'takes its pods away with it',
      tags: ['write', 'scenario'],
      covers: [
        '[sig-api-machinery] Garbage collector should delete pods created by rc when not orphaning [Conformance]',
      ],
    },
    async (context) => {
      const { path } = await makeKeeper(context, home(), 'ReplicationController', 'collected', 2);
      await untilReadyPods(context, home(), 'app=collected', 2);
      await context.kubernetes.delete(path, { propagation: 'Background' });
      await untilGone(context, path);
      await context.eventually('its pods are gone', async () => {
        expect(await podsOf(context, home(), 'app=collected')).to.deep.equal([]);
      });
    },
  );
});
