export type { FolderReporter, Reporter, ReportInput } from './reporter.ts';
export type { ReportDocument } from './report-document.ts';
export { cleanText } from './clean-input.ts';
export { buildReportDocument } from './build-report-document.ts';
export { reporters } from './reporter-registry.ts';
export { writeReports } from './write-reports.ts';
export { terminalSummary } from './terminal-summary.ts';
export { comparisonMarkdown, comparisonRows, comparisonText } from './comparison.ts';
export { historyRows, type HistoryRow } from './history.ts';
