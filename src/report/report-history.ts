import type { History, HistoryValue, MeasureHistory } from '../model/history.ts';
import type { Truth, Verdict } from '../model/verdict.ts';
import type { ReportedHistory } from './report-document.ts';
import { formatFigure, formatNumber, plural } from './wording.ts';

/** Changes that are told in a sentence; the rest is counted. */
const MOST_CHANGES = 3;

const ENDED: Readonly<Record<Truth, string>> = { pass: 'passed', fail: 'failed', unknown: 'ended unknown' };

/** What is different from last time, as sentences and as data. Pure. */
export function reportHistory(history: History, { truth }: Pick<Verdict, 'truth'>): ReportedHistory {
  const { runs, otherSubject } = history;
  const compared = Math.max(0, ...history.measures.map(({ earlier }) => earlier.length));
  const says = [
    ...(otherSubject === undefined
      ? []
      : [
          `The run before, ${otherSubject.run}, tested another subject (${plural(otherSubject.differences.length, 'difference')}) and ${ENDED[otherSubject.truth]}.`,
        ]),
    ...sayVerdict(truth, runs.at(-1)),
    ...(compared === 0 ? [] : sayChanges(history.measures, compared)),
  ];
  return { ...history, says };
}

function sayVerdict(truth: Truth, last: History['runs'][number] | undefined): readonly string[] {
  if (last === undefined) return [];
  if (last.truth === truth) return [`The last run, ${last.run}, ${ENDED[truth]} too.`];
  return [`The last run, ${last.run}, ${ENDED[last.truth]}; this one ${ENDED[truth]}.`];
}

const isChange = ({ change }: MeasureHistory): boolean => change === 'more' || change === 'less';

function sayChanges(measures: readonly MeasureHistory[], compared: number): readonly string[] {
  const before = compared === 1 ? 'last time' : `in each of the ${compared} earlier runs`;
  const changes = measures.filter(isChange).sort((a, b) => rankOf(a) - rankOf(b));
  if (changes.length === 0) {
    return [
      compared === 1
        ? 'No figure is clearly other than last time.'
        : `No figure lies clearly outside what ${compared} earlier runs showed.`,
    ];
  }
  const more = changes.length - MOST_CHANGES;
  return [
    ...changes
      .slice(0, MOST_CHANGES)
      .map(
        ({ title, change, now, spread }) =>
          `The ${title} is ${formatValue(now)}: ${change} than ${before}${spread === undefined ? '' : ` (${formatNumber(spread.lowest, now.unit)} to ${formatNumber(spread.highest, now.unit)})`}.`,
      ),
    ...(more > 0 ? [`${plural(more, 'more figure')} changed as clearly.`] : []),
  ];
}

/** What got worse first, and what a promise of the plan speaks of. */
const rankOf = ({ change, judged }: MeasureHistory): number => (change === 'more' ? 0 : 2) + (judged ? 0 : 1);

/** A range, or its lower edge where it has no upper. */
export function formatValue({ min, max, unit }: HistoryValue): string {
  return max === undefined ? `over ${formatNumber(min, unit)}` : formatFigure({ min, max, unit });
}
