import {
  expect,
  inside,
  makeNamespace,
  makePod,
  podsOf,
  suite,
  type CaseContext,
  type Fields,
  type Placed,
  type Pod,
} from '../../src/conformance/index.ts';

const NEEDS = ['kubernetes', 'whole-kubernetes'] as const;

async function makeQuota(
  { make, names }: CaseContext,
  home: string,
  hard: Fields,
  more: Fields = {},
): Promise<Placed> {
  const name = names.fresh('quota');
  const collection = inside(home, 'resourcequotas');
  await make.object(collection, {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name },
    spec: { hard, ...more },
  });
  return { name, path: `${collection}/${name}` };
}

/** Waits until a quota counts exactly this as used. */
async function counts(
  { kubernetes, eventually }: CaseContext,
  { path }: Placed,
  used: Fields,
): Promise<void> {
  const counted = async (): Promise<void> => {
    const { status } = ((await kubernetes.get(path)) ?? {}) as { status?: { used?: Fields } };
    expect(status?.used).to.deep.include(used);
  };
  await eventually(`the quota counts ${JSON.stringify(used)}`, counted);
}

/** Each kind whose life a quota follows, as it is written to its collection. */
const KINDS = [
  {
    kind: 'ConfigMap',
    upstream: 'configMap',
    more: {},
    // Each namespace is given one with the authority of the API server, a moment after it was made. A quota that was counted
    // before that learns of it minutes later.
    own: ['kube-root-ca.crt'],
  },
  { kind: 'Secret', upstream: 'secret', more: {}, own: [] },
  { kind: 'Service', upstream: 'service', more: { spec: { ports: [{ port: 80 }] } }, own: [] },
] as const;

suite('kubernetes/quotas', { title: 'Quotas and limits', needs: NEEDS }, ({ it }) => {
  for (const { kind, upstream, more, own } of KINDS) {
    const plural = `${kind.toLowerCase()}s`;
    const before = own.length;
    it(
      plural,
      {
        title: `counts each ${kind} while it is there, and lets no more be made than it may`,
        tags: ['write', 'negative'],
        covers: [
          `[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a ${upstream}. [Conformance]`,
        ],
      },
      async (context) => {
        const home = await makeNamespace(context, 'quota');
        const collection = inside(home, plural);
        for (const name of own)
          await context.eventually(`the namespace has its ${name}`, async () =>
            expect(await context.kubernetes.get(`${collection}/${name}`)).not.to.equal(undefined),
          );
        const quota = await makeQuota(context, home, { [plural]: String(before + 1) });
        await counts(context, quota, { [plural]: String(before) });
        const name = context.names.fresh('counted');
        await context.make.object(collection, { apiVersion: 'v1', kind, metadata: { name }, ...more });
        await counts(context, quota, { [plural]: String(before + 1) });
        const body = { apiVersion: 'v1', kind, metadata: { name: context.names.fresh('refused') }, ...more };
        const refused = await context.kubernetes.request<{ message: string }>({
          method: 'POST',
          path: collection,
          body,
        });
        expect(refused.status).to.equal(403);
        expect(refused.body.message).to.contain('exceeded quota');
        await context.kubernetes.delete(`${collection}/${name}`);
        await counts(context, quota, { [plural]: String(before) });
      },
    );
  }

  it(
    'pods',
    {
      title: 'counts what pods request, and refuses the one that requests too much',
      tags: ['write', 'negative'],
      needs: ['test-image'],
      covers: [
        '[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a pod. [Conformance]',
      ],
    },
    async (context) => {
      const home = await makeNamespace(context, 'quota');
      const quota = await makeQuota(context, home, { pods: '5', 'requests.cpu': '100m' });
      await counts(context, quota, { pods: '0', 'requests.cpu': '0' });
      const asking = (cpu: string): Promise<Placed> =>
        makePod(context, home, { container: { resources: { requests: { cpu } } } });
      await asking('60m');
      await counts(context, quota, { pods: '1', 'requests.cpu': '60m' });
      const refused = await asking('60m').catch((error: unknown) => error);
      expect(refused).to.be.an('error').with.nested.property('facts.status', 403);
      expect(await podsOf(context, home, '')).to.have.length(1);
    },
  );

  it(
    'scope',
    {
      title: 'counts only the pods that it is for',
      tags: ['write'],
      needs: ['test-image'],
      covers: [
        '[sig-api-machinery] ResourceQuota should verify ResourceQuota with best effort scope. [Conformance]',
      ],
    },
    async (context) => {
      const home = await makeNamespace(context, 'quota');
      const best = await makeQuota(context, home, { pods: '5' }, { scopes: ['BestEffort'] });
      const other = await makeQuota(context, home, { pods: '5' }, { scopes: ['NotBestEffort'] });
      await counts(context, best, { pods: '0' });
      await makePod(context, home);
      await counts(context, best, { pods: '1' });
      await counts(context, other, { pods: '0' });
    },
  );

  it(
    'limits',
    {
      title: 'gives a pod the limits of its namespace, and refuses one beyond them',
      tags: ['write', 'negative'],
      needs: ['test-image'],
      covers: [
        '[sig-scheduling] LimitRange should create a LimitRange with defaults and ensure pod has those defaults applied. [Conformance]',
      ],
    },
    async (context) => {
      const home = await makeNamespace(context, 'limits');
      const limit = {
        type: 'Container',
        max: { cpu: '200m' },
        default: { cpu: '100m' },
        defaultRequest: { cpu: '50m' },
      };
      await context.make.object(inside(home, 'limitranges'), {
        apiVersion: 'v1',
        kind: 'LimitRange',
        metadata: { name: context.names.fresh('limits') },
        spec: { limits: [limit] },
      });
      // The API server hears of the limits a moment after it has let them in.
      await context.eventually('a pod gets the limits', async () => {
        const { path } = await makePod(context, home);
        const pod = (await context.kubernetes.get(path)) as Pod | undefined;
        expect(pod?.spec.containers[0]?.['resources']).to.deep.equal({
          limits: { cpu: '100m' },
          requests: { cpu: '50m' },
        });
      });
      const refused = await makePod(context, home, {
        container: { resources: { limits: { cpu: '300m' } } },
      }).catch((error: unknown) => error);
      expect(refused).to.be.an('error').with.nested.property('facts.status', 403);
    },
  );
});
