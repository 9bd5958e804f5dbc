import { expect } from 'chai';
import { describe, it } from 'mocha';
import type { RunSummary } from '../../src/model/comparison.ts';
import type { MeasureHistory } from '../../src/model/history.ts';
import { historyRows } from '../../src/report/index.ts';
import { reportHistory } from '../../src/report/report-history.ts';
import { historyOf } from '../../src/run/history.ts';
import { summaryOf } from '../analysis/comparison/summary-of.ts';

const ms = (min: number, max?: number): MeasureHistory['now'] => ({
  min,
  ...(max === undefined ? {} : { max }),
  unit: 'ms',
});

const measure = (more: Partial<MeasureHistory> = {}): MeasureHistory => ({
  id: 'cut/outage',
  title: 'longest outage after cut',
  judged: true,
  now: ms(750, 850),
  earlier: [
    { run: 'run-1', ...ms(100, 200) },
    { run: 'run-2', ...ms(400, 400) },
  ],
  spread: { lowest: 100, median: 150, highest: 400 },
  change: 'more',
  ...more,
});

const earlier = (
  truth: 'pass' | 'fail',
): { run: string; startedWall: string; truth: typeof truth; end: string } => ({
  run: 'run-2',
  startedWall: '',
  truth,
  end: 'complete',
});

describe('history', () => {
  it('shows the runs with their spread, from zero, this one last', () => {
    const [row] = historyRows({ measures: [measure()] });
    expect(row).to.deep.include({
      runs: '▂▄█',
      now: '750 – 850 ms',
      earlier: '150 ms (100 ms to 400 ms, 2 runs)',
      change: 'more',
    });
  });

  it('says of a run that was not over that it was not', () => {
    const [row] = historyRows({ measures: [measure({ now: ms(60_000) })] });
    expect(row?.runs).to.match(/×$/);
    expect(row?.now).to.equal('over 1 min');
  });

  it('says what is different from last time: the verdict, then what is worse, then what is better', () => {
    const better = measure({ id: 'b', title: 'time until the service was back', change: 'less' });
    const within = measure({ id: 'c', title: 'failed cases', change: 'within' });
    const { says } = reportHistory(
      { runs: [earlier('pass')], measures: [within, better, measure()] },
      { truth: 'fail' },
    );
    expect(says).to.deep.equal([
      'The last run, run-2, passed; this one failed.',
      'The longest outage after cut is 750 – 850 ms: more than in each of the 2 earlier runs (100 ms to 400 ms).',
      'The time until the service was back is 750 – 850 ms: less than in each of the 2 earlier runs (100 ms to 400 ms).',
    ]);
  });

  it('says so when nothing is different, and says nothing of a first run', () => {
    const calm = { runs: [earlier('pass')], measures: [measure({ change: 'within' })] };
    expect(reportHistory(calm, { truth: 'pass' }).says).to.deep.equal([
      'The last run, run-2, passed too.',
      'No figure lies clearly outside what 2 earlier runs showed.',
    ]);
    const first = { runs: [], measures: [measure({ earlier: [], change: 'unknown' })] };
    expect(reportHistory(first, { truth: 'pass' }).says).to.deep.equal([]);
  });

  it('has the runs of the same plan, subject and lab only, up to the run itself', () => {
    const run = (n: number, more: Partial<RunSummary> = {}): RunSummary => summaryOf(`run-00${n}`, more);
    const runs = [
      run(1),
      run(2, { planKey: 'q' }),
      run(3, { subjectKey: 't' }),
      run(4, { lab: 'existing' }),
      run(5),
      run(6),
    ];
    expect(historyOf(run(5), runs).map(({ id }) => id)).to.deep.equal(['run-001', 'run-005']);
  });
});
