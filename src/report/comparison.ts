import type { ComparedMeasure, Comparison, ComparisonVerdict, Range, Spread } from '../model/comparison.ts';
import type { MeasureUnit } from '../model/comparison.ts';
import { cleanText } from './clean-input.ts';
import { code, MOST_ROWS, plain, table } from './markdown.ts';
import { formatNumber, TRUTH_WORDS } from './wording.ts';

/** Truth has its own word here: what failed is worse, what passed is not. */
const WORDS = { pass: 'not slower', fail: 'slower', unknown: 'unknown' } as const;

/** One line for each measure, as columns for a terminal. */
export function comparisonRows({ measures }: Comparison): readonly Readonly<Record<string, string>>[] {
  return measures.map((measure) => ({
    measure: cleanText(measure.id),
    verdict: wordOf(measure),
    baseline: formatSpread(measure.baseline, measure.unit),
    changed: formatSpread(measure.changed, measure.unit),
    factor: formatFactor(measure.factor),
    'p slower': formatChance(measure.pSlowerCorrected),
    'runs needed': measure.needed === undefined ? 'not known' : String(measure.needed),
  }));
}

const wordOf = ({ truth, judged }: ComparedMeasure): string => (judged ? WORDS[truth] : `(${WORDS[truth]})`);

/** The lowest, the middle and the highest that was measured, and how many runs have it. */
function formatSpread({ runs, open, lowest, median, highest }: Spread, unit: MeasureUnit): string {
  if (runs === 0) return 'none';
  const show = (value: number): string => (Number.isFinite(value) ? formatNumber(value, unit) : 'never');
  const ended = open === 0 ? '' : `, ${open} not seen to end`;
  return `${show(median)} (${show(lowest)} to ${show(highest)}, n ${runs}${ended})`;
}

const formatFactor = (factor: Range | undefined): string => {
  if (factor === undefined) return '';
  const show = (value: number): string => (Number.isFinite(value) ? value.toFixed(2) : '?');
  return `${show(factor.min)} to ${show(factor.max)}`;
};

const formatChance = (chance: number): string => (chance < 0.0001 ? '<0.0001' : chance.toFixed(4));

/** What comes before and after the table in a terminal. */
export function comparisonText(
  comparison: Comparison,
  verdict: ComparisonVerdict,
): { head: string; tail: string } {
  const { baseline, changed, differences } = comparison;
  const runs = (what: string, { runs: ids, left }: Comparison['baseline']): string =>
    `${what} ${ids.length} runs${ids.length === 0 ? '' : `, ${ids[0] ?? ''} to ${ids.at(-1) ?? ''}`}${left.length === 0 ? '' : `; ${left.length} left out`}`;
  const head = [
    `Plan ${comparison.plan} on ${comparison.lab}`,
    runs('baseline:', baseline),
    runs('changed: ', changed),
    ...differences.slice(0, MOST_ROWS).map((line) => `  ${line}`),
    ...(differences.length > MOST_ROWS ? [`  and ${differences.length - MOST_ROWS} more differences`] : []),
  ];
  const tail = [
    `${TRUTH_WORDS[verdict.truth].toUpperCase()}  ${verdict.headline}`,
    ...verdict.reasons.filter(({ truth }) => truth !== 'pass').map(({ says }) => `  ${says}`),
    ...comparison.notes.map((note) => `  note: ${note}`),
    `  ${neededLine(comparison)}`,
  ];
  const clean = (lines: readonly string[]): string => `${lines.map((line) => cleanText(line)).join('\n')}\n`;
  return { head: clean(head), tail: clean(tail) };
}

function neededLine({ needed, slowdown, power, alpha }: Comparison): string {
  const promise = `a slowdown of ${slowdown} times is found in ${power * 100} % of the cases, with at most ${alpha * 100} % false alarms`;
  return needed === undefined
    ? `How many runs are needed is not known for every judged measure (wanted: ${promise}).`
    : `With ${needed} runs of each, ${promise}.`;
}

/** The comparison for a CI step or a merge request (GitHub and GitLab Markdown). */
export function comparisonMarkdown(comparison: Comparison, verdict: ComparisonVerdict): string {
  const { baseline, changed, differences, notes } = comparison;
  const rows = comparison.measures.map((measure) => [
    wordOf(measure),
    plain(cleanText(measure.title)),
    formatSpread(measure.baseline, measure.unit),
    formatSpread(measure.changed, measure.unit),
    formatFactor(measure.factor),
    formatChance(measure.pSlowerCorrected),
    measure.needed === undefined ? 'not known' : String(measure.needed),
  ]);
  const lines = [
    `## ${TRUTH_WORDS[verdict.truth]}: ${plain(cleanText(verdict.headline))}`,
    '',
    `Plan ${code(comparison.plan)} on ${code(comparison.lab)}: ${baseline.runs.length} runs of the baseline, ${changed.runs.length} of the changed subject.`,
    '',
    ...table(['', 'Measure', 'Baseline', 'Changed', 'Times', 'p', 'Runs needed'], rows),
    ...verdict.reasons
      .filter(({ truth }) => truth !== 'pass')
      .slice(0, MOST_ROWS)
      .map(({ truth, says }) => `- **${TRUTH_WORDS[truth]}**: ${plain(cleanText(says))}`),
    '',
    ...differences.slice(0, MOST_ROWS).map((line) => `- ${code(cleanText(line), 160)}`),
    ...(differences.length > 0 ? [''] : []),
    ...notes.map((note) => `> ${plain(note)}  `),
    ...(notes.length > 0 ? [''] : []),
    plain(neededLine(comparison)),
  ];
  return `${lines.join('\n')}\n`;
}
