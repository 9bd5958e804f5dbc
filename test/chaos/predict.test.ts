import { expect } from 'chai';
import { describe, it } from 'mocha';
import { faultRegistry } from '../../src/chaos/fault-registry.ts';
import { triesFor } from '../../src/chaos/faults/network-loss.ts';
import type { Timer } from '../../src/model/topology.ts';

const timer = (name: string, ms: number): Timer => ({
  name,
  value: { ms },
  source: `where ${name} was read`,
});

/** Short ones, as a rehearsal reports them, and none at all: then the defaults of the field count. */
const live = [
  timer('keepalived-advert-interval', 300),
  timer('address-failover', 1200),
  timer('health-check-ejection', 1600),
  timer('etcd-election-timeout', 600),
  timer('database-suspect-timeout', 800),
];

describe('predictions', () => {
  for (const fault of faultRegistry) {
    for (const [title, timers] of [
      ['live timers', live],
      ['no timers', []],
    ] as const) {
      it(`of ${fault.name} with ${title} are ordered, and name their sources`, () => {
        for (const holdsAddress of ['yes', 'perhaps', 'no'] as const) {
          const duration = { ms: fault.lasts ? 10_000 : 0 };
          const window = fault.predict(timers, {
            roles: ['api', 'database', 'etcd'],
            holdsAddress,
            duration,
            parameters: {},
          });
          const { min, max } = window.outage;
          expect(min.ms).to.be.within(0, max.ms - 1);
          expect(window.redundancy.min.ms).to.be.below(window.redundancy.max.ms);
          expect(window.because.length).to.be.above(0);
        }
      });
    }
  }

  it('follow the live timers and say where they were read', () => {
    const off = faultRegistry.find(({ name }) => name === 'node-power-off');
    const context = { roles: [], holdsAddress: 'yes' as const, duration: { ms: 10_000 }, parameters: {} };
    const slow = off?.predict(
      [timer('address-failover', 2000), timer('keepalived-advert-interval', 500)],
      context,
    );
    expect(slow?.outage).to.deep.equal({ min: { ms: 1500 }, max: { ms: 2500 } });
    expect(slow?.because.join()).to.contain('where address-failover was read');
  });

  it('try a lossy link often enough to see the loss in 999 of 1000 looks', () => {
    for (const share of [0.05, 0.3, 0.9, 1]) expect((1 - share) ** triesFor(share)).to.be.at.most(0.001);
  });
});
