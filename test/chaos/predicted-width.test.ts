import { expect } from 'chai';
import { describe, it } from 'mocha';
import { faultRegistry } from '../../src/chaos/fault-registry.ts';
import type { PredictionContext } from '../../src/chaos/fault.ts';
import type { PredictedWindow } from '../../src/model/schedule.ts';
import type { Timer } from '../../src/model/topology.ts';

const timers = (values: Readonly<Record<string, number>>): readonly Timer[] =>
  Object.entries(values).map(([name, ms]) => ({ name, value: { ms }, source: 'the test' }));

/** How the timers of real systems lie: a rehearsal's, kubeadm's example, openstack-helm's slow readiness, nothing known. */
const TIMER_SETS: Readonly<Record<string, readonly Timer[]>> = {
  short: timers({
    'keepalived-advert-interval': 300,
    'address-failover': 1200,
    'health-check-ejection': 1600,
    'etcd-election-timeout': 600,
    'database-suspect-timeout': 800,
    'readiness-period': 1000,
    'pod-start': 400,
    'node-boot': 3000,
  }),
  'slow checks': timers({
    'keepalived-advert-interval': 1000,
    'address-failover': 30_000,
    'health-check-ejection': 180_000,
    'database-suspect-timeout': 30_000,
    'readiness-period': 60_000,
  }),
  unknown: [],
};

const DURATIONS = [500, 10_000, 120_000];

function* contexts(lasts: boolean): Generator<PredictionContext> {
  const roles = [[], ['api'], ['database'], ['etcd'], ['api', 'database', 'etcd']];
  for (const holdsAddress of ['yes', 'perhaps', 'no'] as const)
    for (const role of roles)
      for (const ms of lasts ? DURATIONS : [0])
        yield { roles: role, holdsAddress, duration: { ms }, parameters: {} };
}

const isWide = ({ min, max }: PredictedWindow['outage']): boolean =>
  max.ms - min.ms > Math.max(5000, (min.ms + max.ms) / 2 / 2);

describe('the width of predicted windows', () => {
  for (const fault of faultRegistry) {
    for (const [title, set] of Object.entries(TIMER_SETS)) {
      it(`of ${fault.name} with ${title} timers is at most max(5 s, half their midpoint), or said to be more`, () => {
        for (const context of contexts(fault.lasts)) {
          const window = fault.predict(set, context);
          for (const part of ['outage', 'redundancy'] as const) {
            const said = window.tooWide?.includes(part) ?? false;
            expect(said, `${part} ${JSON.stringify(context)}`).to.equal(isWide(window[part]));
          }
        }
      });
    }
  }

  it('with the timers of a rehearsal leaves an outage unknown only where a bad link, or a member that is late, may be there all the while', () => {
    const vague = faultRegistry.filter((fault) =>
      [...contexts(fault.lasts)].some(
        (context) =>
          context.duration.ms <= 10_000 && isWide(fault.predict(TIMER_SETS['short'] ?? [], context).outage),
      ),
    );
    expect(vague.map(({ name }) => name)).to.have.members([
      'network-latency',
      'network-bandwidth',
      'cpu-pressure',
      'disk-fill',
      'conntrack-exhaustion',
    ]);
  });
});
