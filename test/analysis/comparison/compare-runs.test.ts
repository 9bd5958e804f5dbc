import { expect } from 'chai';
import { describe, it } from 'mocha';
import { compareRuns } from '../../../src/analysis/index.ts';
import { ALPHA, slowed, tolerated } from '../../../src/analysis/comparison/margins.ts';
import { neededRuns } from '../../../src/analysis/comparison/needed-runs.ts';
import { surelyMore } from '../../../src/analysis/comparison/surely-more.ts';
import type { Comparison, Measure, Range, RunSummary } from '../../../src/model/comparison.ts';
import { seededRandom, type SeededRandom } from '../../../src/model/seeded-random.ts';
import { judgeComparison } from '../../../src/verdict/index.ts';
import { MEASURED_OUTAGES } from './measured-recoveries.ts';
import { summaryOf } from './summary-of.ts';

/** Whether they are equal or not is asked so often. */
const PAIRS = 10_000;

const measured: readonly Range[] = MEASURED_OUTAGES.map(([min, max]) => ({ min, max }));

const summary = (n: number, subjectKey: string, measures: readonly Measure[]): RunSummary =>
  summaryOf(`run-${subjectKey}-${String(n).padStart(3, '0')}`, { subjectKey, measures });

const outage = ({ min, max }: Range, judged = true): Measure => ({
  id: 'cut/outage',
  title: 'longest outage after cut',
  unit: 'ms',
  min,
  ...(Number.isFinite(max) ? { max } : {}),
  judged,
});

function compared(
  before: readonly (readonly Measure[])[],
  after: readonly (readonly Measure[])[],
): Comparison {
  const baselineRuns = before.map((measures, n) => summary(n, 'a', measures));
  const changedRuns = after.map((measures, n) => summary(n, 'b', measures));
  const group = (subjectKey: string, runs: readonly RunSummary[]) => ({
    subjectKey,
    runs: runs.map(({ id }) => id),
    left: [],
  });
  return compareRuns({
    plan: 'short',
    lab: 'rehearsal',
    baseline: group('a', baselineRuns),
    changed: group('b', changedRuns),
    baselineRuns,
    changedRuns,
    differences: [],
    notes: [],
    slowdown: 1.5,
  });
}

const outages = (ranges: readonly Range[]): readonly (readonly Measure[])[] =>
  ranges.map((range) => [outage(range)]);

/** One of the measured values, moved a little, for a host never gives the same twice. */
function draw(random: SeededRandom, slowdown = 1): Range {
  const { min, max } = measured[random.integer(measured.length)] ?? { min: 0, max: 0 };
  const by = 40 * (random.next() - 0.5);
  return { min: Math.max(0, min * slowdown + by), max: max * slowdown + by };
}

const drawn = (random: SeededRandom, runs: number, slowdown?: number): readonly Range[] =>
  Array.from({ length: runs }, () => draw(random, slowdown));

