import {
  askPod,
  expect,
  logOf,
  makeNamespace,
  makePod,
  runOnce,
  runPod,
  suite,
  testContainer,
  untilPod,
  type Pod,
} from '../../src/conformance/index.ts';

const NEEDS = ['kubernetes', 'whole-kubernetes', 'test-image'] as const;

const endOf = ({ status }: Pod): { exitCode: number; reason?: string; message?: string } | undefined =>
  status.containerStatuses?.[0]?.state.terminated;

suite('kubernetes/containers', { title: 'Containers', needs: NEEDS }, ({ it, shared }) => {
  const home = shared((context) => makeNamespace(context, 'containers'));

  it(
    'image-defaults',
    {
      title: 'runs what the image says when the pod says nothing',
      tags: ['write'],
      covers: [
        '[sig-node] Containers should use the image defaults if command and args are blank [NodeConformance] [Conformance]',
      ],
    },
    async (context) => {
      const pod = await runPod(context, home(), { args: [] });
      expect(await askPod(context, pod, '/hostname')).to.equal(pod.name);
    },
  );

  it(
    'arguments',
    {
      title: 'hands the arguments of the pod to the command of the image',
      tags: ['write'],
      covers: [
        "[sig-node] Containers should be able to override the image's default arguments (container cmd) [NodeConformance] [Conformance]",
        '[sig-node] Kubelet when scheduling a busybox command in a pod should print the output to logs [NodeConformance] [Conformance]',
      ],
    },
    async (context) => {
      const { printed } = await runOnce(context, home(), { args: ['version'] });
      expect(printed).to.match(/^test-app \d+\.\d+\.\d+\n$/);
    },
  );

  it(
    'command',
    {
      title: 'runs the command of the pod in place of that of the image',
      tags: ['write'],
      covers: [
        "[sig-node] Containers should be able to override the image's default command and arguments [NodeConformance] [Conformance]",
      ],
    },
    async (context) => {
      const container = { command: ['/test-app', 'env'], env: [{ name: 'COLOUR', value: 'green' }] };
      const { printed } = await runOnce(context, home(), { args: ['COLOUR'], container });
      expect(printed).to.equal('COLOUR=green\n');
    },
  );

  it(
    'variables-in-arguments',
    {
      title: 'puts variables into other variables and into arguments',
      tags: ['write'],
      covers: [
        "[sig-node] Variable Expansion should allow substituting values in a container's args [NodeConformance] [Conformance]",
        '[sig-node] Variable Expansion should allow composing env vars into new env vars [NodeConformance] [Conformance]',
      ],
    },
    async (context) => {
      const env = [
        { name: 'WHICH', value: 'BOTH' },
        { name: 'LEFT', value: 'left' },
        { name: 'BOTH', value: '$(LEFT) and right' },
      ];
      const { printed } = await runOnce(context, home(), { args: ['env', '$(WHICH)'], container: { env } });
      expect(printed).to.equal('BOTH=left and right\n');
    },
  );

  it(
    'exit-code',
    {
      title: 'tells how a program ended, and starts it again only where it should',
      tags: ['write'],
      covers: [
        '[sig-node] Container Runtime blackbox test when starting a container that exits should run with the expected status [NodeConformance] [Conformance]',
        '[sig-node] Kubelet when scheduling a busybox command that always fails in a pod should have an terminated reason [NodeConformance] [Conformance]',
      ],
    },
    async (context) => {
      const [failed, ended] = await Promise.all([
        runOnce(context, home(), { args: ['crash', '-code', '7'] }),
        runOnce(context, home(), { args: ['version'], spec: { restartPolicy: 'OnFailure' } }),
      ]);
      expect(failed.pod.status.phase).to.equal('Failed');
      expect(endOf(failed.pod)).to.deep.include({ exitCode: 7, reason: 'Error' });
      expect(ended.pod.status.phase).to.equal('Succeeded');
      expect(endOf(ended.pod)).to.deep.include({ exitCode: 0, reason: 'Completed' });
      for (const { pod } of [failed, ended])
        expect(pod.status.containerStatuses?.[0]?.restartCount).to.equal(0);
    },
  );

  it(
    'last-words',
    {
      title: 'keeps what a program wrote as its last words',
      tags: ['write'],
      covers: [
        '[sig-node] Container Runtime blackbox test on terminated container should report termination message from file when pod succeeds and TerminationMessagePolicy FallbackToLogsOnError is set [NodeConformance] [Conformance]',
      ],
    },
    async (context) => {
      const container = { terminationMessagePolicy: 'FallbackToLogsOnError' };
      const args = ['write', '/dev/termination-log', 'all is well'];
      const { pod } = await runOnce(context, home(), { args, container });
      expect(endOf(pod)).to.deep.include({ exitCode: 0, message: 'all is well' });
    },
  );

  it(
    'last-words-of-log',
    {
      title: 'takes the end of the log for the last words of a program that failed without any',
      tags: ['write'],
      covers: [
        '[sig-node] Container Runtime blackbox test on terminated container should report termination message from log output if TerminationMessagePolicy FallbackToLogsOnError is set [NodeConformance] [Conformance]',
      ],
    },
    async (context) => {
      const container = { terminationMessagePolicy: 'FallbackToLogsOnError' };
      const { pod } = await runOnce(context, home(), { args: ['crash', '-code', '3'], container });
      expect(endOf(pod)).to.deep.include({ exitCode: 3 });
      expect(endOf(pod)?.message).to.contain('crashing with 3');
    },
  );

  it(
    'user-and-group',
    {
      title: 'runs a container as the user and the group that it was given',
      tags: ['write'],
      covers: [
        '[sig-node] Security Context should support container.SecurityContext.RunAsUser And container.SecurityContext.RunAsGroup [LinuxOnly] [Conformance]',
        '[sig-node] Security Context should support pod.Spec.SecurityContext.RunAsUser And pod.Spec.SecurityContext.RunAsGroup [LinuxOnly] [Conformance]',
      ],
    },
    async (context) => {
      const spec = { securityContext: { runAsUser: 1001, runAsGroup: 1002 } };
      const container = { securityContext: { runAsUser: 2001 } };
      const [ofPod, ofContainer] = await Promise.all([
        runOnce(context, home(), { args: ['id'], spec }),
        runOnce(context, home(), { args: ['id'], spec, container }),
      ]);
      expect(ofPod.printed).to.equal('1001 1002\n');
      expect(ofContainer.printed).to.equal('2001 1002\n');
    },
  );

  it(
    'read-only-root',
    {
      title: 'lets nothing be written on a root file system that is read only',
      tags: ['write', 'negative'],
      covers: [
        '[sig-node] Kubelet when scheduling a read only busybox container should not write to root filesystem [LinuxOnly] [NodeConformance] [Conformance]',
        '[sig-node] Security Context When creating a pod with readOnlyRootFilesystem should run the container with writable rootfs when readOnlyRootFilesystem=false [NodeConformance] [Conformance]',
      ],
    },
    async (context) => {
      const args = ['write', '/tmp/mark', 'here'];
      const writing = (readOnlyRootFilesystem: boolean): ReturnType<typeof runOnce> =>
        runOnce(context, home(), { args, container: { securityContext: { readOnlyRootFilesystem } } });
      const [open, closed] = await Promise.all([writing(false), writing(true)]);
      expect(open.pod.status.phase).to.equal('Succeeded');
      expect(closed.pod.status.phase).to.equal('Failed');
      expect(closed.printed).to.contain('read-only');
    },
  );

  it(
    'ephemeral',
    {
      title: 'starts another container in a pod that runs',
      tags: ['write', 'admin'],
      covers: [
        '[sig-node] Ephemeral Containers [NodeConformance] will start an ephemeral container in an existing pod [Conformance]',
      ],
    },
    async (context) => {
      const placed = await runPod(context, home());
      const looker = testContainer(context, ['get', 'http://localhost:8080/hostname'], { name: 'looker' });
      const { status } = await context.kubernetes.request({
        method: 'PATCH',
        path: `${placed.path}/ephemeralcontainers`,
        headers: { 'content-type': 'application/strategic-merge-patch+json' },
        body: { spec: { ephemeralContainers: [looker] } },
      });
      expect(status).to.equal(200);
      await untilPod(
        context,
        placed,
        'the other container has ended',
        ({ status: { ephemeralContainerStatuses } }) =>
          ((ephemeralContainerStatuses ?? []) as readonly { state: { terminated?: object } }[]).some(
            ({ state }) => state.terminated !== undefined,
          ),
      );
      expect(await logOf(context, placed, 'looker')).to.equal(placed.name);
    },
  );

  it(
    'host-aliases',
    {
      title: 'writes the names that a pod was given into its file of hosts',
      tags: ['write'],
      covers: [
        '[sig-node] Kubelet when scheduling an agnhost Pod with hostAliases should write entries to /etc/hosts [NodeConformance] [Conformance]',
      ],
    },
    async (context) => {
      const spec = { hostAliases: [{ ip: '192.0.2.7', hostnames: ['elsewhere.example'] }] };
      const { printed } = await runOnce(context, home(), { args: ['cat', '/etc/hosts'], spec });
      expect(printed).to.match(/^192\.0\.2\.7\s+elsewhere\.example$/m);
    },
  );

  it(
    'unsafe-kernel-setting',
    {
      title: 'refuses the name of a kernel setting that is none',
      tags: ['negative'],
      covers: [
        '[sig-node] Sysctls [LinuxOnly] [NodeConformance] should reject invalid sysctls [Conformance]',
      ],
    },
    async (context) => {
      const spec = { securityContext: { sysctls: [{ name: 'foo-', value: 'bar' }] } };
      const refused = await makePod(context, home(), { spec }).catch((error: unknown) => error);
      expect(refused).to.be.an('error').with.nested.property('facts.status', 422);
    },
  );
});
