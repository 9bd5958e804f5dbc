import { expect } from 'chai';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, it } from 'mocha';
import type { Analysis } from '../../src/model/analysis.ts';
import type { Evidence } from '../../src/model/evidence.ts';
import { mergeTruth, type Figure, type Truth } from '../../src/model/verdict.ts';
import { atLeast, atMost, writeFigure } from '../../src/verdict/figures.ts';
import { judge, objectiveRegistry, type Objective } from '../../src/verdict/index.ts';

const read = (file: string): unknown =>
  JSON.parse(readFileSync(`test/recorded-runs/pass/${file}.json`, 'utf8'));
const evidence = read('evidence') as Evidence;
const analysis = read('analysis') as Analysis;

const withObjectives = (...objectives: Evidence['plan']['objectives']): Evidence => ({
  ...evidence,
  plan: { ...evidence.plan, objectives },
});
const spec = (objective: string, parameters: Evidence['plan']['objectives'][number]['parameters'] = {}) => {
  return { name: objective, objective, parameters };
};
const truths = fc.constantFrom<Truth>('pass', 'fail', 'unknown');

describe('mergeTruth', () => {
  it('does not depend on the order', () => {
    const pair = fc
      .array(truths)
      .chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })));
    fc.assert(fc.property(pair, ([list, shuffled]) => mergeTruth(shuffled) === mergeTruth(list)));
  });

  it('does not depend on how it is grouped, and nothing is unknown', () => {
    const list = fc.array(truths, { minLength: 1 });
    fc.assert(
      fc.property(
        list,
        list,
        (a, b) => mergeTruth([mergeTruth(a), mergeTruth(b)]) === mergeTruth([...a, ...b]),
      ),
    );
    expect(mergeTruth([])).to.equal('unknown');
    expect(mergeTruth(['pass', 'unknown', 'fail'])).to.equal('fail');
    expect(mergeTruth(['pass', 'unknown'])).to.equal('unknown');
  });
});

describe('a figure against a limit', () => {
  const figures = fc
    .tuple(fc.nat(1000), fc.nat(1000))
    .map(([min, width]): Figure => ({ min, max: min + width, unit: 'ms' }));

  it('is unknown exactly where a truth inside the error would decide otherwise', () => {
    fc.assert(
      fc.property(figures, fc.nat(2200), (figure, limit) => {
        const ends = new Set([figure.min <= limit, figure.max <= limit]);
        const expected: Truth = ends.size === 2 ? 'unknown' : ends.has(true) ? 'pass' : 'fail';
        expect(atMost(figure, limit)).to.equal(expected);
        const least = new Set([figure.min >= limit, figure.max >= limit]);
        expect(atLeast(figure, limit)).to.equal(
          least.size === 2 ? 'unknown' : least.has(true) ? 'pass' : 'fail',
        );
      }),
    );
  });

  it('is unknown where one end is the limit itself and the other lies beyond', () => {
    expect(atMost({ min: 5, max: 9, unit: 'ms' }, 5)).to.equal('unknown');
    expect(atLeast({ min: 1, max: 5, unit: 'ms' }, 5)).to.equal('unknown');
  });

  it('is written with its error', () => {
    expect(writeFigure({ min: 900, max: 1100, unit: 'ms' })).to.equal('900ms to 1.1s');
    expect(writeFigure({ min: 0.99999, max: 0.99999, unit: 'ratio' })).to.equal('99.999%');
  });
});

