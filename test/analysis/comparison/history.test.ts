import { expect } from 'chai';
import { describe, it } from 'mocha';
import { historyOf } from '../../../src/analysis/index.ts';
import type { Measure, RunSummary } from '../../../src/model/comparison.ts';
import { summaryOf } from './summary-of.ts';

type Edges = readonly [min: number, max?: number];

const measure = ([min, max]: Edges, unit: Measure['unit'] = 'ms'): Measure => ({
  id: 'cut/outage',
  title: 'longest outage after cut',
  unit,
  min,
  ...(max === undefined ? {} : { max }),
  judged: true,
});

const runs = (edges: readonly Edges[], unit?: Measure['unit'], end = 'complete'): readonly RunSummary[] =>
  edges.map((one, n) => summaryOf(`run-${n}`, { end, measures: [measure(one, unit)] }));

const changeOf = (now: Edges, earlier: readonly Edges[], unit?: Measure['unit']): string | undefined =>
  historyOf([measure(now, unit)], true, { schemaVersion: 1, runs: runs(earlier, unit) }).measures[0]?.change;

describe('a run beside the last ones', () => {
  it('has more or less where it lies surely outside all of them, and what hosts differ by does not count', () => {
    expect(
      changeOf(
        [1200, 1300],
        [
          [800, 1000],
          [900, 1050],
        ],
      ),
    ).to.equal('more');
    expect(
      changeOf(
        [1100, 1300],
        [
          [800, 1000],
          [900, 1050],
        ],
      ),
    ).to.equal('within');
    expect(
      changeOf(
        [500, 600],
        [
          [800, 1000],
          [900, 1050],
        ],
      ),
    ).to.equal('less');
    expect(changeOf([40, 45], [[1, 2]])).to.equal('within');
    expect(changeOf([2, 2], [[1, 1]], 'count')).to.equal('more');
  });

  it('is not known where it was not over, unless that alone is more than ever', () => {
    expect(changeOf([900], [[800, 1000]])).to.equal('unknown');
    expect(changeOf([2000], [[800, 1000]])).to.equal('more');
    expect(changeOf([2000, 2100], [[800]])).to.equal('within');
    expect(changeOf([1, 2], [])).to.equal('unknown');
  });

  it('has the spread of the runs that came to their end, and its own is not in it', () => {
    const earlier = {
      schemaVersion: 1,
      runs: runs([
        [100, 200],
        [400, 400],
        [300, 500],
      ]),
    } as const;
    const [found] = historyOf([measure([9000, 9000])], true, earlier).measures;
    expect(found?.spread).to.deep.equal({ lowest: 100, median: 400, highest: 500 });
    expect(found?.earlier.map(({ run }) => run)).to.deep.equal(['run-0', 'run-1', 'run-2']);
    const cut = historyOf([measure([1, 1])], true, {
      schemaVersion: 1,
      runs: runs([[1, 2]], 'ms', 'stopped'),
    });
    expect(cut.measures[0]).to.deep.include({ earlier: [], change: 'unknown' });
    expect(cut.runs).to.have.length(1);
    expect(historyOf([measure([1, 1])], false, earlier).measures[0]?.change).to.equal('unknown');
  });
});
