import { createHash } from 'node:crypto';
import { renderToString } from 'preact-render-to-string';
import { buildReportDocument } from '../build-report-document.ts';
import { Page } from '../page/page.tsx';
import { PAGE_STYLE } from '../page/page-style.ts';
import type { Reporter } from '../reporter.ts';

function contentPolicy(style: string): string {
  const hash = createHash('sha256').update(style).digest('base64');
  return `default-src 'none'; style-src 'sha256-${hash}'; img-src data:; base-uri 'none'; form-action 'none'`;
}

/** One self-contained page for people. It holds no script, and its content security policy lets it load nothing. */
export const reportHtml: Reporter = {
  name: 'report-html',
  file: 'report.html',
  render(input) {
    const page = (
      <Page document={buildReportDocument(input)} style={PAGE_STYLE} policy={contentPolicy(PAGE_STYLE)} />
    );
    return `<!doctype html>\n${renderToString(page)}\n`;
  },
};
