import type { MeasureHistory } from '../../model/history.ts';
import { alikeReasons } from '../alike-reasons.ts';
import { buildReportDocument } from '../build-report-document.ts';
import { countColumns } from '../case-outcomes.ts';
import { historyRows } from '../history.ts';
import type { ReportDocument } from '../report-document.ts';
import { code, MOST_ROWS, plain, SENTENCE_LENGTH, table } from '../markdown.ts';
import type { Reporter } from '../reporter.ts';
import { formatError, formatFigure, formatMs, formatRatio, plural, TRUTH_WORDS } from '../wording.ts';

function verdictLines({ verdict, run, disclosures }: ReportDocument): string[] {
  const reasons = alikeReasons(verdict.reasons.filter((reason) => reason.truth !== 'pass')).slice(
    0,
    MOST_ROWS,
  );
  return [
    `## ${TRUTH_WORDS[verdict.truth]}: ${plain(verdict.headline)}`,
    '',
    `Plan ${code(run.plan)}, lab ${code(run.lab)}, seed ${code(run.seed)}, took ${formatMs(run.tookMs)}, exit code ${verdict.exitCode}.`,
    '',
    ...reasons.map(
      ({ reason: { truth, class: whose, says }, more }) =>
        `- **${TRUTH_WORDS[truth]}** (${whose}): ${plain(says)}${more === 0 ? '' : ` And ${more} more like it.`}`,
    ),
    ...(reasons.length > 0 ? [''] : []),
    ...disclosures.slice(0, MOST_ROWS).map((disclosure) => `> ${plain(disclosure)}  `),
    ...(disclosures.length > 0 ? [''] : []),
  ];
}

function historyLines({ history }: ReportDocument): string[] {
  if (history === undefined || history.says.length === 0) return [];
  const rows = historyRows(history)
    .filter((_, index) => history.measures[index]?.judged === true || isOutside(history.measures[index]))
    .map(({ title, runs, now, earlier, change }) => [plain(title), now, runs, earlier, change]);
  return [
    '### Since last time',
    '',
    ...history.says.map((sentence) => `- ${plain(sentence)}`),
    '',
    ...(rows.length === 0 ? [] : table(['Measure', 'This run', 'Last runs', 'Before', ''], rows)),
  ];
}

const isOutside = (measure: MeasureHistory | undefined): boolean =>
  measure?.change === 'more' || measure?.change === 'less';

function objectiveLines({ objectives }: ReportDocument): string[] {
  if (objectives.length === 0) return [];
  const rows = objectives.map(({ id, truth, expected, found, figure }) => [
    TRUTH_WORDS[truth],
    code(id),
    plain(expected),
    plain(found),
    figure === undefined ? '' : formatError(figure),
  ]);
  return ['### Objectives', '', ...table(['', 'Objective', 'Expected', 'Found', 'Error'], rows)];
}

function recoveryLines({ recoveries }: ReportDocument): string[] {
  if (recoveries.length === 0) return [];
  const rows = recoveries.map(
    ({ step, fault, outage, predicted, serviceBack, redundancyBack, onReturn, againstPrediction }) => [
      code(step),
      code(fault),
      formatFigure(outage),
      predicted === undefined ? 'none' : formatFigure(predicted.outage),
      againstPrediction,
      serviceBack === undefined ? 'not reached' : formatFigure(serviceBack),
      redundancyBack === undefined ? 'not seen' : formatFigure(redundancyBack),
      onReturn === undefined ? 'none' : formatFigure(onReturn),
    ],
  );
  const head = [
    'Step',
    'Fault',
    'Longest outage',
    'Predicted',
    'Measured is',
    'Service back',
    'Redundancy back',
    'Outage on return',
  ];
  return ['### Recovery', '', ...table(head, rows)];
}

function probeLines({ probes }: ReportDocument): string[] {
  if (probes.length === 0) return [];
  const worstFirst = [...probes].sort((a, b) => b.longestOutage.max - a.longestOutage.max);
  const rows = worstFirst.map(({ probe, availability, longestOutage, outages, unseenRatio }) => [
    code(probe),
    formatFigure(availability),
    formatFigure(longestOutage),
    String(outages),
    formatRatio(unseenRatio),
  ]);
  return ['### Probes', '', ...table(['Probe', 'Availability', 'Longest outage', 'Outages', 'Unseen'], rows)];
}

function suiteLines({ stages }: ReportDocument): string[] {
  if (stages.length === 0) return [];
  const columns = countColumns(stages);
  const rows = stages.map((stage) => [stage.stage, ...columns.map(({ count }) => String(stage[count]))]);
  const worst = stages.flatMap(({ stage, notPassed }) =>
    notPassed
      .filter((entry) => entry.outcome !== 'skipped')
      .map(({ id, outcome, reason }) => `- ${code(id)} ${outcome} (${stage}): ${plain(reason)}`),
  );
  const more = worst.length - MOST_ROWS;
  return [
    '### Conformance',
    '',
    ...table(['Stage', ...columns.map(({ title }) => title)], rows),
    ...worst.slice(0, MOST_ROWS),
    ...(more > 0 ? [`- and ${plural(more, 'case')} more in report.json`] : []),
    ...(worst.length > 0 ? [''] : []),
  ];
}

/** A summary for a CI step or a comment on a merge request (GitHub and GitLab Markdown). */
export const summaryMarkdown: Reporter = {
  name: 'summary-markdown',
  file: 'summary.md',
  render(input) {
    const document = buildReportDocument(input);
    const lines = [
      ...verdictLines(document),
      ...historyLines(document),
      ...objectiveLines(document),
      ...recoveryLines(document),
      ...probeLines(document),
      ...suiteLines(document),
      `Repeat it: ${code(document.repeat.run, SENTENCE_LENGTH)}`,
    ];
    return `${lines.join('\n')}\n`;
  },
};
