import { buildReportDocument } from '../build-report-document.ts';
import type { Reporter } from '../reporter.ts';

/** Every figure of every report, as data. */
export const reportJson: Reporter = {
  name: 'report-json',
  file: 'report.json',
  render: (input) => `${JSON.stringify(buildReportDocument(input), null, 2)}\n`,
};
