import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { findMarks } from '../../src/chaos/find-marks.ts';
import { faultRegistry } from '../../src/chaos/fault-registry.ts';
import { healEntry } from '../../src/chaos/heal-entry.ts';
import { sayBytes } from '../../src/chaos/press-targets.ts';
import { PRESSURE_KINDS } from '../../src/model/abilities.ts';
import type { InjectionRecord } from '../../src/model/injection.ts';
import type { FaultStep } from '../../src/model/plan.ts';
import { abilitiesOf, type Lab, type LabAbilities, type Pressure } from '../../src/ports/lab.ts';
import { setStage, type Stage } from './fakes/stage.ts';
import { faultStep, planOf, reference } from './fakes/topologies.ts';

const step = (fault: string, parameters: FaultStep['parameters'] = {}): FaultStep =>
  fault === 'descriptor-exhaustion'
    ? faultStep('s', fault, { node: 'control-1', unit: 'etcd' }, { parameters })
    : faultStep('s', fault, { node: 'control-1' }, { parameters });

const FAULTS = [
  'cpu-pressure',
  'memory-pressure',
  'disk-fill',
  'descriptor-exhaustion',
  'conntrack-exhaustion',
] as const;

async function playOne(stage: Stage, fault: FaultStep): Promise<InjectionRecord> {
  const { injections } = await stage.play(planOf([fault]));
  const [record] = injections;
  if (record === undefined) throw new Error('nothing was recorded');
  return record;
}

/** Changes what the lab does with an order, after it was told. */
function pressing(stage: Stage, change: (order: Parameters<Pressure['press']>[0]) => typeof order): void {
  const { pressure } = stage.lab.abilities;
  if (pressure === undefined) throw new Error('no pressure');
  const press = pressure.press.bind(pressure);
  Object.assign(pressure, { press: (order: Parameters<Pressure['press']>[0]) => press(change(order)) });
}

