import { expect } from 'chai';
import { describe, it } from 'mocha';
import type { Reason, Truth } from '../../src/model/verdict.ts';
import { alikeReasons } from '../../src/report/alike-reasons.ts';
import { terminalSummary } from '../../src/report/index.ts';
import { reportHtml } from '../../src/report/reporters/report-html.tsx';
import { summaryMarkdown } from '../../src/report/reporters/summary-markdown.ts';
import { realisticInput } from './fixture.ts';

const reason = (says: string, truth: Truth = 'fail'): Reason => ({
  truth,
  class: 'leak',
  says,
  evidence: [],
});

const leftovers = (count: number): Reason[] =>
  Array.from({ length: count }, (_, n) => reason(`configmaps sq-run-write-${n} may be left: no time.`));

describe('reasons that are alike', () => {
  it('are told once, with how many more there are, in the order of the first of each kind', () => {
    const all = [reason('One of a kind.'), ...leftovers(80), reason('Another.', 'unknown')];
    expect(alikeReasons(all).map(({ reason: { says }, more }) => [says, more])).to.deep.equal([
      ['One of a kind.', 0],
      ['configmaps sq-run-write-0 may be left: no time.', 79],
      ['Another.', 0],
    ]);
  });

  it('are told one by one where they are few, or differ by a figure or by how they count', () => {
    expect(alikeReasons(leftovers(3))).to.have.length(3);
    const figures = [1, 2, 3, 4, 5].map((n) => reason(`It was down for ${n} s.`));
    expect(alikeReasons(figures)).to.have.length(5);
    const mixed = leftovers(8).map((one, n): Reason => ({ ...one, truth: n % 2 === 0 ? 'fail' : 'unknown' }));
    expect(alikeReasons(mixed).map(({ more }) => more)).to.deep.equal([3, 3]);
  });

  it('leave room for what else is wrong, wherever it is told, and lose nothing of it', async () => {
    const input = realisticInput();
    const reasons = [...leftovers(80), reason('keystone was down for 9 s.')];
    const failed = { ...input, verdict: { ...input.verdict, truth: 'fail' as const, reasons } };
    const terminal = terminalSummary(failed, { colour: false, width: 100, folder: 'x' }).replace(/\s+/g, ' ');
    expect(terminal).to.match(/And 79 more like it\. fail \(leak\): keystone was down/);
    expect(terminal).not.to.match(/findings? more in the report/);
    expect(await summaryMarkdown.render(failed)).to.match(/And 79 more like it\.\n.*keystone was down/);
    const html = String(await reportHtml.render(failed));
    const open = html.slice(html.indexOf('aria-label="Reasons"'), html.indexOf('79 more reasons'));
    expect(open).to.include('And 79 more like it').and.to.include('keystone was down');
    expect(open.match(/<li>/g)).to.have.length(2);
    expect(html.match(/configmaps sq-run-write-\d+ may/g)?.length).to.be.at.least(50);
  });
});
