import {
  expect,
  makeNamespace,
  makePod,
  runPod,
  suite,
  untilPod,
  type CaseContext,
  type Placed,
  type Pod,
} from '../../src/conformance/index.ts';

const NEEDS = ['kubernetes', 'whole-kubernetes', 'test-image'] as const;

/** Waits until the scheduler has said that no node may have the pod. @returns why. */
async function whyNowhere(context: CaseContext, placed: Placed): Promise<string> {
  const unplaced = ({ status }: Pod): boolean =>
    status.conditions?.some(({ type, reason }) => type === 'PodScheduled' && reason === 'Unschedulable') ??
    false;
  const pod = await untilPod(context, placed, 'no node may have it', unplaced);
  expect(pod.spec.nodeName).to.equal(undefined);
  const found = pod.status.conditions?.find(({ type }) => type === 'PodScheduled') as
    { message?: string } | undefined;
  return found?.message ?? '';
}

suite('kubernetes/scheduling', { title: 'Where pods run', needs: NEEDS }, ({ it, shared }) => {
  const home = shared((context) => makeNamespace(context, 'scheduling'));

  it(
    'selected-node',
    {
      title: 'runs a pod on the node that it selects',
      tags: ['write'],
      covers: [
        '[sig-scheduling] SchedulerPredicates [Serial] validates that NodeSelector is respected if matching [Conformance]',
      ],
    },
    async (context) => {
      const nodes = await context.kubernetes.list('/api/v1/nodes');
      const wanted = nodes.at(-1)?.metadata.name ?? '';
      const spec = {
        nodeSelector: { 'kubernetes.io/hostname': wanted },
        tolerations: [{ operator: 'Exists' }],
      };
      const { pod } = await runPod(context, home(), { spec });
      expect(pod.spec.nodeName).to.equal(wanted);
    },
  );

  it(
    'no-such-node',
    {
      title: 'leaves a pod waiting whose node is nowhere',
      tags: ['write', 'negative'],
      covers: [
        '[sig-scheduling] SchedulerPredicates [Serial] validates that NodeSelector is respected if not matching [Conformance]',
      ],
    },
    async (context) => {
      const placed = await makePod(context, home(), {
        spec: { nodeSelector: { 'squall.dev/nowhere': 'true' } },
      });
      expect(await whyNowhere(context, placed)).to.contain('node affinity/selector');
    },
  );

  it(
    'too-big',
    {
      title: 'leaves a pod waiting that is bigger than every node',
      tags: ['write', 'negative'],
      covers: [
        '[sig-scheduling] SchedulerPredicates [Serial] validates resource limits of pods that are allowed to run [Conformance]',
      ],
    },
    async (context) => {
      const placed = await makePod(context, home(), {
        container: { resources: { requests: { cpu: '100k' } } },
      });
      expect(await whyNowhere(context, placed)).to.contain('Insufficient cpu');
    },
  );

  it(
    'taken-port',
    {
      title: 'gives a port of a node to one pod at a time',
      tags: ['write', 'negative', 'scenario'],
      covers: [
        '[sig-scheduling] SchedulerPredicates [Serial] validates that there exists conflict between pods with same hostPort and protocol but one using 0.0.0.0 hostIP [Conformance]',
      ],
    },
    async (context) => {
      const ports = [{ containerPort: 8080, hostPort: 54_329 }];
      const first = await runPod(context, home(), { container: { ports } });
      const spec = {
        nodeSelector: { 'kubernetes.io/hostname': first.pod.spec.nodeName },
        tolerations: [{ operator: 'Exists' }],
      };
      const second = await makePod(context, home(), { spec, container: { ports } });
      expect(await whyNowhere(context, second)).to.contain('free ports');
      await context.kubernetes.delete(first.path);
      await untilPod(context, second, 'it runs', ({ status }) => status.phase === 'Running');
    },
  );

  it(
    'priority',
    {
      title: 'knows how important a pod is by the class that it names',
      tags: ['write', 'admin'],
      covers: [
        '[sig-scheduling] SchedulerPreemption [Serial] PriorityClass endpoints verify PriorityClass endpoints can be operated with different HTTP methods [Conformance]',
      ],
    },
    async (context) => {
      const { kubernetes, make, names } = context;
      const name = names.fresh('class');
      const collection = '/apis/scheduling.k8s.io/v1/priorityclasses';
      const made = {
        apiVersion: 'scheduling.k8s.io/v1',
        kind: 'PriorityClass',
        metadata: { name },
        value: -7,
      };
      await make.object(collection, made);
      const path = `${collection}/${name}`;
      expect((await kubernetes.patch(path, { description: 'of a test' }))['description']).to.equal(
        'of a test',
      );
      const refused = await kubernetes.request({
        method: 'PATCH',
        path,
        headers: { 'content-type': 'application/merge-patch+json' },
        body: { value: 8 },
      });
      expect(refused.status).to.equal(422);
      await context.eventually('pods may name the class', async () => {
        const placed = await makePod(context, home(), { spec: { priorityClassName: name } });
        expect(((await kubernetes.get(placed.path)) as Pod | undefined)?.spec['priority']).to.equal(-7);
      });
    },
  );

  it(
    'no-such-runtime',
    {
      title: 'refuses a pod for a runtime that is not there',
      tags: ['negative'],
      covers: [
        '[sig-node] RuntimeClass should reject a Pod requesting a non-existent RuntimeClass [NodeConformance] [Conformance]',
      ],
    },
    async (context) => {
      const spec = { runtimeClassName: context.names.fresh('runtime') };
      const refused = await makePod(context, home(), { spec }).catch((error: unknown) => error);
      expect(refused).to.be.an('error').with.nested.property('facts.status', 403);
    },
  );
});