describe('judge', () => {
  it('changes neither evidence nor analysis', () => {
    const before = JSON.stringify([evidence, analysis]);
    judge(evidence, analysis);
    expect(JSON.stringify([evidence, analysis])).to.equal(before);
  });

  it('counts an objective that crashes as unknown, and judges the others all the same', () => {
    const crashing: Objective = {
      name: 'crashing',
      summary: 'Crashes.',
      parameters: {},
      judge() {
        throw new TypeError('no such thing');
      },
    };
    const verdict = judge(withObjectives(spec('crashing'), spec('nothing-leaked')), analysis, [
      ...objectiveRegistry,
      crashing,
    ]);
    expect(verdict.objectives.map(({ truth }) => truth)).to.deep.equal(['unknown', 'pass']);
    expect([verdict.truth, verdict.class, verdict.exitCode]).to.deep.equal(['unknown', 'measuring', 4]);
    expect(verdict.headline).to.equal('The objective crashing could not be judged: no such thing.');
  });

  it('counts an objective that it does not know as unknown', () => {
    const verdict = judge(withObjectives(spec('from-the-future')), analysis);
    expect(verdict.truth).to.equal('unknown');
    expect(verdict.headline).to.contain('does not know the objective from-the-future');
  });

  it('never passes a run in which nothing was judged', () => {
    const { chaos: _chaos, ...rest } = evidence;
    const bare: Evidence = {
      ...rest,
      conformance: [],
      plan: { ...evidence.plan, objectives: [], conformance: {} },
    };
    const verdict = judge(bare, analysis);
    expect([verdict.truth, verdict.exitCode]).to.deep.equal(['unknown', 4]);
  });

  it('judges the suites alone by their cases', () => {
    const { chaos: _chaos, ...rest } = evidence;
    const [before] = evidence.conformance;
    if (!before) throw new Error('No stage was recorded.');
    const alone: Evidence = {
      ...rest,
      conformance: [{ ...before, stage: 'alone' }],
      plan: { ...evidence.plan, objectives: [] },
    };
    expect(judge(alone, analysis).truth).to.equal('pass');
    const failed = before.results.map((result) => ({
      ...result,
      outcome: 'failed' as const,
      reason: 'found 500',
    }));
    const verdict = judge(
      { ...alone, conformance: [{ ...before, stage: 'alone', results: failed }] },
      analysis,
    );
    expect([verdict.truth, verdict.exitCode]).to.deep.equal(['fail', 1]);
  });

  it('counts failed cases after the faults where no objective speaks of them', () => {
    const results = evidence.conformance.map((run) => {
      if (run.stage !== 'after') return run;
      return {
        ...run,
        results: run.results.map((result) => ({
          ...result,
          outcome: 'failed' as const,
          reason: 'found 500',
        })),
      };
    });
    const silent = { ...withObjectives(spec('nothing-leaked')), conformance: results };
    expect(judge(silent, analysis).exitCode).to.equal(1);
    const lenient = {
      ...withObjectives(spec('conformance', { stage: 'after', minimumPassed: 0 })),
      conformance: results,
    };
    expect(judge(lenient, analysis).exitCode).to.equal(0);
  });

  it('counts what was left behind where no objective speaks of it', () => {
    const entry = {
      system: 'kubernetes',
      collection: '/api/v1/namespaces',
      name: 'sq-x',
      createdBy: 'a/b/c',
    } as const;
    const left = (fault: 'cloud' | 'ours'): Evidence => ({
      ...withObjectives(spec('conformance', { stage: 'after' })),
      leftovers: [{ entry, fault, swept: false, says: 'it stayed' }],
    });
    expect([judge(left('cloud'), analysis).class, judge(left('cloud'), analysis).exitCode]).to.deep.equal([
      'leak',
      1,
    ]);
    expect([judge(left('ours'), analysis).class, judge(left('ours'), analysis).exitCode]).to.deep.equal([
      'leak',
      5,
    ]);
  });

  it('speaks first of what it left behind, whoever says so, and never praises what failed', () => {
    const entry = {
      system: 'kubernetes',
      collection: '/configmaps',
      name: 'sq-x',
      createdBy: 'probe w',
    } as const;
    const other = { ...entry, name: 'sq-y' };
    const says = '/configmaps sq-x, created by probe w, may be left: The sweep took too long.';
    const left = judge(
      {
        ...withObjectives(spec('conformance', { stage: 'after' })),
        leftovers: [
          { entry: other, fault: 'cloud', swept: false, says: '/configmaps sq-y is still there.' },
          { entry, fault: 'ours', swept: false, says },
        ],
      },
      analysis,
    );
    expect(left).to.include({ truth: 'fail', class: 'leak', exitCode: 5 });
    expect(left.headline).to.equal(
      'Squall’s own /configmaps sq-x, created by probe w, may be left: The sweep took too long (and 1 more reason).',
    );
  });

  it('misses the cases of a stage that was planned and never run', () => {
    const without = {
      ...withObjectives(spec('nothing-leaked')),
      conformance: evidence.conformance.slice(0, 1),
    };
    expect(judge(without, analysis).truth).to.equal('unknown');
  });

  it('misses faults that the schedule has and the record lacks', () => {
    const { chaos } = evidence;
    if (!chaos) throw new Error('No chaos was recorded.');
    const verdict = judge(
      { ...evidence, chaos: { ...chaos, injections: chaos.injections.slice(0, 1) } },
      analysis,
    );
    expect([verdict.truth, verdict.class, verdict.exitCode]).to.deep.equal(['unknown', 'injection', 4]);
    expect(verdict.headline).to.equal('The schedule has 2 faults, and the record has 1.');
  });

  it('lists the reason that decided first', () => {
    const verdict = judge(
      withObjectives(spec('availability', { minimum: 0.1 }), spec('longest-outage', { maximum: { ms: 1 } })),
      analysis,
    );
    expect(verdict.headline).to.equal(verdict.reasons[0]?.says);
    expect(verdict.reasons[0]?.truth).to.equal('fail');
  });
});
