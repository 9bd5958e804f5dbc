import { createHash } from 'node:crypto';
import { renderToString } from 'preact-render-to-string';
import { buildReportDocument } from '../build-report-document.ts';
import { Page } from '../page/page.tsx';
import { pageData } from '../page/page-data.ts';
import { PAGE_SCRIPT } from '../page/page-script.ts';
import { PAGE_STYLE } from '../page/page-style.ts';
import type { Reporter } from '../reporter.ts';

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

const POLICY = [
  `default-src 'none'`,
  `style-src ${hashOf(PAGE_STYLE)}`,
  `script-src ${hashOf(PAGE_SCRIPT)}`,
  'img-src data:',
  `base-uri 'none'`,
  `form-action 'none'`,
].join('; ');

/** One self-contained page for people. Its content security policy lets it load nothing, and run nothing but its own script. */
export const reportHtml: Reporter = {
  name: 'report-html',
  file: 'report.html',
  render(input) {
    const { series, run } = input.evidence;
    const content = { document: buildReportDocument(input), series, zeroNs: run.started.ns };
    const page = (
      <Page
        content={content}
        style={PAGE_STYLE}
        script={PAGE_SCRIPT}
        data={pageData(content)}
        policy={POLICY}
      />
    );
    return `<!doctype html>\n${renderToString(page)}\n`;
  },
};
