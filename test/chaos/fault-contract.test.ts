import { expect } from 'chai';
import { describe, it } from 'mocha';
import { VICTIMS } from '../../bench/kill/kill-once.ts';
import { faultRegistry } from '../../src/chaos/fault-registry.ts';
import type { FaultStep } from '../../src/model/plan.ts';
import { setStage } from './fakes/stage.ts';
import { faultStep, planOf } from './fakes/topologies.ts';

interface Row {
  readonly step: FaultStep;
  /** What the lab is told, in order; the heal after the bar. */
  readonly acts: readonly string[];
}

const node = { node: 'control-1' };
const link = (fault: string, parameters: FaultStep['parameters'] = {}): Row => ({
  step: faultStep('s', fault, node, { parameters }),
  acts: ['add run-1/s', '|', 'remove run-1/s'],
});

const pressure = (fault: string, parameters: FaultStep['parameters']): Row => ({
  step: faultStep('s', fault, node, { parameters }),
  acts: [`press ${fault.split('-')[0] ?? ''} of control-1`, '|', 'relieve control-1 of run-1/s'],
});

const ROWS: readonly Row[] = [
  {
    step: faultStep('s', 'pod-delete', { workload: 'mariadb', ...node }),
    acts: ['delete mariadb-0 within 0s'],
  },
  {
    step: faultStep('s', 'container-kill', { workload: 'mariadb', ...node }),
    acts: ['kill id-of-mariadb-0 on control-1'],
  },
  {
    step: faultStep('s', 'container-freeze', { workload: 'mariadb', ...node }),
    acts: ['freeze id-of-mariadb-0 on control-1', '|', 'thaw id-of-mariadb-0 on control-1'],
  },
  {
    step: faultStep('s', 'service-stop', { ...node, unit: 'etcd' }),
    acts: ['stop control-1/etcd', '|', 'start control-1/etcd'],
  },
  { step: faultStep('s', 'node-power-off', node), acts: ['off control-1', '|', 'on control-1'] },
  { step: faultStep('s', 'node-reboot', node), acts: ['off control-1', '|', 'on control-1'] },
  { step: faultStep('s', 'node-freeze', node), acts: ['freeze control-1', '|', 'thaw control-1'] },
  {
    step: faultStep('s', 'node-drain', node),
    acts: [
      'cordon control-1',
      'evict mariadb-0',
      'evict keystone-api-0',
      'evict glance-api-0',
      '|',
      'uncordon control-1',
    ],
  },
  link('network-partition'),
  link('network-loss', { share: 0.3 }),
  link('network-latency', { delay: { ms: 100 }, jitter: { ms: 0 } }),
  link('network-bandwidth', { kilobitsPerSecond: 1000 }),
  pressure('cpu-pressure', { threads: 8 }),
  pressure('memory-pressure', { megabytes: 1000 }),
  pressure('disk-fill', { path: '/var', share: 1 }),
  {
    step: faultStep('s', 'descriptor-exhaustion', { ...node, unit: 'etcd' }),
    acts: ['press descriptors of control-1', '|', 'relieve control-1 of run-1/s'],
  },
  pressure('conntrack-exhaustion', { share: 1 }),
];

describe('every fault', () => {
  it('has a row here', () => {
    expect(ROWS.map(({ step }) => step.fault)).to.deep.equal(faultRegistry.map(({ name }) => name));
  });
  it('is killed in the middle by the kill bench', () => {
    expect(Object.keys(VICTIMS)).to.have.members(faultRegistry.map(({ name }) => name));
  });

  for (const { step, acts } of ROWS) {
    const fault = faultRegistry.find(({ name }) => name === step.fault);

    it(`${step.fault}: written down first, done, seen from outside, undone, closed`, async () => {
      const stage = await setStage();
      const { injections, stopped } = await stage.play(planOf([step]));
      const [record] = injections;
      expect(stopped, record?.trouble).to.equal(undefined);
      expect(record?.verified?.ok, record?.verified?.says).to.equal(true);
      expect(record?.verifiedHealed?.ok, record?.verifiedHealed?.says).to.equal(true);
      const bar = acts.includes('|') ? acts.indexOf('|') : acts.length;
      const told = (some: readonly string[]): readonly string[] => some.map((act) => `lab: ${act}`);
      expect(stage.actions).to.deep.equal([
        'harness: intend',
        ...told(acts.slice(0, bar)),
        'harness: verified',
        ...told(acts.slice(bar + 1)),
        'harness: healed',
      ]);
      expect(stage.lab.hurt()).to.deep.equal([]);
      expect(record?.end).to.equal(fault?.lasts === true ? 'healed' : 'instant');
    });

    it(`${step.fault}: a lab that says yes and does nothing is found out`, async () => {
      const stage = await setStage();
      stage.lab.idle = true;
      const { injections } = await stage.play(planOf([step]));
      expect(injections[0]?.verified?.ok, injections[0]?.verified?.says).to.equal(false);
      expect(stage.journal.open()).to.deep.equal([]);
    });

    it(`${step.fault}: what was done of it is undone when the rest could not be`, async () => {
      for (let failing = 1; failing <= acts.length; failing += 1) {
        const stage = await setStage();
        let done = 0;
        stage.lab.onAct = () => {
          done += 1;
          if (done === failing) throw new Error('the lab broke');
        };
        await stage.play(planOf([step]));
        expect(stage.lab.hurt(), `act ${failing} failed`).to.deep.equal([]);
        expect(stage.journal.open()).to.deep.equal([]);
      }
    });

    it(`${step.fault}: says when it would end by itself, and that is after it is healed`, async () => {
      const stage = await setStage();
      let expires = 0;
      await stage.play(planOf([step]), {
        progress: {
          report: (event) => {
            if (event.kind === 'fault' && event.state === 'injecting')
              expires = stage.journal.open()[0]?.expires.ns ?? 0;
          },
        },
      });
      const instant = fault?.expiryHolder === 'none';
      if (!instant) expect(expires).to.be.above(stage.clock.now().ns);
      // Nobody waits much longer than it was said to last.
      if (step.fault !== 'node-drain') expect(expires / 1e6).to.be.below(stage.clock.now().ns / 1e6 + 40_000);
    });
  }

  for (const { step, acts } of ROWS.filter(({ acts: list }) => list.includes('|'))) {
    it(`${step.fault}: undone for several targets at once, also when only the first was reached`, async () => {
      const stage = await setStage();
      const { node: _node, ...rest } = step.selector;
      const pods = step.fault === 'container-freeze';
      const several = {
        ...step,
        selector: {
          ...rest,
          ...(pods
            ? {}
            : { role: ['service-stop', 'descriptor-exhaustion'].includes(step.fault) ? 'etcd' : 'compute' }),
        },
        mode: { kind: 'fixed', value: 2 } as const,
      };
      let done = 0;
      stage.lab.onAct = () => {
        done += 1;
        if (done === 2) throw new Error('the lab broke');
      };
      await stage.play(planOf([several], { maxTargets: 3, maxShare: 1 }));
      expect(stage.lab.hurt(), acts.join()).to.deep.equal([]);
      expect(stage.journal.open()).to.deep.equal([]);
    });
  }
});
