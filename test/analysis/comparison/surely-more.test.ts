import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { surelyMore } from '../../../src/analysis/comparison/surely-more.ts';
import type { Range } from '../../../src/model/comparison.ts';

const exactly = (...values: readonly number[]): readonly Range[] =>
  values.map((value) => ({ min: value, max: value }));

/** The definition, as it reads: every way to deal the runs out, one after the other. */
function byEnumeration(b: readonly Range[], a: readonly Range[]): number {
  const all = [...b, ...a];
  const scores = all.map(
    (one) =>
      all.filter((other) => one.min > other.max).length - all.filter((other) => one.max < other.min).length,
  );
  const found = scores.slice(0, b.length).reduce((sum, score) => sum + score, 0);
  let [ways, asClear] = [0, 0];
  for (let chosen = 0; chosen < 1 << all.length; chosen++) {
    const picked = scores.filter((_, index) => (chosen >> index) & 1);
    if (picked.length !== b.length) continue;
    ways += 1;
    if (picked.reduce((sum, score) => sum + score, 0) >= found) asClear += 1;
  }
  return asClear / ways;
}

const range = fc
  .tuple(fc.integer({ min: 0, max: 12 }), fc.option(fc.integer({ min: 0, max: 6 })))
  .map(([min, width]): Range => ({ min, max: width === null ? Infinity : min + width }));

describe('surelyMore', () => {
  it('is the share of all ways to deal the runs out, ties and open ends among them', () => {
    const sides = fc.tuple(
      fc.array(range, { minLength: 1, maxLength: 5 }),
      fc.array(range, { minLength: 1, maxLength: 5 }),
    );
    fc.assert(
      fc.property(sides, ([b, a]) => {
        expect(surelyMore(b, a)).to.be.closeTo(byEnumeration(b, a), 1e-12);
      }),
      { numRuns: 300 },
    );
  });

  it('is one in all ways where everything is apart', () => {
    expect(surelyMore(exactly(5, 6, 7, 8), exactly(1, 2, 3, 4))).to.be.closeTo(1 / 70, 1e-12);
    expect(surelyMore(exactly(1, 2, 3, 4), exactly(5, 6, 7, 8))).to.equal(1);
  });

  it('cannot tell ranges that overlap, whatever their middles', () => {
    const low = Array.from({ length: 10 }, (): Range => ({ min: 0, max: 10 }));
    const high = Array.from({ length: 10 }, (): Range => ({ min: 9, max: 20 }));
    expect(surelyMore(high, low)).to.equal(1);
  });

  it('takes what was not over for more than all that surely ended before, and not for more than what may have lasted as long', () => {
    const open = (min: number): Range => ({ min, max: Infinity });
    expect(surelyMore([open(9), open(9), open(9), open(9)], exactly(1, 2, 3, 4))).to.be.closeTo(
      1 / 70,
      1e-12,
    );
    expect(surelyMore([open(0), open(0), open(0), open(0)], exactly(1, 2, 3, 4))).to.be.above(0.5);
  });

  it('says 1 where there is nothing to compare', () => {
    expect(surelyMore([], exactly(1))).to.equal(1);
    expect(surelyMore(exactly(1), [])).to.equal(1);
    expect(surelyMore(exactly(3, 3, 3), exactly(3, 3, 3))).to.equal(1);
  });

  it('says nearly the same by counting and by the normal curve', () => {
    const a = exactly(...Array.from({ length: 18 }, (_, index) => index * 7));
    const b = exactly(...Array.from({ length: 18 }, (_, index) => index * 7 + 30));
    const [counted, approximated] = [surelyMore(b, a, 40), surelyMore(b, a, 10)];
    expect(counted).to.be.within(0.01, 0.1);
    expect(approximated / counted).to.be.within(0.9, 1.1);
  });
});
