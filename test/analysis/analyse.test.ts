import { expect } from 'chai';
import { describe, it } from 'mocha';
import { againstPrediction } from '../../src/analysis/against-prediction.ts';
import { analyse } from '../../src/analysis/index.ts';
import type { Recovery } from '../../src/model/analysis.ts';
import { milliseconds } from '../../src/model/duration.ts';
import type { Evidence } from '../../src/model/evidence.ts';
import type { ChaosRecord, InjectionRecord } from '../../src/model/injection.ts';
import type { ProbeSeries, Sample, WatchedEvent } from '../../src/model/observation.ts';
import type { Schedule } from '../../src/model/schedule.ts';
import { sample, seriesOf } from '../measure/sample-series.ts';

const CLOCK = 'host:test';
const at = (ms: number) => ({ clock: CLOCK, ns: ms * 1e6 });
const END = 2000;

/** A probe that was down in the given stretches, asked every 10 ms and answered within one. */
function probed(
  name: string,
  down: readonly (readonly [number, number])[],
  unseen: readonly [number, number] = [-1, -1],
): ProbeSeries {
  const samples: Sample[] = [];
  for (let n = 0; n * 10 <= END; n++) {
    const ms = n * 10;
    if (ms > unseen[0] && ms < unseen[1]) continue;
    const isDown = down.some(([from, to]) => ms >= from && ms < to);
    samples.push(isDown ? sample(n, { outcome: 'failed', phase: 'connect', status: 0 }) : sample(n));
  }
  return seriesOf(samples, END, { name });
}

const injection = (id: string, fromMs: number, toMs: number): InjectionRecord => ({
  id,
  step: id,
  fault: 'node-power-off',
  targets: [],
  from: [],
  proof: [],
  injected: { clock: CLOCK, earliestNs: fromMs * 1e6, latestNs: toMs * 1e6 },
  lasts: true,
  end: 'healed',
});

const event = (
  change: string,
  afterMs: number,
  seenMs: number,
  over: Partial<WatchedEvent> = {},
): WatchedEvent => ({
  watcher: change.startsWith('node') ? 'nodes' : change.startsWith('endpoint') ? 'endpoints' : 'leaders',
  clock: CLOCK,
  afterNs: afterMs * 1e6,
  seenNs: seenMs * 1e6,
  change,
  about: 'control-1',
  ...over,
});

const predicted = (minMs: number, maxMs: number) => ({
  outage: { min: milliseconds(minMs), max: milliseconds(maxMs) },
  redundancy: { min: milliseconds(0), max: milliseconds(9000) },
  because: ['a timer'],
});

const schedule = (id: string, minMs: number, maxMs: number): Schedule => ({
  schemaVersion: 1,
  plan: 'p',
  seed: 's',
  steps: [
    {
      kind: 'parallel',
      id: 'both',
      step: 'both',
      branches: [
        [
          {
            kind: 'fault',
            id,
            step: id,
            fault: 'node-power-off',
            targets: [],
            from: [],
            duration: milliseconds(1),
            parameters: {},
            predicted: predicted(minMs, maxMs),
          },
        ],
      ],
    },
  ],
});

function evidence(parts: Partial<Evidence> & { readonly injections?: readonly InjectionRecord[] }): Evidence {
  const { injections = [], ...rest } = parts;
  const chaos: ChaosRecord = { started: at(0), ended: at(END), injections, steps: [] };
  return {
    run: {
      schemaVersion: 1,
      id: 'r',
      squall: { version: '0' },
      node: '',
      host: '',
      commandLine: [],
      lab: '',
      seed: '',
      started: at(0),
      startedWall: '',
      wallError: milliseconds(1),
    },
    plan: {} as Evidence['plan'],
    conformance: [],
    chaos,
    series: [],
    stalls: [],
    events: [],
    leftovers: [],
    openFaults: [],
    end: { ended: at(END), reason: 'complete', furtherErrors: [] },
    ...rest,
  };
}

const recoveries = (parts: Parameters<typeof evidence>[0]): readonly Recovery[] =>
  analyse(evidence(parts)).recoveries;

