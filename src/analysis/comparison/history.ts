import type { Measure, RunSummary } from '../../model/comparison.ts';
import type { EarlierRuns, History, HistoryValue, MeasureHistory } from '../../model/history.ts';
import { tolerated } from './margins.ts';

/**
 * The measures of a run beside those of the runs before it. It tells what lies outside all that was seen, and judges nothing:
 * of many figures some are the highest so far by chance, and `squall compare` knows how likely that is.
 * @param measures of this run.
 * @param complete whether this run came to its end; one that did not is set beside nothing.
 */
export function historyOf(
  measures: readonly Measure[],
  complete: boolean,
  { runs, otherSubject }: EarlierRuns,
): History {
  const telling = complete ? runs.filter(({ end }) => end === 'complete') : [];
  return {
    runs: runs.map(({ id, startedWall, truth, end }) => ({ run: id, startedWall, truth, end })),
    measures: measures.map((measure) => measureHistory(measure, telling)),
    ...(otherSubject === undefined ? {} : { otherSubject }),
  };
}

const valueOf = ({ min, max, unit }: Measure): HistoryValue => ({
  min,
  ...(max === undefined ? {} : { max }),
  unit,
});

function measureHistory(measure: Measure, runs: readonly RunSummary[]): MeasureHistory {
  const { id, title, judged } = measure;
  const earlier = runs.flatMap(({ id: run, measures }) => {
    const found = measures.find((one) => one.id === id);
    return found === undefined ? [] : [{ run, ...valueOf(found) }];
  });
  const now = valueOf(measure);
  return { id, title, judged, now, earlier, ...spreadOf(earlier), change: changeOf(now, earlier) };
}

/** The middle of a range that is not over when the run ends is its beginning: more is not known of it. */
const middleOf = ({ min, max }: HistoryValue): number => (min + (max ?? min)) / 2;

function spreadOf(values: readonly HistoryValue[]): Pick<MeasureHistory, 'spread'> {
  if (values.length === 0) return {};
  const middles = values.map(middleOf).sort((a, b) => a - b);
  return {
    spread: {
      lowest: Math.min(...values.map(({ min }) => min)),
      median: middles[Math.ceil(middles.length / 2) - 1] ?? 0,
      highest: Math.max(...values.map(({ min, max }) => max ?? min)),
    },
  };
}

function changeOf(now: HistoryValue, earlier: readonly HistoryValue[]): MeasureHistory['change'] {
  if (earlier.length === 0) return 'unknown';
  const range = ({ min, max = Infinity }: HistoryValue): { min: number; max: number } => ({ min, max });
  const clearlyMore = (a: HistoryValue, b: HistoryValue): boolean => a.min > tolerated(range(b), b.unit).max;
  if (earlier.every((one) => clearlyMore(now, one))) return 'more';
  if (earlier.every((one) => clearlyMore(one, now))) return 'less';
  return now.max === undefined ? 'unknown' : 'within';
}
