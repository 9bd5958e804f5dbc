import { expect } from 'chai';
import { describe, it } from 'mocha';
import { agreementOf } from '../../src/analysis/agreement.ts';
import type { AgreementRow } from '../../src/model/analysis.ts';
import type { CaseOutcome, CaseResult, ConformanceResults } from '../../src/model/conformance.ts';
import { agreementSummary } from '../../src/report/agreement-summary.ts';

const at = { clock: 'c', ns: 0 };

function stageOf(
  stage: 'alone' | 'tempest' | 'before',
  cases: readonly (readonly [id: string, outcome: CaseOutcome, ...covers: string[]])[],
): ConformanceResults {
  const results = cases.map(([id, outcome, ...covers]): CaseResult => ({
    id,
    title: id,
    suite: 's',
    tags: [],
    ...(covers.length === 0 ? {} : { covers }),
    stage,
    round: 1,
    outcome,
    ...(outcome === 'passed' ? {} : { reason: `${id} says why` }),
    started: at,
    ended: at,
    lane: 1,
    troubles: [],
  }));
  return {
    stage,
    planned: [],
    results,
    started: at,
    ended: at,
    lanes: 1,
    ...(stage === 'tempest' ? { engine: { version: 'Tempest 47.0.0', notes: [] } } : {}),
  };
}

/** What is said of one test that both have. */
function said(own: readonly CaseOutcome[], theirs: CaseOutcome): AgreementRow['says'] | undefined {
  const ours = stageOf(
    'alone',
    own.map((outcome, index) => [`own-${index}`, outcome, 'T']),
  );
  return agreementOf({ conformance: [ours, stageOf('tempest', [['t', theirs, 'T']])] }).agreement?.rows[0]
    ?.says;
}

describe('agreement between our cases and the tests that they cover', () => {
  it('is there where both passed or both failed', () => {
    expect(said(['passed'], 'passed')).to.equal('agree');
    expect(said(['failed'], 'failed')).to.equal('agree');
    expect(said(['passed'], 'failed')).to.equal('differ');
    expect(said(['failed'], 'passed')).to.equal('differ');
  });

  it('is not a question of what was skipped or is unknown', () => {
    for (const open of ['skipped', 'unknown'] as const)
      for (const tells of ['passed', 'failed'] as const) {
        expect(said([open], tells)).to.equal('not compared');
        expect(said([tells], open)).to.equal('not compared');
      }
    expect(said([], 'failed')).to.equal('not compared');
  });

  it('takes the worst of several cases, and one that was skipped beside one that ran for none', () => {
    expect(said(['passed', 'failed'], 'failed')).to.equal('agree');
    expect(said(['skipped', 'passed'], 'passed')).to.equal('agree');
    expect(said(['unknown', 'passed'], 'passed')).to.equal('not compared');
    expect(said(['unknown', 'failed'], 'failed')).to.equal('agree');
  });

  it('has a row for each upstream test, with our cases and why it was not compared', () => {
    const ours = stageOf('alone', [
      ['a', 'passed', 'T2'],
      ['b', 'skipped', 'T1', 'T3'],
      ['c', 'passed'],
    ]);
    const theirs = stageOf('tempest', [
      ['t1', 'failed', 'T1'],
      ['t2', 'passed', 'T2'],
    ]);
    expect(agreementOf({ conformance: [ours, theirs] }).agreement).to.deep.equal({
      engine: 'Tempest 47.0.0',
      rows: [
        {
          test: 'T1',
          cases: ['b'],
          own: 'skipped',
          theirs: 'failed',
          says: 'not compared',
          why: 'b says why',
        },
        { test: 'T2', cases: ['a'], own: 'passed', theirs: 'passed', says: 'agree' },
      ],
    });
  });

  it('is absent where only one of them ran', () => {
    for (const conformance of [
      [],
      [stageOf('alone', [])],
      [stageOf('tempest', [])],
      [stageOf('before', []), stageOf('tempest', [])],
    ])
      expect(agreementOf({ conformance })).to.deep.equal({});
  });

  it('is told in one sentence', () => {
    const rows = (says: AgreementRow['says'], own: CaseOutcome, n: number): AgreementRow[] =>
      Array.from({ length: n }, (_, index) => ({
        test: `tempest.x.Class.test_${says}_${index}[id-1]`,
        cases: [],
        own,
        theirs: 'failed',
        says,
      }));
    const all = [
      ...rows('agree', 'failed', 1),
      ...rows('agree', 'passed', 5),
      ...rows('differ', 'passed', 4),
      ...rows('not compared', 'skipped', 2),
    ];
    expect(agreementSummary({ engine: 'Tempest 47.0.0', rows: all })).to.equal(
      'Beside Tempest 47.0.0: 6 of 10 checks agree (1 fail in both), 4 differ: Class.test_differ_0, Class.test_differ_1, Class.test_differ_2, and 1 more; 2 could not be compared.',
    );
  });
});