describe('recoveries', () => {
  it('give each outage to the last fault that had begun', () => {
    const [first, second] = recoveries({
      series: [
        probed('api', [
          [50, 80],
          [210, 300],
          [1010, 1200],
        ]),
      ],
      injections: [injection('b', 1004, 1005), injection('a', 204, 205)],
    });
    expect(first).to.deep.include({ injection: 'a', fault: 'node-power-off' });
    expect(first?.outage.min).to.be.within(70, 90);
    expect(first?.outage.max).to.be.within(90, 110);
    expect(second).to.deep.include({ injection: 'b' });
    expect(second?.outage.min).to.be.within(170, 190);
  });

  it('measure from the effect, whose own instant is a range', () => {
    const [only] = recoveries({
      series: [probed('api', [[210, 300]])],
      injections: [injection('a', 200, 205)],
    });
    expect(only?.serviceBack).to.deep.equal({ min: 290 - 205, max: 301 - 200, unit: 'ms' });
    expect(only?.felt).to.have.length(1);
    expect(only).not.to.have.property('redundancyBack');
  });

  it('tell what began with the healing apart from the way back', () => {
    const healed = { clock: CLOCK, earliestNs: 900 * 1e6, latestNs: 910 * 1e6 };
    const [thawed, never] = ['with', 'without'].map(
      (heal) =>
        recoveries({
          series: [
            probed('api', [
              [210, 300],
              [905, 960],
            ]),
          ],
          injections: [{ ...injection('a', 200, 205), ...(heal === 'with' ? { healed } : {}) }],
        })[0],
    );
    expect(thawed?.serviceBack).to.deep.equal({ min: 290 - 205, max: 301 - 200, unit: 'ms' });
    expect(thawed?.onReturn?.min).to.be.within(35, 55);
    expect(never?.serviceBack?.max).to.be.above(700);
    expect(never).not.to.have.property('onReturn');
  });

  it('list who felt it, worst first, and count a probe that saw nothing for none', () => {
    const [only] = recoveries({
      series: [probed('short', [[210, 250]]), probed('long', [[220, 400]]), probed('fine', [])],
      injections: [injection('a', 200, 205)],
    });
    expect(only?.felt.map(({ probe }) => probe)).to.deep.equal(['long', 'short']);
  });

  it('say zero when nobody felt anything, and nothing when it was not over at the end', () => {
    const [calm] = recoveries({ series: [probed('api', [])], injections: [injection('a', 200, 205)] });
    expect(calm?.outage).to.deep.equal({ min: 0, max: 0, unit: 'ms' });
    expect(calm?.serviceBack?.max).to.equal(0);
    const [open] = recoveries({
      series: [probed('api', [[500, 9999]])],
      injections: [injection('a', 200, 205)],
    });
    expect(open).not.to.have.property('serviceBack');
    expect(open?.outage.min).to.be.above(1400);
  });

  it('let unseen time count in what the outage may have been', () => {
    const [only] = recoveries({
      series: [probed('api', [], [300, 700])],
      injections: [injection('a', 200, 205)],
    });
    expect(only?.outage).to.deep.equal({ min: 0, max: 400, unit: 'ms' });
    expect(only?.felt).to.deep.equal([]);
  });

  it('leave out faults that never took effect', () => {
    const { injected: _never, ...refused } = injection('a', 1, 2);
    expect(
      recoveries({
        series: [probed('api', [[210, 300]])],
        injections: [{ ...refused, end: 'not-injected' }],
      }),
    ).to.deep.equal([]);
  });

  const rows = [
    ['inside', 50, 200],
    ['shorter', 500, 900],
    ['longer', 10, 60],
    ['unknown', 50, 95],
    ['unknown', 90, 92],
  ] as const;
  for (const [expected, min, max] of rows) {
    it(`of about 90 ms are ${expected} for a window of ${min} to ${max} ms`, () => {
      const [only] = recoveries({
        series: [probed('api', [[210, 300]])],
        injections: [injection('a', 200, 205)],
        schedule: schedule('a', min, max),
      });
      expect(only?.predicted?.outage.max.ms).to.equal(max);
      expect(only?.againstPrediction).to.equal(expected);
    });
  }

  it('that nobody felt are unknown where the window begins below what the probes resolve', () => {
    const calm = (min: number, max: number): string | undefined =>
      recoveries({
        series: [probed('api', [])],
        injections: [injection('a', 200, 205)],
        schedule: schedule('a', min, max),
      })[0]?.againstPrediction;
    expect(calm(0, 1000)).to.equal('inside');
    expect(calm(15, 1000)).to.equal('unknown');
    expect(calm(100, 1000)).to.equal('shorter');
    expect(calm(0, 5)).to.equal('unknown');
  });

  it('are never inside a window that is narrower than what the probes resolve, or wider than says anything', () => {
    const outage = { min: 100, max: 105, unit: 'ms' } as const;
    expect(againstPrediction(outage, predicted(95, 110), 10)).to.equal('inside');
    expect(againstPrediction(outage, predicted(95, 110), 20)).to.equal('unknown');
    expect(againstPrediction(outage, { ...predicted(95, 110), tooWide: ['outage'] }, 10)).to.equal('unknown');
    expect(againstPrediction(outage, { ...predicted(95, 110), tooWide: ['redundancy'] }, 10)).to.equal(
      'inside',
    );
    // That it was longer than that is proved all the same.
    expect(againstPrediction(outage, predicted(10, 20), 20)).to.equal('longer');
  });

  it('return to their usual speed in a phase of its own, after service is back', () => {
    const slow = probed('api', [[800, 900]]);
    const samples = slow.samples.map((one) =>
      one.sentNs >= 900e6 && one.sentNs < 1100e6 ? { ...one, completedNs: one.sentNs + 8e6 } : one,
    );
    const [only] = recoveries({ series: [{ ...slow, samples }], injections: [injection('a', 795, 799)] });
    expect(only?.phases.at(-1)).to.deep.include({ name: 'performance' });
    expect(only?.performanceBack?.min).to.be.at.most(1100 - 795);
    expect(only?.performanceBack?.max).to.be.within(1100 - 795, END - 795);
    expect(
      recoveries({ series: [probed('api', [])], injections: [injection('a', 795, 799)] })[0],
    ).not.to.have.property('performanceBack');
  });

  it('go through phases that follow one another, each with its source', () => {
    const [only] = recoveries({
      series: [probed('api', [[210, 500]])],
      injections: [injection('a', 200, 205)],
      events: [
        event('node-ready', 880, 900, { is: 'ready' }),
        event('node-not-ready', 290, 300, { is: 'not-ready' }),
        event('endpoint-removed', 310, 320, { about: 'openstack/keystone', was: 'keystone-1' }),
        event('endpoint-added', 940, 950, { about: 'openstack/keystone', is: 'keystone-9' }),
        event('address-moved', 410, 420, { about: 'api-address', is: 'control-2' }),
        event('leader', 390, 395, { about: 'kube-scheduler', was: 'control-1' }),
      ],
    });
    expect(only?.phases.map(({ name }) => name)).to.deep.equal([
      'impact',
      'noticed',
      'ejected',
      'elected',
      'answers',
      'redundant',
    ]);
    expect(only?.phases[0]?.start).to.deep.equal({ clock: CLOCK, earliestNs: 200e6, latestNs: 205e6 });
    for (const [index, phase] of (only?.phases ?? []).entries()) {
      const next = only?.phases[index + 1];
      if (next !== undefined) expect(next.start).to.deep.equal(phase.end);
    }
    expect(only?.phases[3]?.source).to.equal('watcher leaders: address-moved api-address to control-2');
    expect(only?.redundancyBack).to.deep.equal({ min: 940 - 205, max: 950 - 200, unit: 'ms' });
  });

  it('print as unattributed what no watcher explains', () => {
    const [only] = recoveries({
      series: [probed('api', [[210, 500]])],
      injections: [injection('a', 200, 205)],
    });
    expect(only?.phases.map(({ name }) => name)).to.deep.equal(['impact', 'unattributed']);
    expect(only?.phases[1]?.source).to.include('no watcher saw why');
  });

  it('have full redundancy only when all that was lost is back, and nobody was blind', () => {
    const lost = [
      event('node-not-ready', 290, 300),
      event('endpoint-removed', 310, 320, { about: 'keystone' }),
    ];
    const back = (events: readonly WatchedEvent[]): number | undefined =>
      recoveries({ series: [probed('api', [])], injections: [injection('a', 200, 205)], events })[0]
        ?.redundancyBack?.max;
    expect(back(lost)).to.equal(undefined);
    expect(back([...lost, event('node-ready', 690, 700)])).to.equal(undefined);
    const all = [
      ...lost,
      event('node-ready', 690, 700),
      event('endpoint-added', 790, 800, { about: 'keystone' }),
    ];
    expect(back(all)).to.equal(600);
    expect(back([...all, event('blind', 800, 900)])).to.equal(undefined);
    // The run's own look at the topology stands in for watchers that were blind, and only for what was lost before it.
    const looked = { ...event('full-redundancy', 810, 950), watcher: 'recovered', about: 'topology' };
    expect(back([...lost, looked])).to.equal(750);
    expect(back([...all, event('blind', 800, 900), looked])).to.equal(750);
    expect(back([...all, looked])).to.equal(600);
    expect(back([{ ...looked, seenNs: 250e6 }, ...lost])).to.equal(undefined);
    // A replacement that came before the old one went was no loss.
    expect(back([event('endpoint-added', 290, 300), event('endpoint-removed', 310, 320)])).to.equal(
      undefined,
    );
  });
});

