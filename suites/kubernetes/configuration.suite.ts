import {
  askPod,
  expect,
  inside,
  makeNamespace,
  runOnce,
  runPod,
  suite,
  testContainer,
  type CaseContext,
} from '../../src/conformance/index.ts';

const NEEDS = ['kubernetes', 'whole-kubernetes', 'test-image'] as const;

interface File {
  readonly mode: string;
  readonly text: string;
}

async function configMap({ make, names }: CaseContext, home: string, data: object): Promise<string> {
  const metadata = { name: names.fresh('config') };
  await make.object(inside(home, 'configmaps'), { apiVersion: 'v1', kind: 'ConfigMap', metadata, data });
  return metadata.name;
}

async function secret({ make, names }: CaseContext, home: string, stringData: object): Promise<string> {
  const metadata = { name: names.fresh('secret') };
  await make.object(inside(home, 'secrets'), { apiVersion: 'v1', kind: 'Secret', metadata, stringData });
  return metadata.name;
}

/** A pod that sees a volume at `/seen`, and what is in its files. */
async function filesOf(
  context: CaseContext,
  home: string,
  volume: object,
  files: readonly string[],
): Promise<readonly File[]> {
  const pod = await runPod(context, home, {
    labels: { colour: 'green' },
    spec: { volumes: [{ name: 'seen', ...volume }] },
    container: { volumeMounts: [{ name: 'seen', mountPath: '/seen' }] },
  });
  return Promise.all(files.map((file) => askPod<File>(context, pod, `/file?path=/seen/${file}`)));
}