describe('comparing runs', () => {
  it(`raises a false alarm in at most 1 % of ${PAIRS} pairs of identical groups, and without tolerance too`, () => {
    const random = seededRandom('identical');
    let [alarms, strict] = [0, 0];
    for (let pair = 0; pair < PAIRS; pair++) {
      const [a, b] = [drawn(random, 9), drawn(random, 9)];
      if (surelyMore(b, a) <= ALPHA) strict += 1;
      if (
        surelyMore(
          b,
          a.map((range) => tolerated(range, 'ms')),
        ) <= ALPHA
      )
        alarms += 1;
    }
    expect(strict / PAIRS).to.be.at.most(ALPHA);
    expect(strict, 'a test that never rejects proves nothing').to.be.above(10);
    expect(alarms).to.be.at.most(strict);
  });

  it(`finds a slowdown of 1.5 in at least 95 % of the pairs, with the runs that it asks for`, () => {
    const random = seededRandom('slower');
    const needed = neededRuns(measured, { unit: 'ms', slowdown: 1.5, alpha: ALPHA });
    if (typeof needed !== 'number') throw new Error(`it asks for ${needed}`);
    expect(needed).to.be.within(5, 40);
    let found = 0;
    const pairs = 1000;
    for (let pair = 0; pair < pairs; pair++) {
      const a = drawn(random, needed).map((range) => tolerated(range, 'ms'));
      if (surelyMore(drawn(random, needed, 1.5), a) <= ALPHA) found += 1;
    }
    expect(found / pairs).to.be.at.least(0.95);
  });

  it('calls a group not slower that is as fast, and slower what takes half as long again', () => {
    const random = seededRandom('three');
    const before = drawn(random, 24);
    const same = compared(outages(before), outages(drawn(random, 24)));
    expect(judgeComparison(same)).to.include({ truth: 'pass', exitCode: 0 });
    const slower = compared(outages(before), outages(drawn(random, 24, 1.5)));
    expect(judgeComparison(slower)).to.include({ truth: 'fail', exitCode: 1 });
    expect(slower.measures[0]?.factor?.min).to.be.within(1.1, 1.5);
    expect(slower.measures[0]?.factor?.max).to.be.within(1.5, 2.2);
  });

  it('answers unknown below the runs that it asks for, however clear the difference is', () => {
    const exact = (value: number): Range => ({ min: value, max: value + 1 });
    const before = Array.from({ length: 5 }, (_, n) => exact(1000 + n));
    const after = Array.from({ length: 4 }, (_, n) => exact(9000 + n));
    const few = compared(outages(before), outages(after));
    expect(few.needed).to.equal(5);
    const verdict = judgeComparison(few);
    expect(verdict).to.include({ truth: 'unknown', exitCode: 4 });
    expect(verdict.headline).to.match(/5 runs of each are needed, and there are 5 and 4/);
    const enough = compared(outages(before), outages([...after, exact(9100)]));
    expect(judgeComparison(enough).truth).to.equal('fail');
  });

  it('does not know a spread from fewer than five runs', () => {
    const few = compared(outages(measured.slice(0, 4)), outages(measured));
    expect(few.needed).to.equal(undefined);
    expect(judgeComparison(few).truth).to.equal('unknown');
  });

  it('says of ranges that are too wide that no number of runs would do', () => {
    const wide = Array.from({ length: 12 }, (): Range => ({ min: 0, max: 4000 }));
    expect(neededRuns(wide, { unit: 'ms', slowdown: 1.5, alpha: ALPHA })).to.equal('none');
    const says = compared(outages(wide), outages(wide)).measures[0]?.says;
    expect(says).to.match(/no number of runs/);
  });

  it('asks for more runs when more is judged, and when the baseline is spread wider', () => {
    const ask = (values: readonly Range[], alpha: number): number =>
      Number(neededRuns(values, { unit: 'ms', slowdown: 1.5, alpha }));
    expect(ask(measured, ALPHA / 10)).to.be.above(ask(measured, ALPHA));
    const apart = measured.map(({ min, max }) => {
      const by = ((min + max) / 2 - 900) * 0.7;
      return { min: Math.max(0, min + by), max: max + by };
    });
    expect(ask(apart, ALPHA)).to.be.above(ask(measured, ALPHA));
  });

  it('takes a recovery that never came for slower than all that did', () => {
    const before = Array.from({ length: 8 }, (_, n): Range => ({ min: 500 + n, max: 520 + n }));
    const never = Array.from({ length: 8 }, (): Range => ({ min: 60_000, max: Infinity }));
    const comparison = compared(outages(before), outages(never));
    expect(judgeComparison(comparison).truth).to.equal('fail');
    expect(comparison.measures[0]?.changed).to.include({ open: 8, median: Infinity });
  });

  it('finds one failed case more, and does not tolerate half of one', () => {
    const cases = (failed: number): readonly Measure[] => [
      {
        id: 'cases/after',
        title: 'failed cases, stage after',
        unit: 'count',
        min: failed,
        max: failed,
        judged: true,
      },
    ];
    const none = Array.from({ length: 8 }, () => cases(0));
    const one = Array.from({ length: 8 }, () => cases(1));
    expect(judgeComparison(compared(none, one)).truth).to.equal('fail');
    expect(judgeComparison(compared(none, none)).truth).to.equal('pass');
    expect(slowed({ min: 0, max: 0 }, 'count', 1.5)).to.deep.equal({ min: 1, max: 1 });
  });

  it('corrects for the number of judged measures, and shows the others without judging them', () => {
    const exact = (value: number): Range => ({ min: value, max: value });
    const measures = (value: number, judged: boolean): readonly Measure[] =>
      ['a', 'b', 'c', 'd'].map((step) => ({
        ...outage(exact(step === 'a' ? value : 1000), step === 'a' || judged),
        id: `${step}/outage`,
      }));
    const runs = (values: readonly number[], judged: boolean): readonly (readonly Measure[])[] =>
      values.map((value) => measures(value, judged));
    const before = [1000, 1001, 1002, 1003, 1004, 1005];
    const after = before.map((value) => value * 2);
    const alone = compared(runs(before, false), runs(after, false));
    const together = compared(runs(before, true), runs(after, true));
    expect(alone.measures[0]?.pSlowerCorrected).to.be.closeTo(1 / 924, 1e-9);
    expect(together.measures[0]?.pSlowerCorrected).to.be.closeTo(4 / 924, 1e-9);
    expect(alone.measures.map(({ judged }) => judged)).to.deep.equal([true, false, false, false]);
    expect(judgeComparison(alone).reasons).to.have.length(1);
  });

  it('does not let a run that came to nothing pass', () => {
    const comparison = compared(
      outages(drawn(seededRandom('left'), 30)),
      outages(drawn(seededRandom('left'), 30)),
    );
    expect(judgeComparison(comparison).truth).to.equal('pass');
    const left = [{ run: 'run-b-999', says: 'it ended early (not-steady)' }];
    const verdict = judgeComparison({ ...comparison, changed: { ...comparison.changed, left } });
    expect(verdict).to.include({ truth: 'unknown', exitCode: 4 });
  });
});