describe('the analysis as a whole', () => {
  it('covers the whole method, and calls unseen what a prober that died did not see of it', () => {
    const alive = probed('api', []);
    const { probes, window } = analyse(
      evidence({ series: [{ ...alive, endNs: 1000e6, samples: alive.samples.slice(0, 101) }] }),
    );
    expect(window).to.deep.equal({ fromNs: 0, toNs: END * 1e6 });
    expect(probes[0]?.unseenRatio).to.be.closeTo(0.5, 0.001);
  });

  it('counts a planned case without a result as unknown', () => {
    const declared = (id: string) => ({ id, title: id, tags: [], needs: [], covers: [] });
    const result = (id: string, outcome: 'passed' | 'failed', round: number) => {
      return {
        ...declared(id),
        suite: 's',
        stage: 'during' as const,
        round,
        outcome,
        started: at(0),
        ended: at(1),
        lane: 0,
        troubles: [],
      };
    };
    const { conformance } = analyse(
      evidence({
        conformance: [
          {
            stage: 'during',
            planned: ['a', 'b', 'c'].map(declared),
            results: [result('a', 'passed', 1), result('a', 'failed', 2), result('b', 'passed', 1)],
            started: at(0),
            ended: at(1),
            lanes: 1,
          },
        ],
      }),
    );
    expect(conformance).to.deep.equal([
      { stage: 'during', planned: 4, passed: 2, failed: 1, skipped: 0, unknown: 1, troubles: 0 },
    ]);
  });
});
