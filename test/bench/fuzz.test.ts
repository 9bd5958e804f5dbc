import { expect } from 'chai';
import { describe, it } from 'mocha';
import { emptySummary, runBatch } from '../../bench/fuzz/fuzz-pool.ts';

/** Others than the first of the bench, which has a hundred thousand. */
const FROM = 1_000_000;
const CASES = 1000;
const MOST_MIB = 256;

describe('plans, kubeconfigs, clouds.yaml and answers that are wrong in every way', () => {
  it('never crash Squall, make it hang, grow, or tell a secret', async function () {
    this.timeout(120_000);
    const summary = emptySummary();
    await runBatch(FROM, FROM + CASES, summary);
    expect(summary.wrong).to.deep.equal([]);
    expect(summary.cases).to.equal(CASES);
    expect(summary.mostMiB).to.be.lessThan(MOST_MIB);
    // Most are refused for what they are, and some are well all the same.
    expect(Object.keys(summary.outcomes)).to.include.members([
      'plan SQ_PLAN_INVALID',
      'plan well',
      'kubeconfig SQ_KUBECONFIG',
      'clouds SQ_CLOUDS_YAML',
      'answers SQ_BAD_ANSWER',
    ]);
  });
});
