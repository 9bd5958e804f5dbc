import { expect } from 'chai';
import { describe, it } from 'mocha';
import { CORDON_MARK } from '../../src/chaos/cordon.ts';
import { healEntry } from '../../src/chaos/heal-entry.ts';
import type { FaultStep } from '../../src/model/plan.ts';
import type { HealingEntry } from '../../src/model/injection.ts';
import { setStage, type Stage } from './fakes/stage.ts';
import { faultStep, planOf } from './fakes/topologies.ts';

const NODE = '/api/v1/nodes/control-1';
const never = new AbortController().signal;

const drain = (parameters: FaultStep['parameters'] = {}): FaultStep =>
  faultStep('drain', 'node-drain', { node: 'control-1' }, { parameters });

const evict = (parameters: FaultStep['parameters'] = {}): FaultStep =>
  faultStep(
    'evict',
    'pod-delete',
    { workload: 'mariadb', node: 'control-1' },
    {
      parameters: { how: 'eviction', ...parameters },
    },
  );

const count = (stage: Stage, act: string): number =>
  stage.actions.filter((each) => each === `lab: ${act}`).length;

/** The entry of a drain whose harness died while it held. */
async function heldDrain(): Promise<{ stage: Stage; entry: HealingEntry }> {
  const stage = await setStage();
  let entry: HealingEntry | undefined;
  void stage.play(planOf([{ ...drain(), duration: { ms: 3_600_000 } }]), {
    progress: {
      report: (event) => {
        if (event.kind === 'fault' && event.state === 'holding') entry = stage.journal.open()[0];
      },
    },
  });
  while (entry === undefined) await new Promise((resolve) => setImmediate(resolve));
  return { stage, entry };
}

const toolsOf = (stage: Stage) => ({
  lab: stage.lab,
  kubernetes: stage.lab.kubernetes,
  clock: stage.clock,
  run: 'run-1',
});

describe('pod-delete by eviction', () => {
  it('asks again while a budget refuses, and counts as injected once it is allowed', async () => {
    const stage = await setStage();
    stage.lab.cluster.refusals.set('mariadb-0', 3);
    const { injections } = await stage.play(planOf([evict()]));
    expect(count(stage, 'refuse mariadb-0')).to.equal(3);
    expect(count(stage, 'evict mariadb-0')).to.equal(1);
    expect(injections[0]).to.include({ end: 'instant' });
    expect(injections[0]?.verified?.ok).to.equal(true);
  });

  it('gives up at the ceiling, says which budget refused, and deletes nothing', async () => {
    const stage = await setStage();
    stage.lab.cluster.refusals.set('mariadb-0', Number.POSITIVE_INFINITY);
    const before = stage.clock.now().ns;
    const { injections } = await stage.play(planOf([evict({ ceiling: { ms: 45_000 } })]));
    expect((stage.clock.now().ns - before) / 1e6).to.be.within(44_000, 46_500);
    expect(injections[0]?.end).to.equal('not-injected');
    expect(injections[0]?.trouble).to.contain('The budget b does not allow it');
    expect(stage.lab.pods.has('/api/v1/namespaces/openstack/pods/mariadb-0')).to.equal(true);
  });

  it('stops asking when the run is stopped', async () => {
    const stage = await setStage();
    stage.lab.cluster.refusals.set('mariadb-0', Number.POSITIVE_INFINITY);
    stage.clock.after(5000, () => stage.user.abort(new Error('Ctrl-C')));
    await stage.play(planOf([evict()]));
    expect(count(stage, 'refuse mariadb-0')).to.be.within(4, 6);
  });

  for (const [how, parameters, act] of [
    ['the pod’s own grace period', { how: 'grace' }, 'delete mariadb-0'],
    ['a grace period of the plan', { how: 'grace', gracePeriod: { ms: 2500 } }, 'delete mariadb-0 within 3s'],
    ['none', { how: 'force' }, 'delete mariadb-0 within 0s'],
  ] as const) {
    it(`deletes with ${how}`, async () => {
      const stage = await setStage();
      await stage.play(planOf([{ ...evict(), parameters }]));
      expect(count(stage, act), stage.actions.join()).to.equal(1);
    });
  }

  it('refuses a plan that kills at once and gives time', async () => {
    const stage = await setStage();
    const parameters = { how: 'force', gracePeriod: { ms: 5000 } };
    const error: unknown = await stage
      .play(planOf([{ ...evict(), parameters }]))
      .catch((thrown: unknown) => thrown);
    expect(error).to.include({ code: 'SQ_PLAN_INVALID' });
  });
});

