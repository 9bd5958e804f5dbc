import { Table } from 'console-table-printer';
import pc from 'picocolors';
import { agreementSummary } from './agreement-summary.ts';
import { alikeReasons } from './alike-reasons.ts';
import { buildReportDocument } from './build-report-document.ts';
import { skippedWords } from './case-outcomes.ts';
import { cleanInput, cleanText } from './clean-input.ts';
import { isControl } from '../model/plan.ts';
import type { Truth } from '../model/verdict.ts';
import type { ReportDocument } from './report-document.ts';
import type { ReportInput } from './reporter.ts';
import { formatFigure, formatRatio, plural, shorten, TRUTH_WORDS } from './wording.ts';

export interface TerminalSummaryOptions {
  readonly colour: boolean;
  /** Columns of the terminal. */
  readonly width: number;
  /** The run folder, as it is shown to people. */
  readonly folder: string;
}

type Colours = ReturnType<typeof pc.createColors>;

const MOST_FINDINGS = 3;
const COMMAND_LENGTH = 2000;
const MOST_PROBES = 12;
const MOST_RECOVERIES = 12;
const RANK: Readonly<Record<Truth, number>> = { fail: 0, unknown: 1, pass: 2 };

/** Breaks a sentence at spaces; lines after the first are indented. */
function wrap(text: string, width: number, indent: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((long) => long.match(new RegExp(`.{1,${width}}`, 'gu')) ?? [])) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = indent;
    }
    line = line === '' || line === indent ? `${line}${word}` : `${line} ${word}`;
  }
  return line === '' ? lines : [...lines, line];
}

function paint(colours: Colours, truth: Truth): (text: string) => string {
  if (truth === 'pass') return colours.green;
  return truth === 'fail' ? colours.red : colours.yellow;
}

function findingLines({ verdict }: ReportDocument, width: number, colours: Colours): string[] {
  const findings = verdict.reasons
    .filter((reason) => reason.truth !== 'pass')
    .sort((a, b) => RANK[a.truth] - RANK[b.truth]);
  const shown = alikeReasons(findings).slice(0, MOST_FINDINGS);
  const more = shown.reduce((rest, alike) => rest - 1 - alike.more, findings.length);
  return [
    ...shown.flatMap(({ reason, more: alike }) => {
      const word = TRUTH_WORDS[reason.truth].toLowerCase();
      const [first = '', ...rest] = wrap(
        `${word} (${reason.class}): ${shorten(reason.says, 400)}${alike === 0 ? '' : ` And ${alike} more like it.`}`,
        width - 4,
        '  ',
      );
      return [`  ${paint(colours, reason.truth)(first)}`, ...rest.map((line) => `  ${line}`)];
    }),
    ...(more > 0 ? [`  and ${plural(more, 'finding')} more in the report`] : []),
  ];
}

/** Of ways between nodes only those that had an outage stand in the table; their controls say nothing of the system. */
function probeTable({ probes: all }: ReportDocument, width: number): string[] {
  const users = all.filter(({ part }) => !isControl(part));
  const probes = users.filter(({ part, longestOutage }) => part?.from === undefined || longestOutage.max > 0);
  const quiet = users.length - probes.length;
  if (users.length === 0) return [];
  const nameWidth = Math.max(12, Math.min(40, width - 68));
  const table = new Table({
    shouldDisableColors: true,
    columns: [
      { name: 'probe', alignment: 'left' as const },
      ...['available', 'longest outage', 'outages', 'unseen'].map((name) => ({
        name,
        alignment: 'right' as const,
      })),
    ],
  });
  const worstFirst = [...probes].sort((a, b) => b.longestOutage.max - a.longestOutage.max);
  for (const probe of worstFirst.slice(0, MOST_PROBES)) {
    table.addRow({
      probe: shorten(probe.probe, nameWidth),
      available: formatFigure(probe.availability),
      'longest outage': formatFigure(probe.longestOutage),
      outages: probe.outages,
      unseen: formatRatio(probe.unseenRatio),
    });
  }
  const more = probes.length - MOST_PROBES;
  return [
    '',
    ...table.render().split('\n'),
    ...(more > 0 ? [`and ${plural(more, 'probe')} more in the report`] : []),
    ...(quiet > 0 ? [`and ${plural(quiet, 'way')} between nodes without an outage`] : []),
  ];
}

