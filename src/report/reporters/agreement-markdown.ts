import type { Agreement, AgreementRow } from '../../model/analysis.ts';
import { agreementSummary } from '../agreement-summary.ts';
import { code, plain } from '../markdown.ts';
import type { FolderReporter } from '../reporter.ts';

const FILE = 'agreement.md';

/** Longer than the longest name of a test of Tempest with its id. */
const NAME_LENGTH = 240;

const ORDER: readonly AgreementRow['says'][] = ['differ', 'agree', 'not compared'];

/** What differs first: that is what somebody opens this for. */
function rowsOf({ rows }: Agreement): readonly string[] {
  return ORDER.flatMap((says) => rows.filter((row) => row.says === says)).map(
    ({ test, cases, own, theirs, says, why }) => {
      const ours = cases.map((id) => code(id, NAME_LENGTH)).join(', ');
      const cells = [code(test, NAME_LENGTH), ours, own, theirs, says, why === undefined ? '' : plain(why)];
      return `| ${cells.join(' | ')} |`;
    },
  );
}

/** Squall's cases beside the tests that they cover, one row for each test. Written where both ran. */
export const agreementMarkdown: FolderReporter = {
  name: 'agreement-markdown',
  file: FILE,
  renderAll({ evidence, analysis: { agreement } }) {
    if (agreement === undefined) return [];
    const notes = evidence.conformance.flatMap(({ engine }) => engine?.notes ?? []);
    const lines = [
      `# Squall and ${plain(agreement.engine)}, on the same checks`,
      '',
      `${plain(agreementSummary(agreement))}`,
      '',
      ...notes.map((note) => `- ${plain(note)}`),
      ...(notes.length === 0 ? [] : ['']),
      '| test | our cases | Squall | Tempest | | why not compared |',
      '| --- | --- | --- | --- | --- | --- |',
      ...rowsOf(agreement),
    ];
    return [{ file: FILE, content: `${lines.join('\n')}\n` }];
  },
};
