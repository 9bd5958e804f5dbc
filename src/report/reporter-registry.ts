import type { FolderReporter, Reporter } from './reporter.ts';
import { agreementMarkdown } from './reporters/agreement-markdown.ts';
import { allureResults } from './reporters/allure-results.ts';
import { junitXml } from './reporters/junit-xml.ts';
import { openMetrics } from './reporters/open-metrics.ts';
import { reportHtml } from './reporters/report-html.tsx';
import { reportJson } from './reporters/report-json.ts';
import { summaryMarkdown } from './reporters/summary-markdown.ts';

/** Every report that a run writes, the ones that machines wait for first. A new one is a file in `reporters/` and a line here. */
export const reporters: readonly (Reporter | FolderReporter)[] = [
  reportJson,
  junitXml,
  summaryMarkdown,
  agreementMarkdown,
  openMetrics,
  allureResults,
  reportHtml,
];