describe('pressure on nodes', () => {
  for (const [title, fault, has, says] of [
    [
      'processors that are wanted by many already',
      'cpu-pressure',
      { cpu: { total: 1, left: 0.1, works: true } },
      'gets 10.0 % of a processor as it is',
    ],
    [
      'memory that a node does not have',
      'memory-pressure',
      { memory: { total: 8e9, left: 1.3e9, works: true } },
      'it has 1.3 GB of 8.0 GB left, and 400.0 MB must stay',
    ],
    [
      'a disk that is full as it is',
      'disk-fill',
      { disk: { total: 4e9, left: 4e6, works: true } },
      'has 4.0 MB left as it is',
    ],
    [
      'a disk that takes nothing as it is',
      'disk-fill',
      { disk: { total: 4e9, left: 4e9, works: false } },
      'would show nothing',
    ],
    [
      'a table that is full as it is',
      'conntrack-exhaustion',
      { conntrack: { total: 1000, left: 0, works: false } },
      'full as it is',
    ],
    [
      'a unit without a process',
      'descriptor-exhaustion',
      { descriptors: { total: 0, left: 0, works: true } },
      'No process of etcd on control-1',
    ],
  ] as const) {
    it(`is refused for ${title}, before anything is touched`, async () => {
      const stage = await setStage();
      Object.assign(stage.lab.has, has);
      const record = await playOne(stage, step(fault));
      expect(record.end).to.equal('not-injected');
      expect(record.trouble).to.contain(says);
      expect(stage.actions).to.deep.equal([]);
    });
  }

  it('is refused for a unit that does not answer as it is', async () => {
    const stage = await setStage();
    const { units } = stage.lab.abilities;
    if (units === undefined) throw new Error('no units');
    units.look = async () => 'silent';
    const record = await playOne(stage, step('descriptor-exhaustion'));
    expect(record.trouble).to.contain('etcd on control-1 does not answer (silent)');
    expect(stage.actions).to.deep.equal([]);
  });

  for (const [fault, parameters, says] of [
    ['disk-fill', { path: 'var' }, 'not the absolute path'],
    ['disk-fill', { path: '/var; reboot' }, 'not the absolute path'],
    ['disk-fill', { share: 0 }, 'show nothing'],
    ['conntrack-exhaustion', { share: 0 }, 'show nothing'],
  ] as const) {
    it(`${fault} with ${JSON.stringify(parameters)} is refused when it is planned`, async () => {
      const stage = await setStage();
      const error: unknown = await stage
        .play(planOf([step(fault, parameters)]))
        .catch((thrown: unknown) => thrown);
      expect(error).to.include({ code: 'SQ_PLAN_INVALID' });
      expect(String(error)).to.contain(says);
    });
  }

  for (const fault of FAULTS) {
    it(`${fault} is healed by a process that knows the entry alone, twice, and by two at once`, async () => {
      const stage = await setStage();
      const kept: unknown[] = [];
      const record = await stage.play(planOf([step(fault)]), {
        progress: {
          report: (event) => {
            if (event.kind === 'fault' && event.state === 'holding') kept.push(stage.journal.open()[0]);
          },
        },
      });
      expect(record.injections[0]?.end).to.equal('healed');
      const entry = JSON.parse(JSON.stringify(kept[0])) as Parameters<typeof healEntry>[0];
      const tools = { lab: stage.lab, clock: stage.clock, run: 'run-2' };
      const never = new AbortController().signal;
      const heals = await Promise.all([healEntry(entry, tools, never), healEntry(entry, tools, never)]);
      expect([...heals, await healEntry(entry, tools, never)].map(({ ok }) => ok)).to.deep.equal([
        true,
        true,
        true,
      ]);
    });

    it(`${fault} ends on the target at its declared end, with nobody left to heal`, async () => {
      const stage = await setStage();
      const fault_ = faultRegistry.find(({ name }) => name === fault);
      let entry: ReturnType<Stage['journal']['open']>[number] | undefined;
      const broken = { ...fault_, heal: async () => undefined } as NonNullable<typeof fault_>;
      await stage.play(planOf([step(fault)]), {
        faults: [broken],
        progress: {
          report: (event) => {
            if (event.kind === 'fault' && event.state === 'holding') entry = stage.journal.open()[0];
          },
        },
      });
      const leftNs = (entry?.expires.ns ?? 0) - stage.clock.now().ns;
      if (leftNs > 0) await stage.clock.sleep({ ms: leftNs / 1e6 + 1 });
      expect(stage.lab.hurt()).to.deep.equal([]);
    });

    it(`${fault} is found by its own marks when the journal is gone, and ended by them`, async () => {
      const stage = await setStage();
      const marked: string[] = [];
      const tools = { lab: stage.lab, kubernetes: stage.lab.kubernetes, clock: stage.clock, run: 'run-2' };
      const status = async (): Promise<Awaited<ReturnType<Lab['status']>>> => ({
        state: 'up',
        nodes: [{ name: 'control-1', roles: [], addresses: [], power: 'on' }],
        connection: {},
      });
      Object.assign(stage.lab, { status });
      const fault_ = faultRegistry.find(({ name }) => name === fault);
      const broken = {
        ...fault_,
        verify: async (...given: Parameters<NonNullable<typeof fault_>['verify']>) => {
          const { marks } = await findMarks(tools, given[2]);
          marked.push(...marks.map(({ run, says }) => `${run ?? '?'}: ${says}`));
          for (const mark of marks) await mark.heal(given[2]);
          marked.push(`left: ${stage.lab.hurt().join()}`);
          return { ok: true, says: '', differences: [] };
        },
      } as NonNullable<typeof fault_>;
      await stage.play(planOf([step(fault)]), { faults: [broken] });
      expect(marked).to.have.length(2);
      expect(marked[0]).to.match(/^run-1: \w+ of control-1 is held by run-1\/s$/);
      expect(marked[1]).to.equal('left: ');
    });
  }

  for (const [fault, parameters] of [
    ['cpu-pressure', { threads: 8 }],
    ['memory-pressure', { megabytes: 1000 }],
    ['disk-fill', { share: 0.5 }],
    ['conntrack-exhaustion', { share: 0.5 }],
  ] as const) {
    it(`${fault} is not taken for there when it is not half of what was asked, and is when it is`, async () => {
      const tried = async (part: number): Promise<void> => {
        const stage = await setStage();
        pressing(stage, (order) => ({ ...order, amount: order.amount * part }));
        const record = await playOne(stage, step(fault, parameters));
        expect(record.verified?.ok, record.verified?.says).to.equal(part > 0.5);
        expect(stage.lab.hurt()).to.deep.equal([]);
      };
      for (const part of [0, 0.2, 0.45, 0.55, 1]) await tried(part);
      const parts = fc.double({ min: 0, max: 1, noNaN: true }).filter((part) => Math.abs(part - 0.5) > 0.05);
      await fc.assert(fc.asyncProperty(parts, tried), { numRuns: 15 });
    });
  }

  it('that should leave nothing is not there while a little can be had', async () => {
    for (const [fault, kind] of [
      ['disk-fill', 'disk'],
      ['conntrack-exhaustion', 'conntrack'],
    ] as const) {
      const stage = await setStage();
      const amount = stage.lab.has[kind].left - 1;
      pressing(stage, (order) => ({ ...order, amount }));
      const record = await playOne(stage, step(fault));
      expect(record.verified?.ok, record.verified?.says).to.equal(false);
    }
  });

  it('is not healed while anything of it is held, whatever can be had', async () => {
    const stage = await setStage();
    const { pressure } = stage.lab.abilities;
    if (pressure === undefined) throw new Error('no pressure');
    Object.assign(pressure, { relieve: async () => undefined });
    pressing(stage, (order) => ({ ...order, endsAfter: { ms: 1e9 } }));
    const record = await playOne(stage, step('memory-pressure'));
    expect(record.end).to.equal('not-healed');
    expect(record.verifiedHealed?.differences).to.deep.equal([
      'node control-1: was free, is held by run-1/s',
    ]);
  });

  it('is not healed while what was taken cannot be had, though nobody holds it', async () => {
    const stage = await setStage();
    const { pressure } = stage.lab.abilities;
    if (pressure === undefined) throw new Error('no pressure');
    const relieve = pressure.relieve.bind(pressure);
    Object.assign(pressure, {
      relieve: async (node: string, id: string) => {
        await relieve(node, id);
        Object.assign(stage.lab.has, { conntrack: { total: 262_144, left: 0, works: false } });
      },
    });
    const record = await playOne(stage, step('conntrack-exhaustion'));
    expect(record.end).to.equal('not-healed');
    expect(record.verifiedHealed?.differences.join()).to.contain('does not get one');
  });

  it('is healed on a node whose others need more than before: that is not ours to give back', async () => {
    const stage = await setStage();
    const { pressure } = stage.lab.abilities;
    if (pressure === undefined) throw new Error('no pressure');
    const relieve = pressure.relieve.bind(pressure);
    Object.assign(pressure, {
      relieve: async (node: string, id: string) => {
        await relieve(node, id);
        Object.assign(stage.lab.has, { memory: { total: 8e9, left: 1e9, works: true } });
      },
    });
    const record = await playOne(stage, step('memory-pressure'));
    expect(record.end, record.trouble).to.equal('healed');
    expect(record.verifiedHealed?.says).to.contain('1.0 GB of 8.0 GB');
  });

  it('is healed with a node that is off: nothing is held there', async () => {
    const stage = await setStage();
    const { pressure, power } = stage.lab.abilities;
    if (pressure === undefined) throw new Error('no pressure');
    const relieve = pressure.relieve.bind(pressure);
    Object.assign(pressure, {
      relieve: async (node: string, id: string) => {
        await power?.off(node);
        await relieve(node, id);
      },
    });
    const record = await playOne(stage, step('cpu-pressure'));
    expect(record.end, record.trouble).to.equal('healed');
    expect(record.verifiedHealed?.says).to.contain('control-1 is off');
  });
});

