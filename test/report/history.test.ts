import { expect } from 'chai';
import { describe, it } from 'mocha';
import type { RunSummary } from '../../src/model/comparison.ts';
import { historyCharts } from '../../src/report/index.ts';
import { historyOf } from '../../src/run/history.ts';
import { HOSTILE_NAMES } from './hostile-input.ts';

const run = (
  n: number,
  min: number,
  max: number | undefined,
  more: Partial<RunSummary> = {},
): RunSummary => ({
  schemaVersion: 1,
  id: `run-${String(n).padStart(3, '0')}`,
  startedWall: '2026-11-21T12:00:00.000Z',
  plan: 'short',
  planKey: 'p',
  subjectKey: 's',
  lab: 'rehearsal',
  host: 'vm',
  seed: '1',
  squall: '0.1.0',
  truth: 'pass',
  exitCode: 0,
  end: 'complete',
  measures: [
    {
      id: 'cut/outage',
      title: 'longest outage after cut',
      unit: 'ms',
      min,
      judged: true,
      ...(max === undefined ? {} : { max }),
    },
  ],
  ...more,
});

describe('history', () => {
  it('shows the newest runs with their spread, from zero', () => {
    const [chart] = historyCharts(
      [run(0, 9999, 9999), run(1, 100, 200), run(2, 400, 400), run(3, 750, 850)],
      3,
    );
    expect(chart).to.include({ text: '▂▄█', says: '400 ms (100 ms to 850 ms, 3 runs)' });
    expect(chart?.points.map((point) => point.run)).to.deep.equal(['run-001', 'run-002', 'run-003']);
    expect(chart?.svg.match(/<circle/g)).to.have.length(3);
  });

  it('says of a run that was not over that it was not', () => {
    const [chart] = historyCharts([run(1, 100, 100), run(2, 60_000, undefined)]);
    expect(chart?.text).to.equal('▁×');
    expect(chart?.svg).to.include('or more');
  });

  it('keeps hostile names harmless, in the picture and as text', () => {
    for (const name of HOSTILE_NAMES) {
      const hostile = run(1, 1, 2, { id: name, startedWall: name });
      const measures = hostile.measures.map((measure) => ({ ...measure, id: name, title: name }));
      for (const { svg, title } of historyCharts([{ ...hostile, measures }])) {
        expect(svg.replace(/<\/?(svg|title|line|g|circle)\b[^<>]*>/g, '')).not.to.match(/[<>]/);
        expect(svg.match(/<[a-z]+[^>]*\son/i)).to.equal(null);
        expect(title).not.to.match(/[\u0000-\u0008\u001b\u202e]/);
      }
    }
  });

  it('has the runs of the same plan, subject and lab only, up to the run itself', () => {
    const runs = [
      run(1, 1, 1),
      run(2, 1, 1, { planKey: 'q' }),
      run(3, 1, 1, { subjectKey: 't' }),
      run(4, 1, 1, { lab: 'existing' }),
      run(5, 1, 1),
      run(6, 1, 1),
    ];
    expect(historyOf(run(5, 1, 1), runs).map(({ id }) => id)).to.deep.equal(['run-001', 'run-005']);
  });
});
