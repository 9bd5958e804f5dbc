import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { intervalsOf, intervalsTogether } from '../../src/analysis/intervals.ts';
import { outagesOf } from '../../src/analysis/outages.ts';
import { togetherOf } from '../../src/analysis/together.ts';
import type { Interval } from '../../src/model/analysis.ts';
import type { ProbeSeries } from '../../src/model/observation.ts';
import { sample, seriesOf } from '../measure/sample-series.ts';
import { probe, worlds, type World } from './simulated-prober.ts';

/** The same system, seen by another prober that sends a little later and waits for other answers. */
function second(world: World, byMs: number): ProbeSeries {
  const away = (stretches: World['outages']): World['outages'] =>
    stretches.map(({ from, to }) => ({ from: from - byMs, to: to - byMs }));
  const seen = probe({ ...world, outages: away(world.outages), latency: [...world.latency].reverse() });
  const ns = byMs * 1e6;
  return {
    ...seen,
    startNs: seen.startNs + ns,
    samples: seen.samples.map((one) => ({
      ...one,
      plannedNs: one.plannedNs + ns,
      sentNs: one.sentNs + ns,
      completedNs: one.completedNs + ns,
    })),
  };
}

const pairs = (of: fc.Arbitrary<World>) =>
  fc
    .tuple(of, fc.integer({ min: 1, max: 99 }))
    .map(([world, tenths]) => ({ world, pair: [probe(world), second(world, tenths / 10)] as const }));

const seenPair = pairs(worlds({ starved: false }));
const anyPair = pairs(fc.oneof(worlds({ starved: false }), worlds({ starved: true })));

const downs = (intervals: readonly Interval[]) => intervals.filter(({ state }) => state === 'down');
const within = (inner: Interval['start'], outer: Interval['start']): boolean =>
  inner.earliestNs >= outer.earliestNs && inner.latestNs <= outer.latestNs;
const unseenNs = (intervals: readonly Interval[]): number =>
  intervals
    .filter(({ state }) => state === 'unseen')
    .reduce((total, { start, end }) => total + end.latestNs - start.earliestNs, 0);

describe('two probers of one endpoint', function () {
  this.timeout(20_000);

  it('narrow every edge of an outage that one of them saw alone, and never widen one', () => {
    fc.assert(
      fc.property(seenPair, ({ pair }) => {
        const together = downs(intervalsTogether(pair));
        for (const alone of pair) {
          for (const { start, end } of downs(intervalsOf(alone))) {
            const same = together.filter(
              (one) => one.start.earliestNs < end.latestNs && one.end.latestNs > start.earliestNs,
            );
            expect(
              same.some((one) => within(one.start, start)),
              'start',
            ).to.equal(true);
            expect(
              same.some((one) => within(one.end, end)),
              'end',
            ).to.equal(true);
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  it('hold the truth at every edge', () => {
    fc.assert(
      fc.property(seenPair, ({ world, pair }) => {
        const outages = outagesOf(intervalsTogether(pair));
        for (const { from, to } of world.outages.filter((one) => one.to - one.from > 30)) {
          const found = outages.find(
            ({ start, end }) => start.earliestNs <= to * 1e6 && end.latestNs >= from * 1e6,
          );
          expect(from * 1e6).to.be.within(found?.start.earliestNs ?? 0, (found?.start.latestNs ?? -1) + 1);
          expect(to * 1e6).to.be.within(found?.end.earliestNs ?? 0, (found?.end.latestNs ?? -1) + 1);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('leave unseen only what neither saw', () => {
    fc.assert(
      fc.property(anyPair, ({ pair }) => {
        const together = unseenNs(intervalsTogether(pair));
        // The second begins and ends up to a period later.
        for (const alone of pair) expect(together).to.be.at.most(unseenNs(intervalsOf(alone)) + 50e6);
      }),
      { numRuns: 100 },
    );
  });

  it('do not depend on their order', () => {
    fc.assert(
      fc.property(anyPair, ({ pair: [a, b] }) => {
        expect(intervalsTogether([b, a])).to.deep.equal(intervalsTogether([a, b]));
      }),
      { numRuns: 30 },
    );
  });

  it('are joined where they asked the same, and say for how long they disagreed', () => {
    const down = (fromMs: number, toMs: number, vantage: string): ProbeSeries =>
      seriesOf(
        Array.from({ length: 100 }, (_, n) =>
          sample(
            n,
            n * 10 >= fromMs && n * 10 < toMs ? { outcome: 'failed', phase: 'connect', status: 0 } : {},
          ),
        ),
        1000,
        { vantage },
      );
    expect(togetherOf([down(300, 500, 'host')])).to.deep.equal({});
    const agreed = togetherOf([down(300, 500, 'host'), down(300, 500, 'compute-1')]).together?.[0];
    expect(agreed).to.deep.include({
      probes: ['keystone', 'keystone at compute-1'],
      disagreed: { min: 0, max: 0, unit: 'ms' },
    });
    const partial = togetherOf([down(300, 500, 'host'), down(0, 0, 'compute-1')]).together?.[0];
    expect(partial?.disagreed.min).to.be.within(150, 200);
  });

  it('see one outage where requests arrived in another order than they were sent in, and two where they cannot have', () => {
    const bad = { outcome: 'failed', phase: 'wait', status: 0 } as const;
    const numbers = Array.from({ length: 20 }, (_, n) => n);
    // Answers take 4 ms, so what was sent at 100 ms may have arrived after what was sent at 102 ms.
    const first = seriesOf(
      numbers.map((n) => sample(n, { tookMs: 4, ...(n >= 10 && n < 15 ? { ...bad, tookMs: 100 } : {}) })),
      200,
    );
    const other = (laterMs: number): ProbeSeries =>
      seriesOf(
        numbers.map((n) => {
          const sentMs = n * 10 + laterMs;
          return sample(n, { sentMs, tookMs: 4, ...(n > 10 && n < 15 ? { ...bad, tookMs: 100 } : {}) });
        }),
        200,
      );
    const [one, ...none] = downs(intervalsTogether([first, other(2)]));
    expect(none).to.deep.equal([]);
    expect(one?.start).to.include({ earliestNs: 102e6, latestNs: 104e6 });
    expect(downs(intervalsTogether([first, other(6)]))).to.have.length(2);
  });
});
