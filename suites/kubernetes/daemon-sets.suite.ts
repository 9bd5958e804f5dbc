import {
  expect,
  inside,
  makeNamespace,
  podTemplate,
  suite,
  untilReadyPods,
  type CaseContext,
  type Fields,
  type Placed,
} from '../../src/conformance/index.ts';
import { makeWorkload } from './make-workload.ts';

const NEEDS = ['kubernetes', 'whole-kubernetes', 'test-image'] as const;

/** On every node, whatever taints it has. */
const makeDaemons = (context: CaseContext, home: string, more: Fields = {}): Promise<Placed> =>
  makeWorkload(context, home, {
    kind: 'DaemonSet',
    named: 'daemons',
    spec: (app) => ({
      template: podTemplate(context, { app }, { spec: { tolerations: [{ operator: 'Exists' }], ...more } }),
    }),
  });

suite('kubernetes/daemon-sets', { title: 'Daemon sets', needs: NEEDS }, ({ it, shared }) => {
  const home = shared((context) => makeNamespace(context, 'daemons'));

  it(
    'on-each-node',
    {
      title: 'runs one pod on each node, and another one where it is deleted',
      tags: ['write', 'scenario'],
      covers: ['[sig-apps] Daemon set [Serial] should run and stop simple daemon [Conformance]'],
    },
    async (context) => {
      const nodes = (await context.kubernetes.list('/api/v1/nodes')).map(({ metadata }) => metadata.name);
      const { name } = await makeDaemons(context, home());
      const pods = await untilReadyPods(context, home(), `app=${name}`, nodes.length);
      expect(pods.map(({ spec }) => spec.nodeName)).to.have.members(nodes);
      const [first] = pods;
      await context.kubernetes.delete(`${inside(home(), 'pods')}/${first?.metadata.name ?? ''}`);
      await context.eventually('another pod is on that node', async () => {
        const now = await untilReadyPods(context, home(), `app=${name}`, nodes.length);
        const there = now.find(({ spec }) => spec.nodeName === first?.spec.nodeName);
        expect(there?.metadata.uid).to.not.equal(first?.metadata.uid);
      });
    },
  );

  it(
    'where-it-is-told',
    {
      title: 'runs pods only on the nodes that it is told, and follows a change of them',
      tags: ['write', 'scenario'],
      covers: ['[sig-apps] Daemon set [Serial] should run and stop complex daemon [Conformance]'],
    },
    async (context) => {
      const nodes = (await context.kubernetes.list('/api/v1/nodes')).map(({ metadata }) => metadata.name);
      const [first = '', second = first] = nodes;
      const selector = (node: string): object => ({ nodeSelector: { 'kubernetes.io/hostname': node } });
      const { name, path } = await makeDaemons(context, home(), { ...selector(first) });
      const onlyOn = async (node: string): Promise<void> => {
        const [pod] = await untilReadyPods(context, home(), `app=${name}`, 1);
        expect(pod?.spec.nodeName).to.equal(node);
      };
      await onlyOn(first);
      await context.kubernetes.patch(path, { spec: { template: { spec: selector(second) } } });
      await context.eventually('its pod is on the other node', () => onlyOn(second));
    },
  );
});