describe('the abilities for pressure', () => {
  const labWith = (abilities: LabAbilities): Lab => ({ abilities }) as unknown as Lab;

  it('are those of the kinds that a lab can take, each of its own', () => {
    const pressure = { kinds: ['cpu', 'disk'] } as unknown as Pressure;
    expect(abilitiesOf(labWith({ pressure }), {})).to.deep.equal(['pressure-cpu', 'pressure-disk']);
  });

  it('decide at plan time: a kind that is missing is refused, and nothing is touched', async () => {
    for (const kind of PRESSURE_KINDS) {
      const whole = reference();
      const without = { ...whole, abilities: whole.abilities.filter((has) => has !== `pressure-${kind}`) };
      const stage = await setStage(without);
      const fault = FAULTS[PRESSURE_KINDS.indexOf(kind)] ?? '';
      const error: unknown = await stage.play(planOf([step(fault)])).catch((thrown: unknown) => thrown);
      expect(error).to.include({ code: 'SQ_ABILITY_MISSING' });
      expect(String(error)).to.contain(`${fault} needs pressure-${kind}`);
      expect(stage.actions).to.deep.equal([]);
    }
  });

  it('never let clock-skew through, whatever a lab says of itself', async () => {
    const whole = reference();
    const stage = await setStage({ ...whole, abilities: [...whole.abilities, 'node-clock'] });
    const error: unknown = await stage
      .play(planOf([step('clock-skew', { by: { ms: 1000 } })]))
      .catch((thrown: unknown) => thrown);
    expect(error).to.include({ code: 'SQ_ABILITY_MISSING' });
    expect(stage.actions).to.deep.equal([]);
  });
});

describe('sayBytes', () => {
  it('says what people read', () => {
    expect([0, 999, 1000, 64e6, 1.3e9, 4e15].map(sayBytes)).to.deep.equal([
      '0 bytes',
      '999 bytes',
      '1.0 kB',
      '64.0 MB',
      '1.3 GB',
      '4000.0 TB',
    ]);
  });
});
