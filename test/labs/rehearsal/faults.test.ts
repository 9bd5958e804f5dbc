import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { after, before, beforeEach, describe, it } from 'mocha';
import { createKubernetesApi, type OpenKubernetesApi } from '../../../src/adapters/kubernetes/index.ts';
import { entryPath } from '../../../src/adapters/system/entry-path.ts';
import { createSystemChance } from '../../../src/adapters/system/system-chance.ts';
import { createSystemClock } from '../../../src/adapters/system/system-clock.ts';
import { CORDON_MARK } from '../../../src/chaos/cordon.ts';
import { makeSchedule, runMethod } from '../../../src/chaos/index.ts';
import { followJournal, openJournal } from '../../../src/custody/index.ts';
import { createHealer } from '../../../src/entries/create-healer.ts';
import { createRehearsalLab } from '../../../src/labs/rehearsal/rehearsal-lab.ts';
import type { ChaosRecord } from '../../../src/model/injection.ts';
import type { FaultStep } from '../../../src/model/plan.ts';
import type { Topology } from '../../../src/model/topology.ts';
import type { Lab, LabConnection } from '../../../src/ports/lab.ts';
import { discover, isFullyRedundant } from '../../../src/topology/index.ts';
import { MemoryStore } from '../../chaos/fakes/memory-store.ts';
import { faultStep, planOf } from '../../chaos/fakes/topologies.ts';

const clock = createSystemClock();