describe('node-drain', () => {
  it('leaves what nothing could move or nobody would bring back, and says what it left', async () => {
    const stage = await setStage();
    const { cluster } = stage.lab;
    const pod = (name: string, metadata: object, status: object = { phase: 'Running' }): void =>
      cluster.put(`/api/v1/namespaces/default/pods/${name}`, {
        metadata: { name, namespace: 'default', uid: `uid-${name}`, ...metadata },
        spec: { nodeName: 'control-1' },
        status,
      });
    pod('agent', { ownerReferences: [{ kind: 'DaemonSet', name: 'd', uid: 'd' }] });
    pod('mirror', { annotations: { 'kubernetes.io/config.mirror': 'x' } });
    pod('done', { ownerReferences: [{ kind: 'Job', name: 'j', uid: 'j' }] }, { phase: 'Succeeded' });
    pod('stray', {});
    const { injections } = await stage.play(planOf([drain()]));
    expect(injections[0]?.verified?.ok).to.equal(true);
    expect(injections[0]?.verified?.says).to.contain('left: stray');
    const left = [...stage.lab.pods.keys()].filter((path) => path.includes('/default/'));
    expect(left.map((path) => path.split('/').pop())).to.deep.equal(['agent', 'mirror', 'done', 'stray']);
  });

  it('uncordons when budgets refused to the ceiling, and counts as not injected', async () => {
    const stage = await setStage();
    stage.lab.cluster.refusals.set('keystone-api-0', Number.POSITIVE_INFINITY);
    const { injections } = await stage.play(planOf([drain({ ceiling: { ms: 90_000 } })]));
    expect(injections[0]?.end).to.equal('not-injected');
    expect(injections[0]?.trouble).to.contain('keystone-api-0 (429');
    expect(stage.lab.hurt()).to.deep.equal([]);
    expect(stage.actions.at(-1)).to.equal('harness: healed');
  });

  for (const [who, annotations] of [
    ['somebody else', {}],
    ['another run', { [CORDON_MARK]: 'run-0/drain' }],
  ] as const) {
    it(`refuses a node that ${who} has cordoned, and touches nothing`, async () => {
      const stage = await setStage();
      stage.lab.cluster.put(NODE, {
        metadata: { name: 'control-1', uid: 'uid-control-1', annotations },
        spec: { unschedulable: true },
      });
      const { injections } = await stage.play(planOf([drain()]));
      expect(injections[0]?.trouble).to.contain('cordoned already');
      expect(stage.actions).to.deep.equal([]);
    });
  }

  it('does not take a cordon for its own when somebody was faster between the look and the act', async () => {
    const stage = await setStage();
    const { cluster } = stage.lab;
    cluster.onPatch = () => {
      cluster.onPatch = () => undefined;
      cluster.put(NODE, {
        metadata: { name: 'control-1', uid: 'uid-control-1' },
        spec: { unschedulable: true },
      });
    };
    const { injections } = await stage.play(planOf([drain()]));
    expect(injections[0]?.trouble).to.contain('cordoned by somebody else meanwhile');
    expect(stage.lab.pods.get(NODE)?.['spec']).to.deep.equal({ unschedulable: true });
    expect(count(stage, 'uncordon control-1')).to.equal(0);
  });

  it('keeps what a kubelet writes to the node at the same time', async () => {
    const stage = await setStage();
    const { cluster } = stage.lab;
    let writes = 0;
    cluster.onPatch = (path) => {
      writes += 1;
      const present = stage.lab.pods.get(path);
      if (writes <= 3 && present !== undefined)
        cluster.put(path, { ...present, status: { heartbeat: writes } });
    };
    const { injections } = await stage.play(planOf([drain()]));
    expect(injections[0]?.end).to.equal('healed');
    expect(stage.lab.pods.get(NODE)?.['status']).to.deep.equal({ heartbeat: 3 });
  });

  it('leaves the cordon of somebody who cordoned it after we had uncordoned it, and says so', async () => {
    const { stage, entry } = await heldDrain();
    stage.lab.cluster.put(NODE, {
      metadata: { name: 'control-1', uid: 'uid-control-1' },
      spec: { unschedulable: true },
    });
    const verification = await healEntry(entry, toolsOf(stage), never);
    expect(verification.ok).to.equal(true);
    expect(verification.differences.join()).to.contain('by somebody else');
    expect(stage.lab.pods.get(NODE)?.['spec']).to.deep.equal({ unschedulable: true });
  });

  it('does not call it healed on another cluster, nor without the API', async () => {
    const { stage, entry } = await heldDrain();
    const { kubernetes: _kubernetes, ...without } = toolsOf(stage);
    expect((await healEntry(entry, without, never)).ok).to.equal(false);
    stage.lab.cluster.put('/api/v1/namespaces/kube-system', {
      metadata: { name: 'kube-system', uid: 'another' },
    });
    const elsewhere = await healEntry(entry, toolsOf(stage), never);
    expect(elsewhere.ok).to.equal(false);
    expect(elsewhere.says).to.contain('another cluster');
    expect(stage.lab.pods.get(NODE)?.metadata.annotations?.[CORDON_MARK]).to.equal(entry.id);
  });
});
