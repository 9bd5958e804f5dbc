import { expect } from 'chai';
import { describe, it } from 'mocha';
import { buildReportDocument, terminalSummary } from '../../src/report/index.ts';
import type { ReportInput } from '../../src/report/reporter.ts';
import { reportHtml } from '../../src/report/reporters/report-html.tsx';
import { summaryMarkdown } from '../../src/report/reporters/summary-markdown.ts';
import { realisticInput, skippedBecause } from './fixture.ts';

const LACKS = 'The lab lacks the ability whole-openstack and power.';
const NO_NETWORK = 'This cloud has no external network.';

const ALL_LACK = skippedBecause([LACKS, LACKS, LACKS]);
const SOME_LACK = skippedBecause([LACKS, NO_NETWORK, LACKS]);

const terminal = (input: ReportInput): string =>
  terminalSummary(input, { colour: false, width: 100, folder: 'reports/x' });

/** What a person reads in a part of the page, without its marks. */
async function readPage(input: ReportInput, from: string, to: string): Promise<string> {
  const html = String(await reportHtml.render(input));
  const start = html.indexOf(from);
  return html
    .slice(start, html.indexOf(to, start))
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ');
}

const tiles = (input: ReportInput): Promise<string> => readPage(input, 'class="tiles"', '</dl>');
const suites = (input: ReportInput): Promise<string> => readPage(input, 'id="suites"', '</section>');

describe('cases that are not for the lab', () => {
  it('are counted apart from those that were skipped for another reason', () => {
    const { glance, stages } = buildReportDocument(SOME_LACK);
    expect(glance.cases).to.deep.equal({
      planned: 138,
      passed: 134,
      failed: 0,
      skipped: 3,
      notForLab: 2,
      skippedOtherwise: 1,
      unknown: 1,
    });
    expect(stages.map(({ notForLab, skippedOtherwise }) => [notForLab, skippedOtherwise])).to.deep.equal([
      [1, 0],
      [0, 1],
      [1, 0],
    ]);
  });

  it('are called so on the page', async () => {
    expect(await tiles(ALL_LACK)).to.include('Cases 134 passed none failed, 1 unknown, 3 not for this lab');
    expect(await tiles(SOME_LACK)).to.include(
      '134 passed none failed, 1 unknown, 2 not for this lab, 1 skipped',
    );
    expect(await tiles(realisticInput())).to.include('134 passed none failed, 1 unknown, 3 skipped');
    const all = await suites(ALL_LACK);
    expect(all).to.include('Unknown Not for this lab Troubles');
    expect(all).to.include('1 case unknown, 1 case not for this lab');
    expect(all).not.to.match(/skipped/i);
    expect(await suites(SOME_LACK)).to.include('Unknown Not for this lab Skipped Troubles');
    expect(await suites(realisticInput())).to.include('Failed Unknown Skipped Troubles');
  });

  it('are called so in the terminal', () => {
    expect(terminal(ALL_LACK)).to.include('cases 134 passed, 0 failed, 1 unknown, 3 not for this lab;');
    expect(terminal(SOME_LACK)).to.include('1 unknown, 2 not for this lab, 1 skipped;');
  });

  it('are called so in the summary', async () => {
    const read = async (input: ReportInput): Promise<string> => String(await summaryMarkdown.render(input));
    const [all, some, none] = [await read(ALL_LACK), await read(SOME_LACK), await read(realisticInput())];
    expect(all).to.include('| Stage | Planned | Passed | Failed | Unknown | Not for this lab |\n');
    expect(all).to.include('| during | 46 | 44 | 0 | 1 | 1 |\n');
    expect(some).to.include('| Unknown | Not for this lab | Skipped |\n');
    expect(some).to.include('| during | 46 | 44 | 0 | 1 | 0 | 1 |\n');
    expect(none).to.include('| Stage | Planned | Passed | Failed | Unknown | Skipped |\n');
  });
});
