import {
  askPod,
  expect,
  makeNamespace,
  makeService,
  runPod,
  suite,
  type CaseContext,
  type Placed,
} from '../../src/conformance/index.ts';

const NEEDS = ['kubernetes', 'whole-kubernetes', 'test-image'] as const;

/** The addresses of a name, as a pod finds them. */
const lookup = (context: CaseContext, pod: Placed, name: string): Promise<readonly string[]> =>
  askPod<readonly string[]>(context, pod, `/lookup?name=${name}`);

/** Waits until a pod finds exactly these. The name service hears of a change a moment after the API server. */
async function finds(
  context: CaseContext,
  pod: Placed,
  name: string,
  addresses: readonly (string | undefined)[],
): Promise<void> {
  await context.eventually(`a pod finds ${name}`, async () => {
    expect(await lookup(context, pod, name)).to.have.members(addresses);
  });
}

suite('kubernetes/names', { title: 'Names', needs: NEEDS }, ({ it, shared }) => {
  const place = shared(async (context) => {
    const home = await makeNamespace(context, 'names');
    return { home, pod: await runPod(context, home, { what: 'asker' }) };
  });

  it(
    'cluster',
    {
      title: 'finds the API server by its name',
      tags: ['write', 'read'],
      covers: ['[sig-network] DNS should provide DNS for the cluster [Conformance]'],
    },
    async (context) => {
      const service = await context.kubernetes.get('/api/v1/namespaces/default/services/kubernetes');
      const { clusterIP } = service?.['spec'] as { clusterIP: string };
      expect(await lookup(context, place().pod, 'kubernetes.default.svc.cluster.local')).to.deep.equal([
        clusterIP,
      ]);
    },
  );

  it(
    'service',
    {
      title: 'finds a Service by its whole name and by parts of it',
      tags: ['write'],
      covers: [
        '[sig-network] DNS should provide DNS for services [Conformance]',
        '[sig-network] DNS should resolve DNS of partial qualified names for services [LinuxOnly] [Conformance]',
      ],
    },
    async (context) => {
      const { home, pod } = place();
      const { name, service } = await makeService(context, home, 'nobody');
      const { clusterIP } = service.spec;
      for (const part of ['', `.${home}`, `.${home}.svc`, `.${home}.svc.cluster.local`])
        await finds(context, pod, `${name}${part}`, [clusterIP]);
    },
  );

  it(
    'missing',
    { title: 'finds nothing under a name that nobody has', tags: ['read', 'negative'] },
    async (context) => {
      const refused = await lookup(
        context,
        place().pod,
        `${context.names.fresh('nobody')}.${place().home}.svc.cluster.local.`,
      ).catch((error: unknown) => error);
      expect(refused).to.be.an('error').with.nested.property('facts.status', 404);
      expect(String(refused)).to.contain('no such host');
    },
  );

  it(
    'pods-of-service',
    {
      title: 'finds a pod by its host name in a Service without an address',
      tags: ['write'],
      covers: [
        '[sig-network] DNS should provide DNS for pods for Hostname [Conformance]',
        '[sig-network] DNS should provide DNS for pods for Subdomain [Conformance]',
      ],
    },
    async (context) => {
      const { home, pod } = place();
      const { name } = await makeService(context, home, 'headless', { clusterIP: 'None' });
      const spec = { hostname: 'querier', subdomain: name };
      const behind = await runPod(context, home, { labels: { app: 'headless' }, spec });
      await finds(context, pod, `${name}.${home}.svc.cluster.local`, [behind.pod.status.podIP]);
      await finds(context, pod, `querier.${name}.${home}.svc.cluster.local`, [behind.pod.status.podIP]);
    },
  );

  it(
    'other-name',
    {
      title: 'leads from one name to another, and back to an address when the Service gets one',
      tags: ['write', 'scenario'],
      covers: [
        '[sig-network] DNS should provide DNS for ExternalName services [Conformance]',
        '[sig-network] Services should be able to change the type from ExternalName to ClusterIP [Conformance]',
      ],
    },
    async (context) => {
      const { home, pod } = place();
      const target = await makeService(context, home, 'nobody');
      const externalName = `${target.name}.${home}.svc.cluster.local`;
      const alias = await makeService(context, home, 'nobody', { type: 'ExternalName', externalName });
      expect(alias.service.spec.clusterIP).to.equal(undefined);
      await finds(context, pod, `${alias.name}.${home}.svc.cluster.local`, [target.service.spec.clusterIP]);
      const own = await context.kubernetes.patch(alias.path, {
        spec: { type: 'ClusterIP', externalName: null },
      });
      const { clusterIP } = own['spec'] as { clusterIP: string };
      expect(clusterIP).to.not.equal(target.service.spec.clusterIP);
      await finds(context, pod, `${alias.name}.${home}.svc.cluster.local.`, [clusterIP]);
    },
  );

  it(
    'own-name-servers',
    {
      title: 'asks the name servers that a pod was given, under the domains that it was given',
      tags: ['write'],
      covers: ['[sig-network] DNS should support configurable pod DNS nameservers [Conformance]'],
    },
    async (context) => {
      const dnsConfig = {
        nameservers: ['192.0.2.53'],
        searches: ['corner.example'],
        options: [{ name: 'ndots', value: '2' }],
      };
      const pod = await runPod(context, place().home, { spec: { dnsPolicy: 'None', dnsConfig } });
      const { text } = await askPod<{ text: string }>(context, pod, '/file?path=/etc/resolv.conf');
      expect(text.trim().split('\n')).to.have.members([
        'nameserver 192.0.2.53',
        'search corner.example',
        'options ndots:2',
      ]);
    },
  );
});
