import { expect } from 'chai';
import { beforeEach, describe, it } from 'mocha';
import { ACCESS_FAMILIES } from '../../../src/labs/existing/needed-access.ts';
import { nodeAbilities } from '../../../src/labs/existing/node-abilities.ts';
import { renderNodePod } from '../../../src/labs/existing/node-pod.ts';
import { doOnNode, runOnNode } from '../../../src/labs/existing/run-on-node.ts';
import { HarnessError } from '../../../src/model/errors.ts';
import type { LinkRule } from '../../../src/ports/lab.ts';
import { isGranted } from './granted-access.ts';
import { node, ScriptedCluster } from './scripted-cluster.ts';

const thrown = async (act: () => Promise<unknown>): Promise<HarnessError> => {
  const error: unknown = await act().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).to.be.instanceOf(HarnessError);
  return error as HarnessError;
};
const order = { node: 'control-1', what: 'list', script: 'true', deadlineSeconds: 30 };
const seconds = (s: number): { ms: number } => ({ ms: s * 1000 });

describe('labs/existing: a pod that is root on its node for a moment', () => {
  const pod = renderNodePod(order, { image: 'registry.test/tools:1', pullSecret: 'ours' }, 'abc') as {
    metadata: { name: string; namespace: string; labels: Record<string, string> };
    spec: Record<string, unknown> & { containers: { command: string[]; securityContext: unknown }[] };
  };

  it('ends by itself, is bound to its node, and has no token', () => {
    expect(pod.spec).to.include({
      nodeName: 'control-1',
      activeDeadlineSeconds: 30,
      restartPolicy: 'Never',
      hostPID: true,
      hostNetwork: true,
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 0,
    });
    expect(pod.spec['tolerations']).to.deep.equal([{ operator: 'Exists' }]);
    expect(pod.spec['imagePullSecrets']).to.deep.equal([{ name: 'ours' }]);
    expect(pod.spec).to.not.have.any.keys('serviceAccountName', 'volumes');
  });

  it('enters the namespaces of the first process and runs the whole script there', () => {
    const [container] = pod.spec.containers;
    expect(container?.command.slice(0, 3)).to.deep.equal(['nsenter', '--target', '1']);
    expect(container?.command.slice(-3)).to.deep.equal(['/bin/sh', '-ec', 'true']);
    expect(container?.securityContext).to.deep.equal({ privileged: true, runAsUser: 0 });
  });

  it('is found again by its labels, in a namespace of its own', () => {
    expect(pod.metadata.namespace).to.equal('squall-node-access');
    expect(pod.metadata.labels).to.have.keys('squall.dev/node-act', 'squall.dev/run');
    expect(pod.metadata.name).to.match(/^sq-node-list-[0-9a-f]{6}-abc$/);
  });
});

describe('labs/existing: running something on a node', () => {
  it('hands back what was written and how it ended, and leaves no pod', async () => {
    const cluster = new ScriptedCluster(() => ({ exitCode: 3, output: 'does not run\n' }));
    expect(await runOnNode(cluster.tools(), order)).to.deep.equal({ exitCode: 3, output: 'does not run' });
    expect(cluster.pods.size).to.equal(0);
    expect((await thrown(() => doOnNode(cluster.tools(), order))).message).to.include('3: does not run');
  });

  it('takes away what an act has left whose harness was killed, and nothing that still runs', async () => {
    const cluster = new ScriptedCluster(() => ({ output: '' }));
    const left = (name: string, phase: string, labels: Record<string, string>): void => {
      cluster.pods.set(`/api/v1/namespaces/squall-node-access/pods/${name}`, {
        metadata: { name, labels },
        status: { phase },
      });
    };
    left('ended', 'Failed', { 'squall.dev/node-act': 'stop' });
    left('running', 'Running', { 'squall.dev/node-act': 'stop' });
    left('foreign', 'Succeeded', {});
    await runOnNode(cluster.tools(), order);
    expect([...cluster.pods.values()].map(({ metadata }) => metadata.name)).to.deep.equal([
      'running',
      'foreign',
    ]);
  });

  const rows: readonly [title: string, status: object | 'nothing', says: RegExp, definite: boolean][] = [
    ['a kubelet that does nothing', 'nothing', /did not begin the pod within 60 s/, true],
    [
      'an image that cannot be pulled',
      {
        phase: 'Pending',
        containerStatuses: [{ state: { waiting: { reason: 'ErrImagePull', message: 'no' } } }],
      },
      /cannot begin \(ErrImagePull: no\)/,
      true,
    ],
    [
      'its deadline',
      { phase: 'Failed', reason: 'DeadlineExceeded', message: 'too long' },
      /DeadlineExceeded/,
      false,
    ],
    ['a script that never ends', { phase: 'Running' }, /did not end in time/, false],
  ];
  for (const [title, status, says, definite] of rows) {
    it(`says so, and whether it may have been done: ${title}`, async () => {
      const cluster = new ScriptedCluster(() => status);
      const error = await thrown(() => runOnNode(cluster.tools(), order));
      expect(error.code).to.equal('SQ_LAB');
      expect(error.message).to.match(says).and.include('control-1');
      expect(error.definite).to.equal(definite);
      expect(cluster.pods.size).to.equal(0);
    });
  }

  it('says what is missing where such pods may not be made', async () => {
    const cluster = new ScriptedCluster(() => 'nothing');
    cluster.refuse = 'pods is forbidden';
    const error = await thrown(() => runOnNode(cluster.tools(), order));
    expect(error.message).to.include('pods is forbidden');
    expect(error.remedy).to.include('docs/rbac/node-access.yaml');
  });

  it('ends with the signal, and deletes its pod all the same', async () => {
    const cluster = new ScriptedCluster(() => ({ phase: 'Running' }));
    const stop = new AbortController();
    const running = runOnNode(cluster.tools(), order, stop.signal).catch((error: unknown) => error);
    await new Promise((resolve) => setImmediate(resolve));
    stop.abort(new Error('enough'));
    expect(((await running) as Error).message).to.equal('enough');
    expect(cluster.pods.size).to.equal(0);
  });
});

