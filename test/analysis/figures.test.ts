import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { analyseProbe } from '../../src/analysis/analyse-probe.ts';
import { quantiles } from '../../src/analysis/quantiles.ts';
import type { Sample } from '../../src/model/observation.ts';
import { sample, seriesOf } from '../measure/sample-series.ts';
import { END, probe, worlds } from './simulated-prober.ts';

const failed = (n: number): Sample => sample(n, { outcome: 'failed', phase: 'connect', status: 0 });

describe('figures of a probe', () => {
  it('hold the true availability and the true time down', () => {
    fc.assert(
      fc.property(worlds({ starved: false }), (world) => {
        const outages = world.outages.filter(({ from, to }) => to - from > 30);
        const { availability, totalOutage, longestOutage } = analyseProbe(probe({ ...world, outages }));
        const lengths = outages.map(({ from, to }) => to - from);
        const down = lengths.reduce((total, length) => total + length, 0);
        expect(totalOutage.min).to.be.at.most(down + 1e-6);
        expect(totalOutage.max).to.be.at.least(down - 1e-6);
        expect(Math.max(0, ...lengths)).to.be.within(longestOutage.min, longestOutage.max + 1e-6);
        // The last sample may leave a little after the planned end.
        expect(1 - down / END).to.be.within(availability.min - 0.002, availability.max + 0.002);
      }),
      { numRuns: 200 },
    );
  });

  it('of a probe that never failed say so without an error', () => {
    const all = analyseProbe(
      seriesOf(
        [0, 1, 2, 3].map((n) => sample(n)),
        35,
      ),
    );
    expect(all.availability).to.deep.equal({ min: 1, max: 1, unit: 'ratio' });
    expect(all.longestOutage).to.deep.equal({ min: 0, max: 0, unit: 'ms' });
    expect(all).to.include({ outages: 0, unseenRatio: 0, failures: 0, samples: 4 });
    expect(all.requestRatio.max).to.equal(1);
    expect(all.requestRatio.min).to.be.within(0.4, 0.6);
  });

  it('let unseen time count in neither up nor down, and in what an outage may have been', () => {
    const all = analyseProbe(
      seriesOf([sample(0), sample(1), sample(6), sample(7), sample(8), sample(9)], 100),
    );
    expect(all.unseenRatio).to.be.closeTo(0.5, 1e-9);
    expect(all.availability).to.deep.equal({ min: 1, max: 1, unit: 'ratio' });
    expect(all.longestOutage).to.deep.equal({ min: 0, max: 50, unit: 'ms' });
    expect(all.outages).to.equal(0);
  });

  it('know nothing where nothing was seen', () => {
    const all = analyseProbe(seriesOf([], 100));
    expect(all.availability).to.deep.equal({ min: 0, max: 1, unit: 'ratio' });
    expect(all.requestRatio).to.deep.equal({ min: 0, max: 1, unit: 'ratio' });
    expect(all.unseenRatio).to.equal(1);
  });

  it('count answers, latencies and the prober’s own lateness', () => {
    const samples = [
      sample(0, { tookMs: 2 }),
      sample(1, { sentMs: 14, tookMs: 4 }),
      failed(2),
      sample(3, { outcome: 'unknown' }),
    ];
    const all = analyseProbe(seriesOf(samples, 40));
    expect(all).to.include({ failures: 1, samples: 4, impairedRatio: 0 });
    expect(all.latenessMs).to.deep.equal({ p50: 0, p99: 4, max: 4 });
    expect(all.requestRatio.min).to.be.below(2 / 3);
    expect(all.requestRatio.max).to.be.above(2 / 3);
  });

  it('are quantiles by nearest rank', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(quantiles(hundred, [0.5, 0.99, 1])).to.deep.equal([50, 99, 100]);
    expect(quantiles([], [0.5])).to.deep.equal([0]);
  });
});