describe('faults on the rehearsal', function () {
  this.timeout(60_000);
  const home = mkdtempSync(join(tmpdir(), 'squall-faults-'));
  const fresh = (): Lab =>
    createRehearsalLab({ stateFolder: join(home, 'lab'), clock, chance: createSystemChance(), entryPath });
  const lab = fresh();
  let connection: LabConnection;
  let kubernetes: OpenKubernetesApi;
  let whole: Topology;
  let store: MemoryStore;

  const look = (): Promise<Topology> =>
    discover({ lab, connection, kubernetes }, AbortSignal.timeout(20_000));

  const untilWhole = async (): Promise<Topology> => {
    let lacks: readonly string[] = ['it was not looked at'];
    for (let n = 0; n < 60; n++) {
      const topology = await look().catch(() => undefined);
      if (topology !== undefined) {
        const now = isFullyRedundant(topology, whole ?? topology);
        if (now.ok) return topology;
        lacks = now.lacks;
      }
      await clock.sleep({ ms: 250 });
    }
    throw new Error(`The rehearsal did not come back: ${lacks.join('; ')}`);
  };

  before(async () => {
    await lab.up(() => undefined, AbortSignal.timeout(40_000));
    connection = await lab.connection();
    kubernetes = await createKubernetesApi({ connection, environment: {}, clock });
    whole = await untilWhole();
  });

  after(async () => {
    await kubernetes.close();
    await lab.down(() => undefined);
    rmSync(home, { recursive: true, force: true });
  });

  beforeEach(async () => {
    store = new MemoryStore();
    await untilWhole();
  });

  async function play(step: FaultStep, stop = new AbortController().signal): Promise<ChaosRecord> {
    const plan = planOf([step], { maxShare: 1 });
    const journal = await openJournal(store, { run: 'run-1', clock, self: { host: 'here', pid: 1 } });
    return runMethod(
      makeSchedule(plan, whole, 'seed'),
      {
        plan,
        run: 'run-1',
        tools: { lab, kubernetes, clock, run: 'run-1' },
        journal,
        rediscover: look,
        recovered: async () => true,
        runSuites: async () => undefined,
        guard: new AbortController().signal,
        progress: { report: () => undefined },
        reaper: { pid: 2, alive: () => true },
      },
      stop,
    );
  }

  const held = { duration: { ms: 1000 } };
  const control = { role: 'control' };
  for (const step of [
    faultStep('s', 'pod-delete', { service: 'glance' }),
    faultStep('s', 'pod-delete', { service: 'glance' }, { parameters: { how: 'eviction' } }),
    faultStep('s', 'pod-delete', { service: 'glance' }, { parameters: { how: 'grace' } }),
    faultStep('s', 'service-stop', { ...control, unit: 'kube-scheduler' }, held),
    faultStep('s', 'node-power-off', { role: 'compute' }, held),
    faultStep('s', 'node-reboot', control),
    faultStep('s', 'node-freeze', { role: 'compute' }, held),
    faultStep('s', 'node-drain', control, held),
    faultStep('s', 'network-partition', { role: 'compute' }, held),
    faultStep('s', 'network-loss', { role: 'compute' }, { ...held, parameters: { share: 0.5 } }),
    faultStep('s', 'network-latency', control, {
      ...held,
      parameters: { delay: { ms: 60 }, jitter: { ms: 10 } },
    }),
  ]) {
    const how = typeof step.parameters['how'] === 'string' ? ` (${step.parameters['how']})` : '';
    it(`${step.fault}${how} is seen from outside, and is gone afterwards`, async () => {
      const { injections, stopped } = await play(step);
      const [record] = injections;
      expect(stopped?.says, record?.trouble).to.equal(undefined);
      expect(record?.verified?.ok, record?.verified?.says).to.equal(true);
      expect(record?.verifiedHealed?.ok, record?.verifiedHealed?.says).to.equal(true);
      expect(record?.verifiedHealed?.differences).to.deep.equal([]);
      await untilWhole();
    });
  }

  it('a drain evicts what may leave, keeps new pods away, and gives the node back as it was', async () => {
    const target = 'control-2';
    const podsOn = async (): Promise<readonly string[]> =>
      (await kubernetes.list('/api/v1/pods', { fieldSelector: `spec.nodeName=${target}` }))
        .filter(({ metadata }) => metadata.namespace === 'openstack')
        .map(({ metadata }) => metadata.name);
    expect((await podsOn()).length).to.be.greaterThan(3);
    const stop = new AbortController();
    const playing = play(
      faultStep('s', 'node-drain', { node: target }, { duration: { ms: 60_000 } }),
      stop.signal,
    );
    let left: readonly string[] = ['not looked at'];
    for (let n = 0; n < 80 && left.length > 0; n++) {
      await clock.sleep({ ms: 250 });
      left = await podsOn();
    }
    expect(left).to.deep.equal([]);
    const cordoned = await kubernetes.get(`/api/v1/nodes/${target}`);
    expect(cordoned?.metadata.annotations?.[CORDON_MARK]).to.equal('run-1/s');
    await clock.sleep({ ms: 1000 });
    expect(await podsOn()).to.deep.equal([]);
    stop.abort(new Error('enough'));
    const { injections } = await playing;
    expect(injections[0]?.end).to.equal('healed-early');
    const given = await kubernetes.get(`/api/v1/nodes/${target}`);
    expect(given?.metadata.annotations?.[CORDON_MARK]).to.equal(undefined);
    expect((given?.['spec'] as { unschedulable?: boolean }).unschedulable).to.not.equal(true);
    await untilWhole();
  });

  it('a drain whose harness is gone is ended at its declared end by whoever follows the journal', async () => {
    // Never awaited: this harness says nothing more after its injection, as one that was killed.
    const step = faultStep(
      's',
      'node-drain',
      { node: 'compute-1' },
      {
        duration: { ms: 600_000 },
        parameters: { ceiling: { ms: 10_000 } },
      },
    );
    const stop = new AbortController();
    const playing = play(step, stop.signal);
    const marked = async (): Promise<boolean> =>
      (await kubernetes.get('/api/v1/nodes/compute-1'))?.metadata.annotations?.[CORDON_MARK] !== undefined;
    for (let n = 0; n < 80 && !(await marked()); n++) await clock.sleep({ ms: 100 });
    expect(await marked()).to.equal(true);
    // As if its time were over: the entry as the journal has it, seen ten minutes later.
    const later = { ...clock, now: () => ({ ...clock.now(), ns: clock.now().ns + 700e9 }) };
    const ended = new AbortController();
    const following = followJournal(
      {
        store,
        run: 'run-1',
        clock: { ...later, id: clock.id },
        heal: createHealer({ lab: fresh(), clock, run: 'run-1' }),
        harnessAlive: () => true,
      },
      ended.signal,
    );
    for (let n = 0; n < 80 && (await marked()); n++) await clock.sleep({ ms: 100 });
    expect(await marked()).to.equal(false);
    ended.abort();
    await following;
    stop.abort(new Error('enough'));
    await playing;
  });

  it('a rule on chosen ports is refused, because nobody could see what it does there', async () => {
    const step = faultStep('s', 'network-partition', control, { ...held, parameters: { ports: ['3306'] } });
    const { injections } = await play(step);
    expect(injections[0]?.end).to.equal('not-injected');
    expect(injections[0]?.trouble).to.contain('port 3306 could not be seen');
    expect(await lab.abilities.links?.rules()).to.deep.equal([]);
  });
});
