import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { backToBaseline } from '../../src/analysis/back-to-baseline.ts';
import { largerThan, upperTail } from '../../src/analysis/rank-test.ts';
import { seededRandom, type SeededRandom } from '../../src/model/seeded-random.ts';
import type { ProbeSeries } from '../../src/model/observation.ts';
import { sample, seriesOf } from '../measure/sample-series.ts';

const [FAULT_MS, END_MS] = [3000, 13_000];

const normal = (random: SeededRandom): number =>
  Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());

/** Latencies as real ones are: never below a floor, a long tail, and each like the one before it. */
function latencies(random: SeededRandom, alike: number): () => number {
  let state = normal(random);
  return () => {
    state = alike * state + Math.sqrt(1 - alike * alike) * normal(random);
    return 1 + 2 * Math.exp(0.6 * state);
  };
}

/** Asked every 10 ms; `slowBy` says how many times slower than usual an answer at that time is, Infinity for none. */
function series(seed: string, slowBy: (ms: number) => number, alike = 0.5): ProbeSeries {
  const next = latencies(seededRandom(seed), alike);
  const samples = Array.from({ length: END_MS / 10 }, (_, n) => {
    const tookMs = next() * slowBy(n * 10);
    return Number.isFinite(tookMs)
      ? sample(n, { tookMs })
      : sample(n, { outcome: 'failed', phase: 'connect', status: 0 });
  });
  return seriesOf(samples, END_MS);
}

const back = (of: ProbeSeries) => backToBaseline(of, FAULT_MS * 1e6, FAULT_MS * 1e6, Infinity);
const seeds = Array.from({ length: 200 }, (_, index) => `seed ${index}`);

describe('performance back to baseline', function () {
  this.timeout(20_000);

  it('holds the truth when a probe was down, then slow, then as before', () => {
    for (const seed of seeds.slice(0, 40)) {
      const found = back(series(seed, (ms) => (ms < 3000 || ms >= 7000 ? 1 : ms < 4000 ? Infinity : 5)));
      expect(found?.earliestNs, seed).to.be.at.most(7000e6);
      expect(found?.latestNs, seed).to.be.within(7000e6, 11_000e6);
    }
  });

  it('is never claimed of a probe that stayed slow, nor of one whose baseline is too short', () => {
    for (const seed of seeds)
      expect(back(series(seed, (ms) => (ms < FAULT_MS ? 1 : 2))), seed).to.equal(undefined);
    expect(
      backToBaseline(
        series('short', () => 1),
        200e6,
        FAULT_MS * 1e6,
        Infinity,
      ),
    ).to.equal(undefined);
  });

  it('is never claimed of a probe that did not answer again', () => {
    expect(back(series('gone', (ms) => (ms < FAULT_MS ? 1 : Infinity)))).to.equal(undefined);
  });

  it('calls a probe that did not change slow in fewer than one run of a hundred, and back in all', () => {
    const found = seeds.map((seed) => back(series(seed, () => 1)));
    expect(found.filter((one) => one === undefined)).to.have.length(0);
    expect(found.filter((one) => one?.earliestNs !== FAULT_MS * 1e6).length).to.be.at.most(2);
  });

  it('does not depend on the order of the samples', () => {
    const one = series('order', (ms) => (ms > 3000 && ms < 6000 ? 4 : 1));
    const shuffled = { ...one, samples: [...one.samples].reverse() };
    expect(back(shuffled)).to.deep.equal(back(one));
  });
});

describe('the rank-sum test', () => {
  it('gives the p-values of the literature', () => {
    // Hollander and Wolfe, water transfer through placental membrane: exact one-sided p = 0.1272.
    const early = [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
    const late = [1.15, 0.88, 0.9, 0.74, 1.21];
    expect(largerThan(early, late)).to.be.closeTo(0.1272, 0.01);
    expect(upperTail(1.959964)).to.be.closeTo(0.025, 1e-6);
    expect(upperTail(-1)).to.be.closeTo(0.8413447, 1e-6);
    expect(upperTail(5) / 2.866516e-7).to.be.closeTo(1, 1e-5);
  });

  it('is wrong as often as it says where nothing differs, and knows ties', () => {
    const random = seededRandom('null');
    const draws = (count: number): number[] =>
      Array.from({ length: count }, () => Math.round(normal(random) * 5));
    const found = Array.from({ length: 4000 }, () => largerThan(draws(12), draws(60)));
    const share = (alpha: number): number => found.filter((p) => p < alpha).length / found.length;
    expect(share(0.05)).to.be.within(0.035, 0.065);
    expect(share(0.01)).to.be.at.most(0.016);
    expect(largerThan([1, 1, 1], [1, 1])).to.equal(1);
    expect(largerThan([], [1])).to.equal(1);
  });

  it('turns round with its sides', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(50), { minLength: 3, maxLength: 20 }),
        fc.array(fc.nat(50), { minLength: 3, maxLength: 20 }),
        (a, b) => {
          expect(largerThan(a, b) + largerThan(b, a)).to.be.at.least(1 - 1e-9);
        },
      ),
    );
  });
});
