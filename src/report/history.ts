import type { History, HistoryValue, MeasureHistory } from '../model/history.ts';
import { formatValue } from './report-history.ts';
import { formatNumber } from './wording.ts';

/** One measure over the last runs, for terminals and Markdown. */
export interface HistoryRow {
  readonly measure: string;
  readonly title: string;
  /** One character for each run, this one last; `×` was not over when the run ended. */
  readonly runs: string;
  readonly now: string;
  /** The middle one and the range of the earlier runs, such as `820 ms (640 ms to 1.1 s, 12 runs)`; `none` without any. */
  readonly earlier: string;
  /** `more` or `less` where this run lies clearly outside all of them, or empty. */
  readonly change: string;
}

/** One row for each measure of this run, in their order. Pure. */
export function historyRows({ measures }: Pick<History, 'measures'>): readonly HistoryRow[] {
  return measures.map((measure) => ({
    measure: measure.id,
    title: measure.title,
    runs: barsOf([...measure.earlier, measure.now]),
    now: formatValue(measure.now),
    earlier: formatSpread(measure),
    change: measure.change === 'more' || measure.change === 'less' ? measure.change : '',
  }));
}

function formatSpread({ spread, earlier, now: { unit } }: MeasureHistory): string {
  if (spread === undefined) return 'none';
  const show = (value: number): string => formatNumber(value, unit);
  const count = `${earlier.length} ${earlier.length === 1 ? 'run' : 'runs'}`;
  return `${show(spread.median)} (${show(spread.lowest)} to ${show(spread.highest)}, ${count})`;
}

const BARS = '▁▂▃▄▅▆▇█';

/** From zero, so that a difference looks as large as it is. */
function barsOf(values: readonly HistoryValue[]): string {
  const highest = Math.max(...values.map(({ min, max }) => max ?? min));
  return values
    .map(({ min, max }) => {
      if (max === undefined) return '×';
      const step = highest <= 0 ? 0 : Math.round(((min + max) / 2 / highest) * (BARS.length - 1));
      return BARS[step] ?? BARS[0];
    })
    .join('');
}
