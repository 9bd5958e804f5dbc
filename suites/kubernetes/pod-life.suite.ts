import {
  expect,
  inside,
  makeNamespace,
  makePod,
  makeService,
  runPod,
  askPod,
  suite,
  untilGone,
  untilPod,
  type Pod,
} from '../../src/conformance/index.ts';

const NEEDS = ['kubernetes', 'whole-kubernetes', 'test-image'] as const;

suite('kubernetes/pod-life', { title: 'The life of a pod', needs: NEEDS }, ({ it, shared }) => {
  const home = shared((context) => makeNamespace(context, 'pod-life'));

  it(
    'submitted-and-removed',
    {
      title: 'runs a pod, and removes it with the grace that it was given',
      tags: ['write', 'scenario'],
      covers: ['[sig-node] Pods should be submitted and removed [NodeConformance] [Conformance]'],
    },
    async (context) => {
      const { path, pod } = await runPod(context, home());
      expect(pod.status.phase).to.equal('Running');
      const removing = await context.kubernetes.request<Pod>({ method: 'DELETE', path });
      expect(removing.status).to.equal(200);
      expect(removing.body.metadata.deletionTimestamp).to.be.a('string');
      expect(removing.body.metadata['deletionGracePeriodSeconds']).to.equal(1);
      await untilGone(context, path);
    },
  );

  it(
    'host-address',
    {
      title: 'tells the address of the node that a pod runs on',
      tags: ['write'],
      covers: ['[sig-node] Pods should get a host IP [NodeConformance] [Conformance]'],
    },
    async (context) => {
      const { pod } = await runPod(context, home());
      const node = await context.kubernetes.get(`/api/v1/nodes/${pod.spec.nodeName ?? ''}`);
      const { addresses } = node?.['status'] as { addresses: readonly { type: string; address: string }[] };
      expect(addresses.map(({ address }) => address)).to.include(pod.status.hostIP);
      expect(pod.status.podIP).to.match(/^[\d.]+$|:/);
    },
  );

  it(
    'updated',
    {
      title: 'takes new labels on a running pod, and finds it by them',
      tags: ['write'],
      covers: ['[sig-node] Pods should be updated [NodeConformance] [Conformance]'],
    },
    async (context) => {
      const { path, name } = await runPod(context, home(), { labels: { turn: 'first' } });
      await context.kubernetes.patch(path, { metadata: { labels: { turn: 'second' } } });
      const found = await context.kubernetes.list(inside(home(), 'pods'), { labelSelector: 'turn=second' });
      expect(found.map(({ metadata }) => metadata.name)).to.deep.equal([name]);
    },
  );

  it(
    'quality-classes',
    {
      title: 'puts pods into classes by what they request and are limited to',
      tags: ['write'],
      covers: [
        '[sig-node] Pods Extended Pods Set QOS Class should be set on Pods with matching resource requests and limits for memory and cpu [Conformance]',
      ],
    },
    async (context) => {
      const some = { cpu: '10m', memory: '16Mi' };
      const classOf = async (resources: object): Promise<string | undefined> => {
        const { path } = await makePod(context, home(), { container: { resources } });
        return ((await context.kubernetes.get(path)) as Pod | undefined)?.status.qosClass;
      };
      expect(await classOf({ requests: some, limits: some })).to.equal('Guaranteed');
      expect(await classOf({ requests: some })).to.equal('Burstable');
      expect(await classOf({})).to.equal('BestEffort');
    },
  );

  it(
    'deleted-together',
    {
      title: 'deletes the pods that a label selects, and no others',
      tags: ['write'],
      covers: ['[sig-node] Pods should delete a collection of pods [Conformance]'],
    },
    async (context) => {
      const wish = { what: 'many', labels: { set: 'gone' } };
      const going = await Promise.all([1, 2, 3].map(() => makePod(context, home(), wish)));
      const kept = await makePod(context, home(), { labels: { set: 'kept' } });
      const { status } = await context.kubernetes.request({
        method: 'DELETE',
        path: inside(home(), 'pods'),
        query: { labelSelector: 'set=gone' },
      });
      expect(status).to.equal(200);
      for (const { path } of going) await untilGone(context, path);
      expect(await context.kubernetes.get(kept.path)).to.not.equal(undefined);
    },
  );

  it(
    'deadline',
    {
      title: 'fails a pod that lives longer than it may',
      tags: ['write'],
      covers: [
        '[sig-node] Pods should allow activeDeadlineSeconds to be updated [NodeConformance] [Conformance]',
      ],
    },
    async (context) => {
      const placed = await runPod(context, home(), { spec: { activeDeadlineSeconds: 30 } });
      await context.kubernetes.patch(placed.path, { spec: { activeDeadlineSeconds: 1 } });
      const ended = await untilPod(
        context,
        placed,
        'it has failed',
        ({ status }) => status.phase === 'Failed',
      );
      expect(ended.status.reason).to.equal('DeadlineExceeded');
    },
  );

  it(
    'status-patched',
    {
      title: 'takes a condition that somebody else writes into the status of a pod',
      tags: ['write', 'admin'],
      covers: ['[sig-node] Pods should patch a pod status [Conformance]'],
    },
    async (context) => {
      const { path } = await runPod(context, home());
      const condition = { type: 'squall.dev/looked-at', status: 'True' };
      const { status } = await context.kubernetes.request({
        method: 'PATCH',
        path: `${path}/status`,
        headers: { 'content-type': 'application/strategic-merge-patch+json' },
        body: { status: { conditions: [condition] } },
      });
      expect(status).to.equal(200);
      const read = (await context.kubernetes.get(path)) as Pod | undefined;
      expect(read?.status.conditions?.find(({ type }) => type === condition.type)?.status).to.equal('True');
    },
  );

  it(
    'service-variables',
    {
      title: 'tells a pod by its environment which Services there are',
      tags: ['write'],
      covers: [
        '[sig-node] Pods should contain environment variables for services [NodeConformance] [Conformance]',
      ],
    },
    async (context) => {
      const { name, service } = await makeService(context, home(), 'nobody');
      const variable = `${name.toUpperCase().replaceAll('-', '_')}_SERVICE_HOST`;
      // A node hears of a Service a moment after the API server does, and a pod is told once.
      const told = async (): Promise<void> => {
        const pod = await runPod(context, home());
        expect(await askPod(context, pod, `/env?name=${variable}`)).to.equal(service.spec.clusterIP);
      };
      await context.eventually('a new pod is told of the Service', told, { every: { ms: 500 } });
    },
  );
});
