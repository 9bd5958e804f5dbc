import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { describe, it } from 'mocha';
import type { Analysis } from '../../src/model/analysis.ts';
import type { Evidence } from '../../src/model/evidence.ts';
import type { Truth } from '../../src/model/verdict.ts';
import { judge, objectiveEntries } from '../../src/verdict/index.ts';

const read = (file: string): unknown =>
  JSON.parse(readFileSync(`test/recorded-runs/pass/${file}.json`, 'utf8'));
const evidence = read('evidence') as Evidence;
const analysis = read('analysis') as Analysis;

const spec = (objective: string, parameters: Evidence['plan']['objectives'][number]['parameters'] = {}) => {
  return { name: objective, objective, parameters };
};
/** The result of one objective alone, on the run that passes. */
const resultOf = (of: ReturnType<typeof spec>, changed: Analysis = analysis, from: Evidence = evidence) => {
  const verdict = judge({ ...from, plan: { ...from.plan, objectives: [of] } }, changed);
  const result = verdict.objectives[0];
  if (!result) throw new Error('There is no result.');
  return result;
};

describe('objectives', () => {
  it('are the entries that a plan may name', () => {
    expect(objectiveEntries.map(({ name }) => name)).to.deep.equal([
      'availability',
      'longest-outage',
      'recovery-time',
      'conformance',
      'durability',
      'nothing-leaked',
    ]);
  });

  const ms = (value: number) => ({ ms: value });
  const rows: readonly {
    title: string;
    of: ReturnType<typeof spec>;
    truth: Truth;
    expected: string;
    found: string;
  }[] = [
    {
      title: 'availability that is met',
      of: spec('availability', { minimum: 0.94 }),
      truth: 'pass',
      expected: 'at least 94%',
      found: '94.2% to 95.3%',
    },
    {
      title: 'availability inside the error',
      of: spec('availability', { minimum: 0.95 }),
      truth: 'unknown',
      expected: 'at least 95%',
      found: '94.2% to 95.3%',
    },
    {
      title: 'availability that is missed',
      of: spec('availability', { minimum: 0.96 }),
      truth: 'fail',
      expected: 'at least 96%',
      found: '94.2% to 95.3%',
    },
    {
      title: 'availability by request',
      of: spec('availability', { minimum: 0.947, by: 'request' }),
      truth: 'pass',
      expected: 'at least 94.7%',
      found: '94.7%',
    },
    {
      title: 'availability of a probe without data',
      of: spec('availability', { minimum: 0.1, probe: 'gone' }),
      truth: 'unknown',
      expected: 'data',
      found: 'no data',
    },
    {
      title: 'an outage at most as long',
      of: spec('longest-outage', { maximum: ms(1100) }),
      truth: 'pass',
      expected: 'at most 1.1s',
      found: '900ms to 1.1s',
    },
    {
      title: 'an outage that is longer',
      of: spec('longest-outage', { maximum: ms(899) }),
      truth: 'fail',
      expected: 'at most 899ms',
      found: '900ms to 1.1s',
    },
    {
      title: 'an outage relative to the prediction',
      of: spec('longest-outage', { maximum: { timesPredicted: 0.5 } }),
      truth: 'fail',
      expected: 'at most 750ms (0.5 x the predicted 1.5s)',
      found: '900ms to 1.1s',
    },
    {
      title: 'recovery of one step',
      of: spec('recovery-time', { step: 'delete', maximum: ms(0) }),
      truth: 'pass',
      expected: 'at most 0ms',
      found: '0ms',
    },
    {
      title: 'recovery of every step',
      of: spec('recovery-time', { maximum: ms(900) }),
      truth: 'fail',
      expected: 'at most 900ms',
      found: '1s to 1.3s',
    },
    {
      title: 'recovery of redundancy, relative',
      of: spec('recovery-time', { step: 'off', of: 'redundancy', maximum: { timesPredicted: 1 } }),
      truth: 'pass',
      expected: 'at most 12s (1 x the predicted 12s)',
      found: '8s to 8.4s',
    },
    {
      title: 'conformance',
      of: spec('conformance', { stage: 'after', minimumPassed: 1 }),
      truth: 'pass',
      expected: 'every case passed',
      found: '2 of 2 passed',
    },
    {
      title: 'conformance of a stage that was not run',
      of: spec('conformance', { stage: 'during' }),
      truth: 'unknown',
      expected: 'every case passed',
      found: 'it was not run',
    },
    {
      title: 'nothing leaked',
      of: spec('nothing-leaked'),
      truth: 'pass',
      expected: 'nothing',
      found: 'nothing',
    },
  ];
  for (const { title, of, truth, expected, found } of rows) {
    it(`${title}: ${truth}`, () => {
      const result = resultOf(of);
      expect([result.truth, result.expected, result.found]).to.deep.equal([truth, expected, found]);
      expect(result.reasons).to.not.be.empty;
    });
  }

  it('speak by the probe that was farthest on the wrong side, whichever comes first', () => {
    const [first] = analysis.probes;
    if (!first) throw new Error('The recorded run needs a probe.');
    const bad = {
      ...first,
      probe: 'another',
      availability: { min: 0.9, max: 0.95, unit: 'ratio' } as const,
      longestOutage: { min: 300, max: 400, unit: 'ms' } as const,
    };
    const good = {
      ...first,
      availability: { min: 1, max: 1, unit: 'ratio' } as const,
      longestOutage: { min: 0, max: 0, unit: 'ms' } as const,
    };
    for (const probes of [
      [good, bad],
      [bad, good],
    ]) {
      const changed = { ...analysis, probes };
      expect(resultOf(spec('availability', { minimum: 0.5 }), changed).found).to.equal('90% to 95%');
      expect(resultOf(spec('longest-outage', { maximum: { ms: 1000 } }), changed).found).to.equal(
        '300ms to 400ms',
      );
    }
  });

  it('follow a repeated step in all its rounds, and not one whose name only begins alike', () => {
    const rename = (step: string): Analysis => ({
      ...analysis,
      recoveries: analysis.recoveries.map((one) => (one.step === 'off' ? { ...one, step } : one)),
    });
    const slow = spec('recovery-time', { step: 'off', maximum: ms(1) });
    expect(resultOf(slow, rename('off#2')).truth).to.equal('fail');
    expect(resultOf(slow, rename('offline')).truth).to.equal('unknown');
  });

  it('are unknown when more than the allowed time was unseen, whatever the figures say', () => {
    const unseen: Analysis = {
      ...analysis,
      probes: analysis.probes.map((probe) => ({ ...probe, unseenRatio: 0.021 })),
    };
    const seen: Analysis = {
      ...analysis,
      probes: analysis.probes.map((probe) => ({ ...probe, unseenRatio: 0.02 })),
    };
    for (const of of [
      spec('availability', { minimum: 0.1 }),
      spec('longest-outage', { maximum: ms(9000) }),
    ]) {
      expect(resultOf(of, unseen).truth).to.equal('unknown');
      expect(resultOf(of, unseen).reasons[0]?.class).to.equal('measuring');
      expect(resultOf(of, seen).truth).to.equal('pass');
    }
  });

  it('are unknown when a limit is relative and nothing was predicted', () => {
    const unpredicted: Analysis = {
      ...analysis,
      recoveries: analysis.recoveries.map(({ predicted: _predicted, ...recovery }) => recovery),
    };
    expect(resultOf(spec('recovery-time', { maximum: { timesPredicted: 9 } }), unpredicted).truth).to.equal(
      'unknown',
    );
    expect(resultOf(spec('longest-outage', { maximum: { timesPredicted: 9 } }), unpredicted).truth).to.equal(
      'unknown',
    );
  });

  it('are unknown, and no failure, when a recovery was not watched for as long as its limit', () => {
    const open: Analysis = {
      ...analysis,
      recoveries: analysis.recoveries.map(({ serviceBack: _back, ...recovery }) => recovery),
    };
    const patient = spec('recovery-time', { step: 'off', maximum: ms(15_801) });
    expect(resultOf(patient, open).truth).to.equal('unknown');
    expect(resultOf(spec('recovery-time', { step: 'off', maximum: ms(15_000) }), open).truth).to.equal(
      'fail',
    );
  });

  it("fail on a lost write as the system's own, and know nothing of writes that nobody could look for", () => {
    const written = {
      probe: 'writer',
      acknowledged: 100,
      lost: [],
      unread: 0,
      indefinite: 3,
      indefiniteFound: 1,
    };
    const result = (over: Partial<typeof written> | { readonly lost: readonly number[] }) =>
      resultOf(spec('durability'), { ...analysis, durability: [{ ...written, ...over }] });
    expect(result({})).to.include({ truth: 'pass', found: 'all 100' });
    const lost = result({ lost: [7, 8] });
    expect(lost).to.include({ truth: 'fail', found: '2 of 100 lost (sample 7, 8)' });
    expect(lost.reasons[0]).to.include({ class: 'system' });
    expect(result({ unread: 4 }).truth).to.equal('unknown');
    expect(result({ unread: 4 }).reasons[0]).to.include({ class: 'measuring' });
    expect(result({ lost: [7], unread: 4 })).to.deep.include({
      truth: 'fail',
      figure: { min: 1, max: 5, unit: 'count' },
    });
    expect(result({ acknowledged: 0 }).truth).to.equal('unknown');
    expect(resultOf(spec('durability')).truth).to.equal('unknown');
  });

  it('judge the worst window of a length, and know nothing of one that the run was too short for', () => {
    const windows = [{ windowMs: 5000, worst: { min: 0.4, max: 0.45, unit: 'ratio' as const } }];
    const probes = analysis.probes.map((probe) => ({ ...probe, windows }));
    const result = (minimum: number, window: string) =>
      resultOf(spec('availability', { minimum, window }), { ...analysis, probes });
    expect(result(0.4, '5s')).to.include({ truth: 'pass', found: '40% to 45%' });
    expect(result(0.42, '5s').truth).to.equal('unknown');
    expect(result(0.5, '5s').truth).to.equal('fail');
    expect(result(0.1, '1h')).to.include({ truth: 'unknown', found: 'no window of that length' });
  });
});
