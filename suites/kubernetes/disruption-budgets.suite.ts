import {
  expect,
  inside,
  makeNamespace,
  runPod,
  suite,
  untilGone,
  type CaseContext,
  type KubernetesObject,
  type Placed,
} from '../../src/conformance/index.ts';

const NEEDS = ['kubernetes', 'whole-kubernetes', 'test-image'] as const;

interface Budget extends KubernetesObject {
  readonly status?: {
    readonly disruptionsAllowed?: number;
    readonly currentHealthy?: number;
    readonly desiredHealthy?: number;
    readonly expectedPods?: number;
  };
}

async function makeBudget(
  { make, names }: CaseContext,
  home: string,
  app: string,
  minAvailable: number,
): Promise<Placed> {
  const name = names.fresh('budget');
  const collection = inside(home, 'poddisruptionbudgets', 'policy/v1');
  const spec = { minAvailable, selector: { matchLabels: { app } } };
  await make.object(collection, {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name },
    spec,
  });
  return { name, path: `${collection}/${name}` };
}

/** Waits until a budget lets so many pods go. */
async function untilAllowed(
  { kubernetes, eventually }: CaseContext,
  { path }: Placed,
  allowed: number,
): Promise<Budget['status']> {
  return eventually(`the budget lets ${allowed} go`, async () => {
    const { status } = ((await kubernetes.get(path)) ?? {}) as Partial<Budget>;
    expect(status?.disruptionsAllowed).to.equal(allowed);
    return status;
  });
}

async function evict({ kubernetes }: CaseContext, { name, path }: Placed): Promise<number> {
  const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name } };
  return (await kubernetes.request({ method: 'POST', path: `${path}/eviction`, body })).status;
}

suite('kubernetes/disruption-budgets', { title: 'Budgets of disruption', needs: NEEDS }, ({ it, shared }) => {
  const home = shared((context) => makeNamespace(context, 'budgets'));

  it(
    'counted',
    {
      title: 'counts the pods that it protects',
      tags: ['write'],
      covers: [
        '[sig-apps] DisruptionController should create a PodDisruptionBudget [Conformance]',
        '[sig-apps] DisruptionController should observe PodDisruptionBudget status updated [Conformance]',
      ],
    },
    async (context) => {
      const budget = await makeBudget(context, home(), 'counted', 1);
      await untilAllowed(context, budget, 0);
      await Promise.all([1, 2].map(() => runPod(context, home(), { labels: { app: 'counted' } })));
      const status = await untilAllowed(context, budget, 1);
      expect(status).to.deep.include({ currentHealthy: 2, desiredHealthy: 1, expectedPods: 2 });
    },
  );

  it(
    'eviction-refused',
    {
      title: 'lets no pod be evicted that is needed, until the budget lets it go',
      tags: ['write', 'negative', 'scenario'],
      covers: [
        '[sig-apps] DisruptionController should block an eviction until the PDB is updated to allow it [Conformance]',
      ],
    },
    async (context) => {
      const pod = await runPod(context, home(), { labels: { app: 'needed' } });
      const budget = await makeBudget(context, home(), 'needed', 1);
      await context.eventually('the budget has counted', async () => {
        const { status } = ((await context.kubernetes.get(budget.path)) ?? {}) as Partial<Budget>;
        expect(status?.currentHealthy).to.equal(1);
      });
      expect(await evict(context, pod)).to.equal(429);
      expect(await context.kubernetes.get(pod.path)).to.not.equal(undefined);
      await context.kubernetes.patch(budget.path, { spec: { minAvailable: 0 } });
      await untilAllowed(context, budget, 1);
      expect(await evict(context, pod)).to.equal(201);
      await untilGone(context, pod.path);
    },
  );
});
