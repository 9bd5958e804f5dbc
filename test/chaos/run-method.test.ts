import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { HarnessError } from '../../src/model/errors.ts';
import type { Step } from '../../src/model/plan.ts';
import { setStage } from './fakes/stage.ts';
import { faultStep, planOf, reference } from './fakes/topologies.ts';

const off = faultStep('off', 'node-power-off', { node: 'control-1' });
const freeze = faultStep('freeze', 'node-freeze', { node: 'control-2' });
const cut = faultStep('cut', 'network-partition', { node: 'control-3' });
const stop = faultStep('stop', 'service-stop', { node: 'control-1', unit: 'etcd' });
const loss = faultStep('loss', 'network-loss', { node: 'control-2' }, { parameters: { share: 0.3 } });
const slow = faultStep(
  'slow',
  'network-latency',
  { node: 'compute-2' },
  { parameters: { delay: { ms: 100 } } },
);
const drain = faultStep('drain', 'node-drain', { node: 'compute-1' });
const reboot = faultStep('reboot', 'node-reboot', { node: 'control-3' });
const kill = faultStep('kill', 'pod-delete', { workload: 'mariadb' });
const parallel = (...steps: Step[]): Step => ({ kind: 'parallel', name: 'both', steps });

describe('runMethod', () => {
  const orders = [
    { step: off, inject: 'lab: off control-1', heal: 'lab: on control-1' },
    { step: freeze, inject: 'lab: freeze control-2', heal: 'lab: thaw control-2' },
    { step: cut, inject: 'lab: add run-1/cut', heal: 'lab: remove run-1/cut' },
    { step: loss, inject: 'lab: add run-1/loss', heal: 'lab: remove run-1/loss' },
    { step: stop, inject: 'lab: stop control-1/etcd', heal: 'lab: start control-1/etcd' },
  ];
  for (const { step, inject, heal } of orders) {
    it(`writes ${step.fault} down before it injects it, and closes it after it is healed`, async () => {
      const stage = await setStage();
      const { injections, stopped } = await stage.play(planOf([step]));
      expect(stopped).to.equal(undefined);
      expect(stage.actions).to.deep.equal([
        'harness: intend',
        inject,
        'harness: verified',
        heal,
        'harness: healed',
      ]);
      expect(stage.lab.hurt()).to.deep.equal([]);
      const [record] = injections;
      expect(record?.end).to.equal('healed');
      expect(record?.verified?.ok, record?.verified?.says).to.equal(true);
      expect(record?.verifiedHealed?.ok).to.equal(true);
      expect(record?.proof.length).to.be.above(0);
      // Held for its duration from the verified effect.
      expect((record?.healed?.earliestNs ?? 0) - (record?.injected?.latestNs ?? 0)).to.be.closeTo(10e9, 1e6);
    });
  }

  it('deletes a pod by its UID and owes nothing afterwards', async () => {
    const stage = await setStage();
    const { injections } = await stage.play(planOf([kill]));
    expect(stage.actions[0]).to.equal('harness: intend');
    expect(stage.actions[1]).to.match(/^lab: delete mariadb-/);
    expect(injections[0]).to.include({ end: 'instant', lasts: false });
    expect(stage.journal.open()).to.deep.equal([]);
  });

  it('ends the holding of all faults when a guard aborts, and heals them with time of its own', async () => {
    const stage = await setStage();
    stage.clock.after(4000, () =>
      stage.guard.abort(new HarnessError('SQ_STOPPED', 'The guard `api` saw 3 s down.')),
    );
    const record = await stage.play(
      planOf([parallel(off, faultStep('two', 'node-power-off', { node: 'compute-1' })), kill], {
        maxTargets: 2,
      }),
    );
    expect(record.stopped).to.deep.equal({ by: 'guard', says: 'The guard `api` saw 3 s down.' });
    expect(record.injections.map(({ end }) => end)).to.deep.equal(['healed-early', 'healed-early']);
    expect(stage.lab.hurt()).to.deep.equal([]);
    expect(stage.actions.filter((act) => act.includes('delete'))).to.deep.equal([]);
  });

  it('injects nothing more and heals when nobody looks for its guards any more, which no guard saw', async () => {
    const stage = await setStage();
    const blind = new AbortController();
    stage.clock.after(4000, () => blind.abort(new Error('The prober is gone.')));
    const record = await stage.play(planOf([off, kill]), { blind: blind.signal });
    expect(record.stopped).to.deep.equal({ by: 'refusal', says: 'The prober is gone.' });
    expect(record.injections.map(({ end }) => end)).to.deep.equal(['healed-early']);
    expect(stage.lab.hurt()).to.deep.equal([]);
  });

  it('runs parallel faults at once, and the second proof sees the first', async () => {
    const stage = await setStage();
    const other = faultStep('other', 'node-power-off', { node: 'control-2' });
    const { injections, stopped } = await stage.play(
      planOf([parallel(off, other)], { maxTargets: 2, maxShare: 1 }),
    );
    expect(injections.map(({ step, end }) => `${step} ${end}`).sort()).to.deep.equal([
      'off healed-early',
      'other not-injected',
    ]);
    expect(stopped?.by).to.equal('refusal');
    expect(stopped?.says).to.contain('quorum');
    expect(stage.lab.hurt()).to.deep.equal([]);
  });

  it('refuses a fault that only the reaper could end when there is none', async () => {
    const stage = await setStage();
    stage.reaperAlive = false;
    const { injections, stopped } = await stage.play(planOf([off]));
    expect(stage.actions).to.deep.equal([]);
    expect(injections[0]?.end).to.equal('not-injected');
    expect(stopped?.says).to.contain('reaper');
    expect((await (await setStage()).play(planOf([cut]))).stopped).to.equal(undefined);
  });

  it('touches nothing when the journal cannot be written, and nothing afterwards', async () => {
    const stage = await setStage();
    stage.store.onAppend = (_, kind) => {
      if (kind === 'intend') throw new Error('ENOSPC: no space left on device');
    };
    const { stopped, injections } = await stage.play(planOf([off, cut]));
    expect(stopped?.by).to.equal('journal');
    expect(stopped?.says).to.contain('ENOSPC');
    expect(injections).to.have.length(1);
    expect(stage.actions.filter((act) => act.startsWith('lab'))).to.deep.equal([]);
  });

  it('ends the hold and heals when the journal breaks after the injection; that it is healed goes to a second file', async () => {
    const stage = await setStage();
    stage.store.onAppend = (writer, kind) => {
      if (writer === 'harness' && kind === 'verified') throw new Error('EIO: i/o error');
    };
    const { stopped } = await stage.play(planOf([off, cut]));
    expect(stopped?.by).to.equal('journal');
    expect(stage.lab.hurt()).to.deep.equal([]);
    expect(stage.actions.at(-1)).to.equal('heal: healed');
    expect(stage.actions.some((act) => act.includes('add'))).to.equal(false);
    expect(stage.journal.open()).to.deep.equal([]);
  });

  for (const { title, path, plan } of [
    {
      title: 'pod',
      path: '/api/v1/namespaces/openstack/pods/mariadb-0',
      plan: planOf([faultStep('kill', 'pod-delete', { workload: 'mariadb', node: 'control-1' })]),
    },
    { title: 'node', path: '/api/v1/nodes/control-1', plan: planOf([off]) },
  ]) {
    it(`refuses a ${title} that was replaced between the proof and the act`, async () => {
      const stage = await setStage();
      stage.store.onAppend = (_, kind) => {
        if (kind === 'intend')
          stage.lab.pods.set(path, { metadata: { name: path.split('/').pop() ?? '', uid: 'another' } });
      };
      const { injections, stopped } = await stage.play(plan);
      expect(stopped?.by).to.equal('refusal');
      expect(stopped?.says).to.contain('was replaced between the proof and the act');
      expect(injections[0]?.end).to.equal('not-injected');
      expect(stage.actions).to.deep.equal(['harness: intend', 'harness: abandoned']);
      expect(stage.journal.open()).to.deep.equal([]);
    });
  }

  it('deletes nothing when a pod is replaced after the last look: the server compares the UID as well', async () => {
    const stage = await setStage();
    const path = '/api/v1/namespaces/openstack/pods/mariadb-0';
    const get = stage.lab.kubernetes.get.bind(stage.lab.kubernetes);
    stage.lab.kubernetes.get = async (asked) => {
      const found = await get(asked);
      stage.lab.pods.set(path, { metadata: { name: 'mariadb-0', uid: 'another' } });
      return found;
    };
    const { injections } = await stage.play(
      planOf([faultStep('kill', 'pod-delete', { workload: 'mariadb', node: 'control-1' })]),
    );
    expect(injections[0]?.end).to.equal('not-injected');
    expect(injections[0]?.trouble).to.contain('replaced before they could be deleted');
    expect(stage.lab.pods.get(path)?.metadata.uid).to.equal('another');
  });

  it('asks the topology again where there is no Kubernetes API to ask', async () => {
    const stage = await setStage();
    const topology = reference();
    const swapped = {
      ...topology,
      live: { ...topology.live, nodes: topology.live.nodes.map((node) => ({ ...node, uid: 'another' })) },
    };
    let asked = 0;
    const { stopped } = await stage.play(planOf([off]), {
      tools: { lab: stage.lab, clock: stage.clock, run: 'run-1' },
      rediscover: async () => (asked++ === 0 ? topology : swapped),
    });
    expect(stopped?.says).to.contain('was replaced');
    expect(stage.actions).to.deep.equal(['harness: intend', 'harness: abandoned']);
  });

  it('heals a fault whose injection failed halfway, says so, and goes on', async () => {
    const stage = await setStage();
    stage.lab.onAct = (act) => {
      if (act !== 'off control-1') return;
      stage.lab.effects.set('power control-1', { kind: 'power', key: 'control-1' });
      throw new Error('the power switch hung up');
    };
    const { injections, stopped } = await stage.play(planOf([off, cut]));
    expect(stopped).to.equal(undefined);
    expect(injections.map(({ end }) => end)).to.deep.equal(['not-injected', 'healed']);
    expect(injections[0]?.trouble).to.contain('the power switch hung up');
    expect(stage.lab.hurt()).to.deep.equal([]);
  });

  it('does not call an effect verified that nobody can see, and heals at once', async () => {
    const stage = await setStage();
    stage.lab.idle = true;
    const { injections } = await stage.play(planOf([off]));
    expect(injections[0]?.verified?.ok).to.equal(false);
    expect(injections[0]?.end).to.equal('healed-early');
  });

  it('does not call healed what still hurts, whatever the heal said, and injects nothing more', async () => {
    const stage = await setStage();
    stage.lab.onAct = (act) => {
      stage.lab.idle = act.startsWith('on ');
    };
    const { injections, stopped } = await stage.play(planOf([off, cut]));
    expect(injections).to.have.length(1);
    expect(injections[0]).to.include({ end: 'not-healed' });
    expect(injections[0]?.verifiedHealed?.ok).to.equal(false);
    expect(stopped?.says).to.contain('is not healed');
    expect(stage.journal.open().map(({ id }) => id)).to.deep.equal(['run-1/off']);
  });

  it('tries a heal again that failed, and keeps to its own deadline', async () => {
    const stage = await setStage();
    let tries = 0;
    stage.lab.onAct = (act) => {
      if (act.startsWith('on ') && ++tries < 4) throw new Error('the switch does not answer');
    };
    const { injections } = await stage.play(planOf([off]));
    expect(tries).to.equal(4);
    expect(injections[0]?.end).to.equal('healed');
    expect(stage.lab.hurt()).to.deep.equal([]);
  });

  it('stops at the deadline of the plan and at the user’s word, healed in both cases', async () => {
    const late = await setStage();
    const record = await late.play(planOf([off, cut], { maxDuration: { ms: 3000 } }));
    expect(record.stopped?.by).to.equal('deadline');
    expect(late.lab.hurt()).to.deep.equal([]);
    const asked = await setStage();
    asked.clock.after(2000, () => asked.user.abort(new HarnessError('SQ_STOPPED', 'SIGINT')));
    expect((await asked.play(planOf([cut, off]))).stopped).to.deep.equal({ by: 'user', says: 'SIGINT' });
    expect(asked.lab.hurt()).to.deep.equal([]);
  });

  it('waits for recovered, runs suites, and keeps the pace of a repeated step', async () => {
    const stage = await setStage();
    const seen: string[] = [];
    const { steps, injections } = await stage.play(
      planOf([
        { kind: 'repeat', name: 'again', times: 2, every: { ms: 30_000 }, steps: [off] },
        { kind: 'wait', name: 'back', wait: { for: 'recovered', ceiling: { ms: 1000 } } },
        { kind: 'suites', name: 'cases', selection: { suites: ['a'], tags: [] } },
      ]),
      {
        recovered: async (ceiling) => ceiling.ms === 0,
        runSuites: async ({ suites }) => {
          seen.push(...suites);
        },
      },
    );
    expect(seen).to.deep.equal(['a']);
    expect(steps.find(({ id }) => id === 'back')?.recovered).to.equal(false);
    const [first, second] = steps.filter(({ kind }) => kind === 'fault');
    expect(((second?.started.ns ?? 0) - (first?.started.ns ?? 0)) / 1e6).to.be.closeTo(30_000, 1);
    expect(injections.map(({ id }) => id)).to.deep.equal(['run-1/off#1', 'run-1/off#2']);
  });

  it('heals every lasting injection, whenever it is aborted and whatever fails', async function () {
    this.timeout(20_000);
    const acts = ['off', 'on', 'freeze', 'thaw', 'add', 'remove', 'stop', 'start', 'cordon', 'uncordon'];
    const scenario = fc.record({
      steps: fc.shuffledSubarray([off, freeze, cut, stop, loss, slow, drain, reboot], {
        minLength: 1,
        maxLength: 4,
      }),
      together: fc.boolean(),
      abortAt: fc.option(fc.integer({ min: 0, max: 40_000 })),
      byGuard: fc.boolean(),
      failing: fc.option(
        fc.record({
          act: fc.constantFrom(...acts),
          times: fc.integer({ min: 1, max: 3 }),
          after: fc.boolean(),
        }),
      ),
      breaks: fc.option(fc.constantFrom('verified', 'healed', 'intend')),
    });
    await fc.assert(
      fc.asyncProperty(scenario, async ({ steps, together, abortAt, byGuard, failing, breaks }) => {
        const stage = await setStage();
        let left = failing?.times ?? 0;
        stage.lab.onAct = (act) => {
          if (failing === null || !act.startsWith(`${failing.act} `) || left-- <= 0) return;
          if (failing.after) {
            const id = act.split(' ')[1] ?? '';
            if (failing.act === 'off') stage.lab.effects.set(`power ${id}`, { kind: 'power', key: id });
          }
          throw new Error('it failed');
        };
        stage.store.onAppend = (writer, kind) => {
          if (writer === 'harness' && kind === breaks) throw new Error('EIO');
        };
        if (abortAt !== null)
          stage.clock.after(abortAt, () => (byGuard ? stage.guard : stage.user).abort(new Error('enough')));
        const record = await stage
          .play(planOf(together ? [parallel(...steps)] : steps, { maxTargets: 5, maxShare: 1 }))
          .catch((error: unknown) => {
            // Two of the faults may be on one node; then nothing was begun.
            expect(error).to.include({ code: 'SQ_PLAN_INVALID' });
            return undefined;
          });
        expect(stage.lab.hurt()).to.deep.equal([]);
        expect(stage.journal.open()).to.deep.equal([]);
        for (const injection of record?.injections ?? []) {
          if (injection.injected) expect(injection.verifiedHealed?.ok, injection.step).to.equal(true);
        }
        const firstTouch = stage.actions.findIndex((act) => act.startsWith('lab'));
        if (firstTouch >= 0) expect(stage.actions.slice(0, firstTouch)).to.include('harness: intend');
      }),
      { numRuns: 300, seed: 7 },
    );
  });
});
