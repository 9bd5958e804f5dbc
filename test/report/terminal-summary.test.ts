import { expect } from 'chai';
import { describe, it } from 'mocha';
import type { Reason } from '../../src/model/verdict.ts';
import { terminalSummary } from '../../src/report/index.ts';
import { realisticInput } from './fixture.ts';

const OPTIONS = { colour: false, width: 100, folder: 'reports/first-run-k3x9' };

describe('the terminal summary', () => {
  it('tells verdict, probes, recoveries and paths', () => {
    const text = terminalSummary(realisticInput(), OPTIONS);
    for (const part of [
      'PASS  The system kept its promises',
      'configmap-write-and-read-back',
      'control-node-off (node-power-off): out 2 – 2.2 s, predicted 900 ms – 2.4 s; redundant after 11.9 – 12.3 s',
      'cases 134 passed, 0 failed, 1 unknown, 3 skipped; faults healed 2 of 2',
      'note: This is a rehearsal',
      'reports/first-run-k3x9/report.html',
      'squall run first-run --set hold=8s --seed storm-41',
    ]) {
      expect(text).to.include(part);
    }
  });

  it('says what is different from last time, and nothing where there was no run before', () => {
    const input = realisticInput();
    const text = terminalSummary(input, OPTIONS).replace(/\s+/g, ' ');
    expect(text).to.include(
      'since last time: The last run, first-run-a6, passed too. The longest outage after',
    );
    expect(text).to.include('more than in each of the 7 earlier runs');
    const { history: _history, ...analysis } = input.analysis;
    expect(terminalSummary({ ...input, analysis }, OPTIONS)).not.to.include('since last time');
  });

  it('names the three worst findings, failures first', () => {
    const input = realisticInput();
    const reasons = (['pass', 'unknown', 'fail', 'unknown', 'fail'] as const).map((truth, index): Reason => ({
      truth,
      class: 'system',
      says: `Finding ${index}.`,
      evidence: [],
    }));
    const text = terminalSummary(
      { ...input, verdict: { ...input.verdict, truth: 'fail', reasons } },
      OPTIONS,
    );
    const found = [...text.matchAll(/Finding (\d)/g)].map(([, number]) => number);
    expect(found).to.deep.equal(['2', '4', '1']);
    expect(text).to.include('and 1 finding more in the report');
  });

  it('colours only when it is asked to', () => {
    expect(terminalSummary(realisticInput(), OPTIONS)).not.to.include('\u001b[');
    expect(terminalSummary(realisticInput(), { ...OPTIONS, colour: true })).to.include('\u001b[32m');
  });
});
