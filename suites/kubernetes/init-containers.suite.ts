import {
  askPod,
  expect,
  makeNamespace,
  makePod,
  runPod,
  suite,
  testContainer,
  untilPod,
} from '../../src/conformance/index.ts';

const NEEDS = ['kubernetes', 'whole-kubernetes', 'test-image'] as const;

suite(
  'kubernetes/init-containers',
  { title: 'Init containers and hooks', needs: NEEDS },
  ({ it, shared }) => {
    const home = shared((context) => makeNamespace(context, 'init'));

    it(
      'one-after-the-other',
      {
        title: 'runs init containers one after the other, and then the pod',
        tags: ['write', 'scenario'],
        covers: [
          '[sig-node] InitContainer [NodeConformance] should invoke init containers on a RestartAlways pod [Conformance]',
        ],
      },
      async (context) => {
        const place = { name: 'place', mountPath: '/place' };
        const initContainers = [
          testContainer(context, ['write', '/place/first', 'was here'], {
            name: 'first',
            volumeMounts: [place],
          }),
          testContainer(context, ['cat', '/place/first'], { name: 'second', volumeMounts: [place] }),
        ];
        const spec = { initContainers, volumes: [{ name: 'place', emptyDir: {} }] };
        const placed = await runPod(context, home(), { spec, container: { volumeMounts: [place] } });
        const ends = placed.pod.status.initContainerStatuses?.map(({ state }) => state.terminated?.exitCode);
        expect(ends).to.deep.equal([0, 0]);
        expect(await askPod(context, placed, '/file?path=/place/first')).to.deep.include({
          text: 'was here',
        });
      },
    );

    it(
      'failed',
      {
        title: 'fails a pod whose init container failed, and starts nothing else of it',
        tags: ['write', 'negative'],
        covers: [
          '[sig-node] InitContainer [NodeConformance] should not start app containers and fail the pod if init containers fail on a RestartNever pod [Conformance]',
        ],
      },
      async (context) => {
        const initContainers = [
          testContainer(context, ['crash'], { name: 'first' }),
          testContainer(context, ['version'], { name: 'second' }),
        ];
        const placed = await makePod(context, home(), { spec: { initContainers, restartPolicy: 'Never' } });
        const { status } = await untilPod(
          context,
          placed,
          'it has failed',
          (pod) => pod.status.phase === 'Failed',
        );
        const [first, second] = status.initContainerStatuses ?? [];
        expect(first?.state.terminated?.exitCode).to.equal(1);
        expect(second?.state.waiting?.reason).to.equal('PodInitializing');
        expect(status.containerStatuses?.[0]?.state.waiting?.reason).to.equal('PodInitializing');
      },
    );

    it(
      'tried-again',
      {
        title: 'tries a failing init container again and again before anything else of the pod',
        tags: ['write', 'negative'],
        covers: [
          '[sig-node] InitContainer [NodeConformance] should not start app containers if init containers fail on a RestartAlways pod [Conformance]',
        ],
      },
      async (context) => {
        const initContainers = [testContainer(context, ['crash'], { name: 'first' })];
        const placed = await makePod(context, home(), { spec: { initContainers } });
        const again = await untilPod(
          context,
          placed,
          'its init container was started again',
          ({ status }) => (status.initContainerStatuses?.[0]?.restartCount ?? 0) > 0,
        );
        expect(again.status.phase).to.equal('Pending');
        expect(again.status.containerStatuses?.[0]?.state.waiting?.reason).to.equal('PodInitializing');
      },
    );

    it(
      'after-start',
      {
        title: 'runs the command of a hook once a container has started',
        tags: ['write'],
        covers: [
          '[sig-node] Container Lifecycle Hook when create a pod with lifecycle hook should execute poststart exec hook properly [NodeConformance] [Conformance]',
        ],
      },
      async (context) => {
        const command = ['/test-app', 'write', '/tmp/hook', 'ran'];
        const pod = await runPod(context, home(), {
          container: { lifecycle: { postStart: { exec: { command } } } },
        });
        expect(await askPod(context, pod, '/file?path=/tmp/hook')).to.deep.include({ text: 'ran' });
      },
    );

    it(
      'before-stop',
      {
        title: 'asks the address of a hook before a container is stopped',
        tags: ['write'],
        covers: [
          '[sig-node] Container Lifecycle Hook when create a pod with lifecycle hook should execute prestop http hook properly [NodeConformance] [Conformance]',
        ],
      },
      async (context) => {
        const witness = await runPod(context, home(), { what: 'witness' });
        const httpGet = { host: witness.pod.status.podIP, port: 8080, path: '/it-stops' };
        const stopped = await runPod(context, home(), { container: { lifecycle: { preStop: { httpGet } } } });
        await context.kubernetes.delete(stopped.path);
        const told = async (): Promise<void> => {
          expect(await askPod<readonly string[]>(context, witness, '/seen')).to.include('/it-stops');
        };
        await context.eventually('the hook was run', told);
      },
    );
  },
);
