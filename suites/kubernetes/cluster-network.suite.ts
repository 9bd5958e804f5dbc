import {
  askPod,
  expect,
  fetchFrom,
  inside,
  isReady,
  makeNamespace,
  makeService,
  podTemplate,
  readyEndpoints,
  runPod,
  suite,
  testContainer,
  untilReadyPods,
  type CaseContext,
  type Placed,
  type Pod,
} from '../../src/conformance/index.ts';

const NEEDS = ['kubernetes', 'whole-kubernetes', 'test-image'] as const;

/** One pod on each node that takes any, and one Service for each of them. */
interface Mesh {
  readonly home: string;
  readonly pods: readonly (Placed & { readonly node: string; readonly address: string })[];
}

async function makeMesh(context: CaseContext): Promise<Mesh> {
  const home = await makeNamespace(context, 'network');
  const labels = { app: 'mesh' };
  const nodes = (await context.kubernetes.list('/api/v1/nodes')) as readonly (Pod & {
    spec: { unschedulable?: boolean };
  })[];
  const open = nodes.filter((node) => isReady(node) && node.spec.unschedulable !== true);
  const template = podTemplate(context, labels, { spec: { tolerations: [{ operator: 'Exists' }] } });
  await context.make.object(inside(home, 'daemonsets', 'apps/v1'), {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: context.names.fresh('mesh') },
    spec: { selector: { matchLabels: labels }, template },
  });
  const pods = await untilReadyPods(context, home, 'app=mesh', open.length);
  return {
    home,
    pods: pods.map(({ metadata: { name }, spec, status }) => ({
      name,
      path: `${inside(home, 'pods')}/${name}`,
      node: spec.nodeName ?? '',
      address: status.podIP ?? '',
    })),
  };
}

/** Has each pod of the mesh fetch from each; @returns what went wrong, by the nodes that it was between. */
async function tryAll(
  context: CaseContext,
  { pods }: Mesh,
  urlOf: (to: Mesh['pods'][number]) => string,
): Promise<readonly string[]> {
  const tries = pods.flatMap((from) => pods.map((to) => ({ from, to })));
  const wrong = await Promise.all(
    tries.map(async ({ from, to }) => {
      const { body, says, status } = await fetchFrom(context, from, `${urlOf(to)}/hostname`);
      return body === to.name ? [] : [`from ${from.node} to ${to.node}: ${status} ${says}${body}`];
    }),
  );
  return wrong.flat();
}