suite('kubernetes/configuration', { title: 'What pods are told', needs: NEEDS }, ({ it, shared }) => {
  const home = shared((context) => makeNamespace(context, 'configuration'));

  it(
    'configmap-variables',
    {
      title: 'puts a ConfigMap into the environment, key by key and as a whole',
      tags: ['write'],
      covers: [
        '[sig-node] ConfigMap should be consumable via environment variable [NodeConformance] [Conformance]',
        '[sig-node] ConfigMap should be consumable via the environment [NodeConformance] [Conformance]',
      ],
    },
    async (context) => {
      const name = await configMap(context, home(), { colour: 'green', size: '7' });
      const container = {
        env: [{ name: 'ONE', valueFrom: { configMapKeyRef: { name, key: 'colour' } } }],
        envFrom: [{ prefix: 'all_', configMapRef: { name } }],
      };
      const { printed } = await runOnce(context, home(), {
        args: ['env', 'ONE', 'all_colour', 'all_size'],
        container,
      });
      expect(printed).to.equal('ONE=green\nall_colour=green\nall_size=7\n');
    },
  );

  it(
    'secret-variables',
    {
      title: 'puts a Secret into the environment, key by key and as a whole',
      tags: ['write'],
      covers: [
        '[sig-node] Secrets should be consumable from pods in env vars [NodeConformance] [Conformance]',
        '[sig-node] Secrets should be consumable via the environment [NodeConformance] [Conformance]',
      ],
    },
    async (context) => {
      const name = await secret(context, home(), { word: 'sesame' });
      const container = {
        env: [{ name: 'ONE', valueFrom: { secretKeyRef: { name, key: 'word' } } }],
        envFrom: [{ prefix: 'all_', secretRef: { name } }],
      };
      const { printed } = await runOnce(context, home(), { args: ['env', 'ONE', 'all_word'], container });
      expect(printed).to.equal('ONE=sesame\nall_word=sesame\n');
    },
  );

  it(
    'configmap-files',
    {
      title: 'shows a ConfigMap as files, under other names and with modes where it is told to',
      tags: ['write'],
      covers: [
        '[sig-storage] ConfigMap should be consumable from pods in volume with mappings and Item mode set [LinuxOnly] [NodeConformance] [Conformance]',
        '[sig-storage] ConfigMap should be consumable from pods in volume [NodeConformance] [Conformance]',
      ],
    },
    async (context) => {
      const name = await configMap(context, home(), { colour: 'green', size: '7' });
      const items = [
        { key: 'colour', path: 'deep/as-it-is' },
        { key: 'size', path: 'closed', mode: 0o400 },
      ];
      const [open, closed] = await filesOf(context, home(), { configMap: { name, items } }, [
        'deep/as-it-is',
        'closed',
      ]);
      expect(open).to.deep.equal({ mode: '-rw-r--r--', text: 'green' });
      expect(closed).to.deep.equal({ mode: '-r--------', text: '7' });
    },
  );

  it(
    'secret-files',
    {
      title: 'shows a Secret as files with the mode that it is told',
      tags: ['write'],
      covers: [
        '[sig-storage] Secrets should be consumable from pods in volume with defaultMode set [LinuxOnly] [NodeConformance] [Conformance]',
      ],
    },
    async (context) => {
      const secretName = await secret(context, home(), { word: 'sesame' });
      const [file] = await filesOf(context, home(), { secret: { secretName, defaultMode: 0o400 } }, ['word']);
      expect(file).to.deep.equal({ mode: '-r--------', text: 'sesame' });
    },
  );

  it(
    'projected-files',
    {
      title: 'shows a ConfigMap, a Secret and the name of the pod in one folder',
      tags: ['write'],
      covers: [
        '[sig-storage] Projected combined should project all components that make up the projection API [Projection] [NodeConformance] [Conformance]',
      ],
    },
    async (context) => {
      const sources = [
        { configMap: { name: await configMap(context, home(), { colour: 'green' }) } },
        { secret: { name: await secret(context, home(), { word: 'sesame' }) } },
        { downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } },
      ];
      const files = await filesOf(context, home(), { projected: { sources } }, ['colour', 'word', 'labels']);
      expect(files.slice(0, 2).map(({ text }) => text)).to.deep.equal(['green', 'sesame']);
      expect(files[2]?.text).to.contain('colour="green"');
    },
  );

  it(
    'own-facts',
    {
      title: 'tells a pod its own name, namespace and address, and those of its node',
      tags: ['write'],
      covers: [
        '[sig-node] Downward API should provide pod name, namespace and IP address as env vars [NodeConformance] [Conformance]',
        '[sig-node] Downward API should provide host IP as an env var [NodeConformance] [Conformance]',
        '[sig-node] Downward API should provide pod UID as env vars [NodeConformance] [Conformance]',
      ],
    },
    async (context) => {
      const fields = ['metadata.name', 'metadata.namespace', 'metadata.uid', 'status.podIP', 'status.hostIP'];
      const env = fields.map((fieldPath, index) => ({
        name: `V${index}`,
        valueFrom: { fieldRef: { fieldPath } },
      }));
      const pod = await runPod(context, home(), { container: { env } });
      const told = await Promise.all(fields.map((_, index) => askPod(context, pod, `/env?name=V${index}`)));
      const { metadata, status } = pod.pod;
      expect(told).to.deep.equal([pod.name, home(), metadata.uid, status.podIP, status.hostIP]);
    },
  );

  it(
    'own-limits',
    {
      title: "tells a container its limits, and the node's where it has none",
      tags: ['write'],
      covers: [
        "[sig-node] Downward API should provide container's limits.cpu/memory and requests.cpu/memory as env vars [NodeConformance] [Conformance]",
        '[sig-node] Downward API should provide default limits.cpu/memory from node allocatable [NodeConformance] [Conformance]',
      ],
    },
    async (context) => {
      const limit = (name: string, resource: string, divisor: string): object => ({
        name,
        valueFrom: { resourceFieldRef: { resource, divisor } },
      });
      const env = [limit('CPU', 'limits.cpu', '1m'), limit('MEMORY', 'limits.memory', '1Mi')];
      const limits = { cpu: '250m', memory: '32Mi' };
      const args = ['env', 'CPU', 'MEMORY'];
      const [limited, free] = await Promise.all([
        runOnce(context, home(), { args, container: { env, resources: { limits } } }),
        runOnce(context, home(), { args, container: { env } }),
      ]);
      expect(limited.printed).to.equal('CPU=250\nMEMORY=32\n');
      const node = await context.kubernetes.get(`/api/v1/nodes/${free.pod.spec.nodeName ?? ''}`);
      const { allocatable } = node?.['status'] as { allocatable: { cpu: string } };
      expect(free.printed).to.contain(`CPU=${Number(allocatable.cpu) * 1000}\n`);
    },
  );

  it(
    'labels-follow',
    {
      title: 'shows new labels of a pod to the pod that runs',
      tags: ['write', 'scenario'],
      covers: [
        '[sig-storage] Downward API volume should update labels on modification [NodeConformance] [Conformance]',
      ],
    },
    async (context) => {
      const items = [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }];
      const pod = await runPod(context, home(), {
        labels: { turn: 'first' },
        spec: { volumes: [{ name: 'seen', downwardAPI: { items } }] },
        container: { volumeMounts: [{ name: 'seen', mountPath: '/seen' }] },
      });
      const shows = async (line: string): Promise<void> => {
        expect((await askPod<File>(context, pod, '/file?path=/seen/labels')).text).to.contain(line);
      };
      await shows('turn="first"');
      await context.kubernetes.patch(pod.path, { metadata: { labels: { turn: 'second' } } });
      await context.eventually('the pod sees its new label', () => shows('turn="second"'));
    },
  );

  it(
    'shared-folder',
    {
      title: 'lets the containers of a pod share a folder, in memory where it is told to',
      tags: ['write'],
      covers: [
        '[sig-storage] EmptyDir volumes pod should support shared volumes between containers [Conformance]',
        '[sig-storage] EmptyDir volumes volume on tmpfs should have the correct mode [LinuxOnly] [NodeConformance] [Conformance]',
      ],
    },
    async (context) => {
      const place = { volumeMounts: [{ name: 'place', mountPath: '/place' }] };
      const other = testContainer(context, ['serve', '-port', '8081'], {
        ...place,
        name: 'other',
        lifecycle: { postStart: { exec: { command: ['/test-app', 'write', '/place/mark', 'was here'] } } },
      });
      const main = testContainer(context, ['serve'], place);
      const volumes = [{ name: 'place', emptyDir: { medium: 'Memory' } }];
      const pod = await runPod(context, home(), { spec: { containers: [main, other], volumes } });
      expect(await askPod(context, pod, '/file?path=/place/mark')).to.deep.include({ text: 'was here' });
      expect(await askPod(context, pod, '/file?path=/place')).to.deep.include({ mode: 'dtrwxrwxrwx' });
    },
  );
});