describe('labs/existing: abilities over nodes', () => {
  let cluster: ScriptedCluster;
  const answers = new Map<string, string>();
  const silent = new Set<string>();
  const abilities = () => nodeAbilities(cluster.tools());
  beforeEach(() => {
    answers.clear();
    silent.clear();
    cluster = new ScriptedCluster((name, script) => {
      if (silent.has(name)) return 'nothing';
      const found = [...answers].find(([part]) => script.includes(part));
      return { output: found?.[1] ?? 'planned' };
    });
    cluster.nodes = [
      node('control-1', '10.0.0.1', '10.244.0.0/24'),
      node('control-2', '10.0.0.2', '10.244.1.0/24'),
      node('compute-1', '10.0.0.3', '10.244.2.0/24'),
    ];
  });
  const rule = (more: Partial<LinkRule> = {}): LinkRule => ({
    id: 'r1/cut',
    run: 'r1',
    groupA: ['control-1'],
    groupB: ['control-2', 'compute-1'],
    direction: 'both',
    ports: [],
    effect: { kind: 'cut' },
    expiresAfter: seconds(30),
    ...more,
  });

  it('lists units, and not again for each look at the cluster', async () => {
    answers.set('systemctl cat', 'kubelet running\nkeepalived stopped\netcd running');
    const { units } = abilities();
    expect(await units?.list('control-1')).to.deep.equal([
      { unit: 'kubelet', running: true },
      { unit: 'keepalived', running: false },
      { unit: 'etcd', running: true },
    ]);
    await units?.list('control-1');
    expect(cluster.made).to.have.length(1);
    await units?.start('control-1', 'keepalived');
    await units?.list('control-1');
    expect(cluster.made).to.have.length(3);
  });

  it('plans the start before the stop, on the node, and waits until the stop is due', async () => {
    await abilities().units?.stop('control-1', 'kubelet', { id: 'r1/stop', startAgainAfter: seconds(30) });
    const script = cluster.made[0]?.script ?? '';
    const start = script.indexOf(
      "--on-active=35s --timer-property=AccuracySec=50ms /bin/sh -c 'systemctl start kubelet",
    );
    const stop = script.indexOf(
      "--on-active=5s --timer-property=AccuracySec=50ms /bin/sh -c 'systemctl stop kubelet",
    );
    expect(start).to.be.greaterThan(0);
    expect(stop).to.be.greaterThan(start);
    expect(cluster.slept.at(-1)).to.equal(5000);
    expect(script).to.include(
      'mv /etc/kubernetes/manifests/kubelet.yaml /etc/kubernetes/squall-parked-kubelet.yaml',
    );
  });

  it('says that a unit does not run', async () => {
    cluster = new ScriptedCluster(() => ({ exitCode: 3, output: 'keepalived does not run' }));
    const error = await thrown(async () =>
      abilities().units?.stop('control-1', 'keepalived', { id: 'x', startAgainAfter: seconds(1) }),
    );
    expect(error.code).to.equal('SQ_INJECT_FAILED');
    expect(error.message).to.include('keepalived does not run');
  });

  for (const unit of ['a; reboot', '$(reboot)', "x' y", '-x', '../etcd', '']) {
    it(`lets no shell see ${JSON.stringify(unit)} as the name of a unit`, async () => {
      for (const act of [
        () => abilities().units?.start('control-1', unit),
        () => abilities().units?.stop('control-1', unit, { id: 'x', startAgainAfter: seconds(1) }),
        () => abilities().units?.look('control-1', unit, seconds(1)),
      ])
        expect((await thrown(async () => act())).code).to.equal('SQ_INJECT_FAILED');
      expect(cluster.made).to.deep.equal([]);
    });
  }

  it('looks at a node and at what others use from other nodes, and at the rest on the node', async () => {
    answers.set('/dev/tcp/10.0.0.1/10250', 'silent');
    answers.set('/dev/tcp/10.0.0.1/6443', 'answers');
    answers.set('/dev/tcp/127.0.0.1/10259', 'refused');
    answers.set('is-active --quiet keepalived', 'answers');
    silent.add('control-1');
    const { look, units } = abilities();
    expect(await look?.('control-1', seconds(1))).to.equal('silent');
    expect(await units?.look('control-1', 'kube-apiserver', seconds(1))).to.equal('answers');
    expect(cluster.made.map((made) => made.node)).to.not.include('control-1');
    silent.clear();
    expect(await units?.look('control-1', 'kube-scheduler', seconds(1))).to.equal('refused');
    expect(await units?.look('control-1', 'keepalived', seconds(1))).to.equal('answers');
    expect(cluster.made.slice(-2).map((made) => made.node)).to.deep.equal(['control-1', 'control-1']);
  });

  it('takes nothing for a look that says nothing', async () => {
    answers.set('/dev/tcp', 'bash: not found');
    const error = await thrown(async () => abilities().look?.('control-1', seconds(1)));
    expect(error.message).to.include('says nothing');
  });

  it('cuts at the smaller side, with the ends planned first', async () => {
    await abilities().links?.add(rule());
    expect(cluster.made.map((made) => made.node)).to.deep.equal(['control-1']);
    const script = cluster.made[0]?.script ?? '';
    expect(script.indexOf('--on-active=36s')).to.be.greaterThan(0);
    expect(script.indexOf('--on-active=5s')).to.be.greaterThan(script.indexOf('--on-active=36s'));
    expect(script.indexOf('nft --check')).to.be.lessThan(script.indexOf('systemd-run --quiet'));
  });

  it('names what it made so that it is found without a record, by run and id', async () => {
    await abilities().links?.add(rule());
    const table =
      /nft delete table inet (squall_[0-9a-f]+_[0-9a-f]+)/.exec(cluster.made[0]?.script ?? '')?.[1] ?? '';
    answers.set('grep -q expires', `${table}\nsomebody elses`);
    expect(await abilities().links?.rules()).to.deep.equal(
      ['control-1', 'control-2', 'compute-1'].map((name) => ({ run: 'r1', id: 'r1/cut', node: name })),
    );
  });

  it('removes from all nodes, and says when one cannot be asked that the rule ends all the same', async () => {
    answers.set('removed', 'removed');
    await abilities().links?.remove('r1/cut');
    expect(cluster.made.map((made) => made.node)).to.deep.equal(['control-1', 'control-2', 'compute-1']);
    silent.add('control-1');
    const error = await thrown(async () => abilities().links?.remove('r1/cut'));
    expect(error.message).to.include('it ends at its declared end').and.include('control-1');
    expect(error.definite).to.equal(false);
  });

  it('tries a link from the end that can still run pods', async () => {
    answers.set('/dev/tcp/10.0.0.1/10250', 'silent');
    silent.add('control-1');
    expect(await abilities().links?.reach('control-1', 'control-2', seconds(1))).to.equal('silent');
    expect(cluster.pods.size).to.equal(0);
  });

  it('asks a node for its addresses and files', async () => {
    answers.set(
      'ip -o addr',
      '1: lo    inet 127.0.0.1/8 scope host lo\n2: eth0    inet 10.77.0.12/24 brd 10.77.0.255 scope global eth0\n2: eth0    inet 10.77.0.100/24 scope global secondary eth0\n2: eth0    inet6 fe80::1/64 scope link',
    );
    answers.set('/etc/keepalived/keepalived.conf', 'there\nvrrp_instance api {\n}');
    answers.set('/etc/none', 'none');
    const { inspect } = abilities();
    expect(await inspect?.addresses('control-1', seconds(1))).to.deep.equal([
      '127.0.0.1',
      '10.77.0.12',
      '10.77.0.100',
      'fe80::1',
    ]);
    expect(await inspect?.file('control-1', '/etc/keepalived/keepalived.conf', seconds(1))).to.match(
      /^vrrp_instance/,
    );
    expect(await inspect?.file('control-1', '/etc/none', seconds(1))).to.equal(undefined);
    expect(
      (await thrown(async () => inspect?.file('control-1', '/etc/$(reboot)', seconds(1)))).code,
    ).to.equal('SQ_LAB');
  });

  it('asks nothing that docs/rbac/node-access.yaml does not grant', async () => {
    answers.set('/dev/tcp', 'answers');
    const { links, units, look, inspect } = abilities();
    await links?.add(rule());
    await links?.rules();
    await links?.remove('r1/cut');
    await links?.reach('control-1', 'control-2', seconds(1));
    await units?.list('control-1');
    await units?.stop('control-1', 'kubelet', { id: 'x', startAgainAfter: seconds(1) });
    await units?.start('control-1', 'kubelet');
    await units?.look('control-1', 'etcd', seconds(1));
    await look?.('control-1', seconds(1));
    await inspect?.addresses('control-1', seconds(1));
    const family = ACCESS_FAMILIES.filter(({ manifest }) => manifest === 'node-access.yaml');
    expect(cluster.asked.filter((asked) => !isGranted(asked, family))).to.deep.equal([]);
    expect(new Set(cluster.asked.map(({ verb, resource }) => `${verb} ${resource ?? ''}`))).to.have.keys(
      'list nodes',
      'list pods',
      'create pods',
      'get pods',
      'get pods/log',
      'delete pods',
    );
  });
});
