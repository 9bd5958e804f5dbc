import type { History, HistoryValue } from '../../src/model/history.ts';

const RUNS = Array.from({ length: 7 }, (_, n) => `first-run-a${n}`);

const value = (min: number, max: number, unit: HistoryValue['unit'] = 'ms'): HistoryValue => ({
  min,
  max,
  unit,
});

const earlier = (middles: readonly number[], error: number): readonly (HistoryValue & { run: string })[] =>
  middles.map((middle, n) => ({ run: RUNS[n] ?? '', ...value(middle - error, middle + error) }));

/** Seven earlier runs: one figure that is worse than ever, one as before, one that was not over. */
export function fixtureHistory(): History {
  return {
    runs: RUNS.map((run, n) => ({
      run,
      startedWall: `2026-03-${String(n + 7).padStart(2, '0')}T09:26:53.120Z`,
      truth: n === 3 ? 'unknown' : 'pass',
      end: 'complete',
    })),
    measures: [
      {
        id: 'cut-link/outage',
        title: 'longest outage after cut-link (network-partition)',
        judged: true,
        now: value(2_000, 2_200),
        earlier: earlier([1_240, 1_180, 1_400, 1_310, 1_090, 1_260, 1_350], 90),
        spread: { lowest: 1_000, median: 1_260, highest: 1_490 },
        change: 'more',
      },
      {
        id: 'drain/service',
        title: 'time until the service was back after drain (node-drain)',
        judged: true,
        now: value(900, 1_100),
        earlier: earlier([880, 1_180, 940, 1_010, 990, 1_060, 850], 100),
        spread: { lowest: 750, median: 990, highest: 1_280 },
        change: 'within',
      },
      {
        id: 'drain/redundancy',
        title: 'time until full redundancy was back after drain (node-drain)',
        judged: false,
        now: { min: 5_000, unit: 'ms' },
        earlier: earlier([4_000, 4_500], 200),
        spread: { lowest: 3_800, median: 4_000, highest: 4_700 },
        change: 'unknown',
      },
    ],
  };
}