function recoveryLines({ recoveries }: ReportDocument): string[] {
  if (recoveries.length === 0) return [];
  const more = recoveries.length - MOST_RECOVERIES;
  return [
    '',
    ...recoveries
      .slice(0, MOST_RECOVERIES)
      .map(({ step, fault, outage, predicted, redundancyBack, onReturn }) => {
        const expected = predicted === undefined ? '' : `, predicted ${formatFigure(predicted.outage)}`;
        const back =
          redundancyBack === undefined
            ? 'redundancy not seen back'
            : `redundant after ${formatFigure(redundancyBack)}`;
        const returned = onReturn === undefined ? '' : `; on return out ${formatFigure(onReturn)}`;
        return `  ${shorten(step, 40)} (${shorten(fault, 40)}): out ${formatFigure(outage)}${expected}; ${back}${returned}`;
      }),
    ...(more > 0 ? [`  and ${plural(more, 'recovery', 'recoveries')} more in the report`] : []),
  ];
}

function historyLines({ history }: ReportDocument, width: number): string[] {
  const { says = [] } = history ?? {};
  if (says.length === 0) return [];
  return [
    '',
    ...wrap(`since last time: ${shorten(says.join(' '), 600)}`, width - 2, '  ').map((line) => `  ${line}`),
  ];
}

function agreementLines({ analysis: { agreement } }: ReportInput, width: number): string[] {
  if (agreement === undefined) return [];
  const says = `${cleanText(agreementSummary(agreement))} agreement.md has each.`;
  return ['', ...wrap(shorten(says, 600), width - 2, '  ').map((line) => `  ${line}`)];
}

/**
 * The last lines that a person sees: verdict, the three worst findings, probes, recoveries, and where everything lies. Ends
 * with a line break.
 */
export function terminalSummary(
  input: ReportInput,
  { colour, width, folder }: TerminalSummaryOptions,
): string {
  const document = buildReportDocument(cleanInput(input, []));
  const colours = pc.createColors(colour);
  const columns = Math.max(40, Math.min(width, 120));
  const { verdict, glance, disclosures } = document;
  const { cases } = glance;
  const tone = paint(colours, verdict.truth);
  const [headline = '', ...headlineRest] = wrap(shorten(verdict.headline, 400), columns - 10, '');
  const lines = [
    '',
    `${colours.bold(tone(TRUTH_WORDS[verdict.truth].toUpperCase()))}  ${colours.bold(headline)}`,
    ...headlineRest,
    ...findingLines(document, columns, colours),
    ...probeTable(document, columns),
    ...recoveryLines(document),
    ...historyLines(document, columns),
    ...agreementLines(input, columns),
    '',
    `  cases ${[`${cases.passed} passed`, `${cases.failed} failed`, `${cases.unknown} unknown`, ...skippedWords(cases)].join(', ')}` +
      (glance.faults.owed === 0
        ? '; nothing to heal'
        : `; faults healed ${glance.faults.healed} of ${glance.faults.owed}`),
    // Each override, which comes first, and what this lab is.
    ...disclosures
      .slice(0, 1 + (input.evidence.plan.limits.overrides?.length ?? 0))
      .flatMap((says) =>
        wrap(`note: ${shorten(says, 300)}`, columns - 2, '').map((line) => colours.dim(`  ${line}`)),
      ),
    '',
    `  report   ${folder}/report.html`,
    `  data     ${folder}/report.json`,
    `  repeat   ${shorten(document.repeat.run, COMMAND_LENGTH)}`,
    `  exit     ${verdict.exitCode} (${verdict.exitMeaning})`,
    '',
  ];
  return lines.join('\n');
}
