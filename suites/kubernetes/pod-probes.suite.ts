import {
  askPod,
  expect,
  isReady,
  makeNamespace,
  makePod,
  makeService,
  readyEndpoints,
  runPod,
  seconds,
  suite,
  untilPod,
} from '../../src/conformance/index.ts';

const NEEDS = ['kubernetes', 'whole-kubernetes', 'test-image'] as const;

const asks = (path: string): object => ({
  httpGet: { path, port: 8080 },
  periodSeconds: 1,
  failureThreshold: 1,
  timeoutSeconds: 2,
});

suite('kubernetes/pod-probes', { title: 'Probes of pods', needs: NEEDS }, ({ it, shared }) => {
  const home = shared((context) => makeNamespace(context, 'pod-probes'));

  it(
    'unhealthy',
    {
      title: 'starts a container again that says it is not well',
      tags: ['write'],
      covers: [
        '[sig-node] Probing container should be restarted with a /healthz http liveness probe [NodeConformance] [Conformance]',
      ],
    },
    async (context) => {
      const placed = await makePod(context, home(), {
        container: { livenessProbe: asks('/status?code=500') },
      });
      const restarted = ({ status }: Parameters<typeof isReady>[0]): boolean =>
        (status.containerStatuses?.[0]?.restartCount ?? 0) > 0;
      const { status } = await untilPod(context, placed, 'its container was started again', restarted);
      expect(status.containerStatuses?.[0]?.lastState?.terminated).to.not.equal(undefined);
    },
  );

  it(
    'healthy',
    {
      title: 'leaves a container alone that says it is well',
      tags: ['write'],
      covers: [
        '[sig-node] Probing container should *not* be restarted with a /healthz http liveness probe [NodeConformance] [Conformance]',
      ],
    },
    async (context) => {
      const placed = await runPod(context, home(), { container: { livenessProbe: asks('/healthz') } });
      // Four times the period in which one failure would be enough.
      await context.sleep(seconds(4));
      const { status } = await untilPod(context, placed, 'it is there', () => true);
      expect(status.containerStatuses?.[0]?.restartCount).to.equal(0);
    },
  );

  it(
    'by-command',
    {
      title: 'starts a container again whose command of health fails',
      tags: ['write'],
      covers: [
        '[sig-node] Probing container should be restarted with a exec "cat /tmp/health" liveness probe [NodeConformance] [Conformance]',
      ],
    },
    async (context) => {
      const livenessProbe = {
        exec: { command: ['/test-app', 'cat', '/tmp/health'] },
        periodSeconds: 1,
        failureThreshold: 1,
      };
      const placed = await makePod(context, home(), { container: { livenessProbe } });
      await untilPod(
        context,
        placed,
        'its container was started again',
        ({ status }) => (status.containerStatuses?.[0]?.restartCount ?? 0) > 0,
      );
    },
  );

  it(
    'never-ready',
    {
      title: 'calls a pod not ready as long as it says so, and does not start it again for that',
      tags: ['write', 'negative'],
      covers: [
        '[sig-node] Probing container with readiness probe that fails should never be ready and never restart [NodeConformance] [Conformance]',
      ],
    },
    async (context) => {
      const container = { readinessProbe: asks('/readyz') };
      const placed = await makePod(context, home(), { args: ['serve', '-unready'], container });
      await untilPod(context, placed, 'it runs', ({ status }) => status.phase === 'Running');
      await context.sleep(seconds(3));
      const pod = await untilPod(context, placed, 'it is there', () => true);
      expect(isReady(pod)).to.equal(false);
      expect(pod.status.containerStatuses?.[0]?.restartCount).to.equal(0);
    },
  );

  it(
    'no-requests-while-unready',
    {
      title: 'takes a pod out of its Service while it is not ready, and in again',
      tags: ['write', 'scenario'],
    },
    async (context) => {
      const labels = { app: 'moody' };
      const pod = await runPod(context, home(), { labels, container: { readinessProbe: asks('/readyz') } });
      const service = await makeService(context, home(), 'moody');
      const endpoints = (says: string, expected: readonly string[]): Promise<void> =>
        context.eventually(says, async () => {
          expect(await readyEndpoints(context, home(), service.name)).to.deep.equal(expected);
        });
      await endpoints('the Service has the pod', [pod.name]);
      await askPod(context, pod, '/ready?value=false');
      await endpoints('the Service has it no more', []);
      await askPod(context, pod, '/ready?value=true');
      await endpoints('the Service has it again', [pod.name]);
    },
  );
});
