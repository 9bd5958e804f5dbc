import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { analyseProbe } from '../../src/analysis/analyse-probe.ts';
import { intervalsOf } from '../../src/analysis/intervals.ts';
import { outagesOf } from '../../src/analysis/outages.ts';
import type { Interval } from '../../src/model/analysis.ts';
import type { Sample } from '../../src/model/observation.ts';
import { sample, seriesOf } from '../measure/sample-series.ts';
import { END, PERIOD, probe, worlds, type Away } from './simulated-prober.ts';

const anyWorld = fc.oneof(worlds({ starved: false }), worlds({ starved: true }));

const states = (intervals: readonly Interval[]): string =>
  intervals
    .map(({ state, start, end }) => {
      const range = ({ earliestNs, latestNs }: Interval['start']): string =>
        `${earliestNs / 1e6}-${latestNs / 1e6}`;
      return `${state} [${range(start)}] to [${range(end)}]`;
    })
    .join(', ');

/** True when every moment of the stretch lies in an interval that may be other than up. */
function notProvedUp(intervals: readonly Interval[], { from, to }: Away): boolean {
  return intervals
    .filter(({ state }) => state === 'up')
    .every(({ start, end }) => {
      const [surelyFrom, surelyTo] = [
        Math.max(start.latestNs, from * 1e6),
        Math.min(end.earliestNs, to * 1e6),
      ];
      return surelyTo - surelyFrom <= 2 * PERIOD * 1e6;
    });
}

describe('intervals of a probe', () => {
  it('follow one another from the start of the series to its end, and never run backwards', () => {
    fc.assert(
      fc.property(anyWorld, (world) => {
        const intervals = intervalsOf(probe(world));
        expect(intervals[0]?.start).to.include({ earliestNs: 0, latestNs: 0 });
        const last = intervals.at(-1);
        expect(last?.end.earliestNs).to.equal(last?.end.latestNs);
        expect(last?.end.latestNs).to.be.at.least(END * 1e6);
        for (const [index, interval] of intervals.entries()) {
          const { start, end } = interval;
          expect(start.earliestNs).to.be.at.most(start.latestNs);
          expect(end.earliestNs).to.be.at.least(start.earliestNs);
          expect(end.latestNs).to.be.at.least(start.latestNs);
          const after = intervals[index + 1];
          if (after === undefined) continue;
          expect(after.start).to.deep.equal(end);
          expect(after.state).not.to.equal(interval.state);
        }
      }),
    );
  });

  it('do not depend on the order of the samples', () => {
    fc.assert(
      fc.property(
        anyWorld.chain((world) => {
          const series = probe(world);
          const shuffled = fc.shuffledSubarray([...series.samples], { minLength: series.samples.length });
          return fc.record({ series: fc.constant(series), samples: shuffled });
        }),
        ({ series, samples }) => {
          expect(analyseProbe({ ...series, samples })).to.deep.equal(analyseProbe(series));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('hold the truth: each outage of two periods or more is found, inside its edges', () => {
    fc.assert(
      fc.property(worlds({ starved: false }), (world) => {
        const found = outagesOf(intervalsOf(probe(world)));
        for (const { from, to } of world.outages) {
          const match = found.find(
            ({ start, end }) => start.earliestNs <= from * 1e6 && end.latestNs >= to * 1e6,
          );
          // Lateness may bring two samples further apart than a period, so a little more than two periods is sure.
          if (match === undefined) expect(to - from).to.be.below(2 * PERIOD + 8);
          else {
            expect(from * 1e6).to.be.within(match.start.earliestNs, match.start.latestNs);
            expect(to * 1e6).to.be.within(match.end.earliestNs, match.end.latestNs);
            expect((to - from) * 1e6).to.be.within(match.minNs, match.maxNs);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('bracket an outage within two periods, the lateness and the way there and back, whatever the timeout', () => {
    fc.assert(
      fc.property(worlds({ starved: false }), (world) => {
        for (const { minNs, maxNs } of outagesOf(intervalsOf(probe(world)))) {
          expect(maxNs - minNs).to.be.at.most(2 * (PERIOD + 4 + 6) * 1e6);
        }
      }),
    );
  });

  it('of a starved prober never show an outage that was not there', () => {
    fc.assert(
      fc.property(worlds({ starved: true }), (world) => {
        for (const down of intervalsOf(probe(world)).filter(({ state }) => state === 'down')) {
          const [from, to] = [down.start.earliestNs / 1e6, down.end.latestNs / 1e6];
          expect(world.outages.some((outage) => outage.from <= to && outage.to >= from)).to.equal(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('of a starved prober never prove up what was down for more than two periods', () => {
    fc.assert(
      fc.property(worlds({ starved: true }), (world) => {
        const intervals = intervalsOf(probe(world));
        for (const outage of world.outages) expect(notProvedUp(intervals, outage)).to.equal(true);
      }),
      { numRuns: 300 },
    );
  });

  it('are unseen where samples are missing, and down edges reach over it', () => {
    const rows: readonly (readonly [string, readonly Sample[], number, string])[] = [
      ['nothing was asked', [], 30, 'unseen [0-0] to [30-30]'],
      [
        'nothing was asked between two good answers',
        [sample(0), sample(5), sample(6)],
        60,
        'up [0-0] to [0-0], unseen [0-0] to [50-50], up [50-50] to [60-60]',
      ],
      [
        'the harness could not ask',
        [sample(0), ...[1, 2, 3].map((n) => sample(n, { outcome: 'unknown', phase: 'harness' })), sample(4)],
        40,
        'up [0-0] to [0-0], unseen [0-0] to [40-40], up [40-40] to [40-40]',
      ],
      [
        'it was unseen before it was down',
        [sample(0), sample(5, { outcome: 'failed', phase: 'connect' }), sample(6), sample(7)],
        70,
        'up [0-0] to [0-0], unseen [0-0] to [0-51], down [0-51] to [50-61], up [50-61] to [70-70]',
      ],
      ['the prober died', [sample(0), sample(1)], 100, 'up [0-0] to [10-10], unseen [10-10] to [100-100]'],
    ];
    for (const [title, samples, endMs, expected] of rows) {
      expect(states(intervalsOf(seriesOf(samples, endMs))), title).to.equal(expected);
    }
  });

  it('of an outage lie on the axis of sending, not of verdicts', () => {
    const silent = (n: number): Sample =>
      sample(n, { outcome: 'failed', phase: 'wait', status: 0, tookMs: 100 });
    const [, down] = intervalsOf(
      seriesOf([sample(0), sample(1), silent(2), silent(3), silent(4), sample(5), sample(6)], 60),
    );
    expect(down).to.deep.include({ state: 'down', phase: 'wait', samples: 3 });
    expect(down?.start).to.include({ earliestNs: 10e6, latestNs: 21e6 });
    expect(down?.end).to.include({ earliestNs: 40e6, latestNs: 51e6 });
  });
});
