import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { calibrationOf } from '../../src/analysis/calibration.ts';
import { milliseconds } from '../../src/model/duration.ts';
import type { CalibrationRung, ProbeSeries, Sample } from '../../src/model/observation.ts';
import { seededRandom } from '../../src/model/seeded-random.ts';
import { seriesOf } from '../measure/sample-series.ts';

const COUNT = 60;

interface System {
  /** How long it takes on average to answer at so many times the plan's rate. */
  readonly tookMs: (times: number) => number;
  readonly failedRatio?: (times: number) => number;
  readonly unusableRatio?: (times: number) => number;
}

function series(name: string, times: number, system: System, seed: string): ProbeSeries {
  const random = seededRandom(`${seed}/${name}/${times}`);
  const every = 40 / times;
  const samples = Array.from({ length: COUNT }, (_, n): Sample => {
    const plannedNs = n * every * 1e6;
    // A long tail, as answers have.
    const tookNs = system.tookMs(times) * (0.8 + 0.2 * -Math.log(1 - random.next())) * 1e6;
    const chance = random.next();
    const [failed, unusable] = [system.failedRatio?.(times) ?? 0, system.unusableRatio?.(times) ?? 0];
    const outcome = chance < failed ? 'failed' : chance < failed + unusable ? 'unknown' : 'ok';
    const sentNs = plannedNs + 0.5e6;
    return { n, plannedNs, sentNs, completedNs: sentNs + tookNs, outcome, impaired: false, status: 200 };
  });
  return seriesOf(samples, COUNT * every, { name, every: milliseconds(every) });
}

const ladder = (system: System, seed = 's', rates = [0.25, 0.5, 1, 2, 4]): readonly CalibrationRung[] =>
  rates.map((times) => ({ times, series: ['a', 'b'].map((name) => series(name, times, system, seed)) }));

const states = (rungs: readonly CalibrationRung[]): readonly string[] =>
  calibrationOf(rungs).rungs.map(({ state }) => state);

describe('the calibration of a system', () => {
  it('finds every rate flat when none changes anything', () => {
    const found = calibrationOf(ladder({ tookMs: () => 20 }));
    expect(found.rungs.map(({ state }) => state)).to.deep.equal([
      'reference',
      'flat',
      'flat',
      'flat',
      'flat',
    ]);
    expect(found).to.deep.include({ planned: 'flat' });
    expect(found.flatUpTo).to.deep.include({ times: 4, perSecond: 200 });
  });

  it('finds the rate from which on answers are slower, and how slow', () => {
    const found = calibrationOf(ladder({ tookMs: (times) => (times > 1 ? 40 : 20) }));
    expect(found.rungs.map(({ state }) => state).slice(0, 4)).to.deep.equal([
      'reference',
      'flat',
      'flat',
      'not-flat',
    ]);
    expect(found.rungs[3]?.says).to.match(
      /^a was answered more slowly: \d+\.\dms at the lowest rate, \d+\.\dms at this\.$/,
    );
    expect(found.flatUpTo?.times).to.equal(1);
  });

  it("says of the plan's own rate that it is too much", () => {
    const found = calibrationOf(ladder({ tookMs: (times) => (times >= 1 ? 60 : 20) }));
    expect(found.planned).to.equal('not-flat');
    expect(found.flatUpTo?.times).to.equal(0.5);
  });

  it('takes failures for a rate that is not borne, however fast the rest is', () => {
    const rungs = ladder({ tookMs: () => 20, failedRatio: (times) => (times >= 2 ? 0.1 : 0) });
    expect(states(rungs).slice(0, 4)).to.deep.equal(['reference', 'flat', 'flat', 'not-flat']);
  });

  it('puts a prober that cannot keep up down to nobody', () => {
    const rungs = ladder({ tookMs: () => 20, unusableRatio: (times) => (times >= 2 ? 0.2 : 0) });
    expect(states(rungs)[3]).to.equal('unknown');
    expect(calibrationOf(rungs).flatUpTo?.times).to.equal(1);
  });

  it('says unknown of a difference that it cannot tell from the margin', () => {
    const found = calibrationOf(ladder({ tookMs: (times) => (times > 0.25 ? 25 : 20) }));
    expect(new Set(found.rungs.slice(1).map(({ state }) => state))).to.deep.equal(new Set(['unknown']));
    expect(found.rungs[1]?.says).to.match(/^Whether a was answered more slowly cannot be told/);
  });

  it('says unknown, and never flat, of too few answers', () => {
    const few = ladder({ tookMs: () => 20 }).map((rung) => ({
      ...rung,
      series: rung.series.map((one) => ({ ...one, samples: one.samples.slice(0, 33) })),
    }));
    expect(states(few)).to.deep.equal(['reference', 'unknown', 'unknown', 'unknown', 'unknown']);
    expect(calibrationOf(few).flatUpTo).to.equal(undefined);
    expect(calibrationOf(few).planned).to.equal('unknown');
  });

  it('calls no rate flat behind one that is not', () => {
    const found = calibrationOf(ladder({ tookMs: (times) => (times === 0.5 ? 60 : 20) }));
    expect(found.flatUpTo).to.equal(undefined);
  });

  it('says what a rate resolves: two periods and lateness, and a bracket with the answers beside', () => {
    const found = calibrationOf(ladder({ tookMs: () => 20 }, 's', [0.25, 0.5]));
    const [probe] = found.flatUpTo?.probes ?? [];
    expect(probe).to.deep.include({ probe: 'a', everyMs: 80, surelySeenMs: 160.5 });
    expect(probe?.bracketMs).to.be.within(2 * (80 + 0.5 + 20), 2 * (80 + 0.5 + 60));
  });

  it('is rarely wrong: twice as slow is never flat, and unchanged is never called slower', () => {
    fc.assert(
      fc.property(fc.string(), (seed) => {
        const slower = states(ladder({ tookMs: (times) => (times > 0.25 ? 40 : 20) }, seed));
        expect(slower.slice(1)).to.not.include('flat');
        expect(states(ladder({ tookMs: () => 20 }, seed))).to.not.include('not-flat');
      }),
      { numRuns: 100, seed: 6 },
    );
  });
});