suite(
  'kubernetes/cluster-network',
  { title: 'The network of the cluster', needs: NEEDS },
  ({ it, shared }) => {
    const mesh = shared(makeMesh);

    it(
      'pod-to-pod',
      {
        title: 'carries requests from a pod on each node to a pod on each node',
        tags: ['write', 'scenario'],
        covers: [
          '[sig-network] Networking Granular Checks: Pods should function for intra-pod communication: http [NodeConformance] [Conformance]',
        ],
      },
      async (context) => {
        const wrong = await tryAll(context, mesh(), ({ address }) => `http://${address}:8080`);
        expect(wrong.join('\n')).to.equal('');
      },
    );

    it(
      'through-service',
      {
        title: 'carries requests from a pod on each node through a Service to a pod on each node',
        tags: ['write', 'scenario'],
        covers: ['[sig-network] Services should serve a basic endpoint from pods [Conformance]'],
      },
      async (context) => {
        const urls = new Map<string, string>();
        for (const { name, path } of mesh().pods) {
          await context.kubernetes.patch(path, { metadata: { labels: { single: name } } });
          const { url } = await makeService(context, mesh().home, 'mesh', { selector: { single: name } });
          urls.set(name, url);
        }
        // Each node hears of a new Service by itself.
        await context.eventually('each node knows each Service', async () => {
          const wrong = await tryAll(context, mesh(), ({ name }) => urls.get(name) ?? '');
          expect(wrong.join('\n')).to.equal('');
        });
      },
    );

    it(
      'node-port',
      {
        title: 'carries requests through a port of each node',
        tags: ['write', 'scenario'],
        covers: [
          '[sig-network] Services should be able to create a functioning NodePort service [Conformance]',
        ],
      },
      async (context) => {
        const { service } = await makeService(context, mesh().home, 'mesh', { type: 'NodePort' });
        const port = service.spec.ports[0]?.nodePort;
        expect(port).to.be.a('number').and.greaterThan(0);
        const [from] = mesh().pods;
        const nodes = (await context.kubernetes.list('/api/v1/nodes')) as unknown as readonly {
          status: { addresses: readonly { type: string; address: string }[] };
        }[];
        const addresses = nodes.map(
          ({ status }) => status.addresses.find(({ type }) => type === 'InternalIP')?.address,
        );
        const names = mesh().pods.map(({ name }) => name);
        await context.eventually('each node answers on the port', async () => {
          for (const address of addresses) {
            const { body, says } = await fetchFrom(
              context,
              from as Placed,
              `http://${address}:${port}/hostname`,
            );
            expect(names, `${address}: ${says}`).to.include(body);
          }
        });
      },
    );

    it(
      'affinity',
      {
        title: 'sends one client to one pod, where the Service says so',
        tags: ['write', 'scenario'],
        covers: [
          '[sig-network] Services should have session affinity work for service with type clusterIP [LinuxOnly] [Conformance]',
        ],
      },
      async (context) => {
        const { url } = await makeService(context, mesh().home, 'mesh', { sessionAffinity: 'ClientIP' });
        const [from] = mesh().pods;
        const ask = async (): Promise<string> =>
          (await fetchFrom(context, from as Placed, `${url}/hostname`)).body;
        await context.eventually('the Service answers', async () => expect(await ask()).to.not.equal(''));
        const answers = new Set(await Promise.all(Array.from({ length: 15 }, ask)));
        expect([...answers]).to.have.length(1);
      },
    );

    it(
      'several-ports',
      {
        title: 'leads each port of a Service to its own port of the pod',
        tags: ['write'],
        covers: ['[sig-network] Services should serve multiport endpoints from pods [Conformance]'],
      },
      async (context) => {
        const containers = [
          testContainer(context, ['serve', '-port', '8081'], {
            name: 'one',
            env: [{ name: 'WHICH', value: 'one' }],
          }),
          testContainer(context, ['serve', '-port', '8082'], {
            name: 'two',
            env: [{ name: 'WHICH', value: 'two' }],
          }),
        ];
        await runPod(context, mesh().home, { labels: { app: 'several' }, spec: { containers } });
        const ports = [
          { name: 'one', port: 81, targetPort: 8081 },
          { name: 'two', port: 82, targetPort: 8082 },
        ];
        const { url } = await makeService(context, mesh().home, 'several', { ports });
        const [from] = mesh().pods;
        for (const { name, port } of ports)
          await context.eventually(`port ${port} leads to ${name}`, async () => {
            const { body } = await fetchFrom(context, from as Placed, `${url}:${port}/env?name=WHICH`);
            expect(body).to.equal(name);
          });
      },
    );

    it(
      'nobody-behind',
      {
        title: 'refuses requests to a Service without pods, and counts none for it',
        tags: ['write', 'negative'],
        covers: [
          '[sig-network] EndpointSlice should create and delete EndpointSlices for a Service with a selector that matches no pods [Conformance]',
        ],
      },
      async (context) => {
        const { name, path, url } = await makeService(context, mesh().home, 'nobody');
        const slices = (): ReturnType<typeof context.kubernetes.list> =>
          context.kubernetes.list(inside(mesh().home, 'endpointslices', 'discovery.k8s.io/v1'), {
            labelSelector: `kubernetes.io/service-name=${name}`,
          });
        await context.eventually('it has a slice', async () => expect(await slices()).to.have.length(1));
        expect(await readyEndpoints(context, mesh().home, name)).to.deep.equal([]);
        const [from] = mesh().pods;
        const { status } = await fetchFrom(context, from as Placed, url, 1000);
        expect(status).to.equal(0);
        await context.kubernetes.delete(path);
        await context.eventually('its slice is gone', async () => expect(await slices()).to.deep.equal([]));
      },
    );

    it(
      'proxied',
      {
        title: 'hands requests to the API server on to a pod and to a Service',
        tags: ['write'],
        covers: [
          '[sig-network] Proxy version v1 A set of valid responses are returned for both pod and service ProxyWithPath [Conformance]',
          '[sig-network] Proxy version v1 should proxy through a service and a pod [Conformance]',
        ],
      },
      async (context) => {
        const [pod] = mesh().pods;
        const echo = await askPod<{ hostname: string; path: string; query: string }>(
          context,
          pod as Placed,
          '/a/b?c=d',
        );
        expect(echo).to.deep.include({ hostname: pod?.name, path: '/a/b', query: 'c=d' });
        const { path } = await makeService(context, mesh().home, 'mesh');
        const answer = await context.eventually('the Service has pods', async () => {
          const through = await context.kubernetes.request<{ method: string; path: string; body: string }>({
            method: 'POST',
            path: `${path}:80/proxy/x/y`,
            body: 'hello',
          });
          expect(through.status).to.equal(200);
          return through.body;
        });
        expect(answer).to.deep.include({ method: 'POST', path: '/x/y' });
        expect(answer.body).to.contain('hello');
      },
    );
  },
);
