import { expect } from 'chai';
import { describe, it } from 'mocha';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  agrees,
  isAsItShouldBe,
  labelsOf,
  oursFor,
  rowsOf,
  type Row,
} from '../../bench/e2e-agreement/agreement.ts';
import { endedBy, focusOn } from '../../bench/e2e-agreement/ginkgo-report.ts';
import { pageOf, tableOf } from '../../bench/e2e-agreement/page.ts';
import { HEALTHY, TRIALS } from '../../bench/e2e-agreement/trials.ts';
import { argumentsFor } from '../../bench/e2e-agreement/upstream.ts';
import { DEFECTS } from '../../bench/seeded-defects/defects.ts';
import { listCases } from '../../src/conformance/list-cases.ts';
import { bundledSuites, packageFolder } from '../../src/entries/places.ts';

const CHECK = '[sig-apps] Job should run (twice). [Conformance]';

/** A report as Ginkgo writes it, of one chosen test among others. */
function report(State: string, more: object = {}, before: object = { State: 'passed' }): string {
  const spec = (name: string, rest: object): object => ({
    ContainerHierarchyTexts: ['[sig-apps] Job'],
    LeafNodeType: 'It',
    LeafNodeText: name,
    ...rest,
  });
  return JSON.stringify([
    {
      SuiteDescription: 'Kubernetes e2e suite',
      SpecReports: [
        {
          ContainerHierarchyTexts: null,
          LeafNodeType: 'SynchronizedBeforeSuite',
          LeafNodeText: '',
          ...before,
        },
        spec('should not run [Conformance]', { State: 'skipped' }),
        spec('should run (twice). [Conformance]', { State, ...more }),
      ],
    },
  ]);
}

describe('bench/e2e-agreement: what upstream’s report says', () => {
  it('is how the chosen test ended, with the first line of why', () => {
    expect(endedBy(report('passed'), CHECK)).to.deep.equal({ ended: 'passed' });
    const Failure = { Message: '\nthe job did not end\nin [It] at job.go:7' };
    for (const state of ['failed', 'timedout', 'panicked'])
      expect(endedBy(report(state, { Failure }), CHECK)).to.deep.equal({
        ended: 'failed',
        why: `${state}: the job did not end`,
      });
  });

  it('is nothing where the test was not run, or was interrupted', () => {
    for (const state of ['skipped', 'interrupted', 'aborted', 'pending'])
      expect(endedBy(report(state), CHECK).ended, state).to.equal('unknown');
    const before = { State: 'failed', Failure: { Message: 'no API' } };
    expect(endedBy(report('skipped', {}, before), CHECK)).to.deep.equal({
      ended: 'unknown',
      why: 'skipped: no API',
    });
    expect(endedBy(report('passed'), `${CHECK} [Slow]`).ended).to.equal('unknown');
    expect(() => endedBy('{}', CHECK)).to.throw();
  });

  it('is about one test alone: its name is chosen to the letter', () => {
    const focus = new RegExp(focusOn(CHECK));
    expect(focus.test(`Kubernetes e2e suite ${CHECK}`)).to.equal(true);
    expect(focus.test(`Kubernetes e2e suite ${CHECK} [Slow]`)).to.equal(false);
    expect(focus.test('Kubernetes e2e suite [sig-apps] Job should run twice. [Conformance]')).to.equal(false);
  });
});

describe('bench/e2e-agreement: agreement', () => {
  const labels = labelsOf([
    { id: 'kubernetes/jobs/a', covers: ['one', 'two'] },
    { id: 'kubernetes/jobs/b', covers: ['two'] },
  ]);
  const trial = { defect: 'broken', fails: ['one'], passes: ['two'] };
  const their = (one: 'passed' | 'failed' | 'unknown', two: 'passed' | 'failed' | 'unknown') =>
    new Map([
      ['one', { ended: one }],
      ['two', { ended: two }],
    ]);
  const row = (theirs: Row['theirs'], ours: Row['ours'], expected: Row['expected'] = 'failed'): Row => ({
    check: 'one',
    cases: ['kubernetes/jobs/a'],
    expected,
    theirs,
    ours,
  });

  it('takes ours as failed when one of the cases did, and as passed when all of them did', () => {
    const ends = (a?: string, b?: string): string => {
      const outcomes = new Map([
        ['kubernetes/jobs/a', a ?? ''],
        ['kubernetes/jobs/b', b ?? ''],
      ]);
      return oursFor('two', labels, outcomes).ended;
    };
    expect(ends('passed', 'passed')).to.equal('passed');
    expect(ends('failed', 'passed')).to.equal('failed');
    expect(ends('skipped', 'failed')).to.equal('failed');
    for (const other of [undefined, 'skipped', 'unknown']) expect(ends('passed', other)).to.equal('unknown');
    expect(oursFor('three', labels, new Map()).ended).to.equal('unknown');
  });

  it('is the same end in both; what nobody knows agrees with nothing', () => {
    expect(agrees(row('failed', 'failed'))).to.equal(true);
    expect(agrees(row('passed', 'passed'))).to.equal(true);
    expect(agrees(row('passed', 'failed'))).to.equal(false);
    expect(agrees(row('unknown', 'unknown'))).to.equal(false);
  });

  it('is not enough where the defect was seen by neither, or nothing was asked', () => {
    expect(isAsItShouldBe([row('failed', 'failed'), row('passed', 'passed', 'passed')])).to.equal(true);
    expect(isAsItShouldBe([row('passed', 'passed')])).to.equal(false);
    expect(isAsItShouldBe([row('failed', 'failed'), row('failed', 'failed', 'passed')])).to.equal(false);
    expect(isAsItShouldBe([])).to.equal(false);
  });

  it('has a row for each check of the trial, also for one that was not run', () => {
    const ours = new Map([
      ['kubernetes/jobs/a', 'failed'],
      ['kubernetes/jobs/b', 'passed'],
    ]);
    expect(
      rowsOf(trial, labels, ours, their('failed', 'passed')).map(({ theirs, ours: own }) => [theirs, own]),
    ).to.deep.equal([
      ['failed', 'failed'],
      ['passed', 'failed'],
    ]);
    expect(rowsOf(trial, labels, ours, new Map())[0]).to.include({ theirs: 'unknown', why: 'was not run' });
  });

  it('is shown check by check', () => {
    const found = { broken: [row('failed', 'passed')] };
    expect(tableOf([trial], found)).to.include('| broken | one | failed | passed | no |');
    expect(pageOf([HEALTHY, trial], found))
      .to.include('Of 2 trials')
      .and.to.include('1 were made; in 0 both');
  });
});

describe('bench/e2e-agreement: the trials', function () {
  // Suites are loaded here for the first time.
  this.timeout(20_000);

  it('are at least ten, each with a defect that there is, and with checks that must fail and others that must pass', () => {
    expect(TRIALS.length).to.be.at.least(10);
    for (const { defect, fails, passes } of TRIALS) {
      expect(DEFECTS.map(({ name }) => name)).to.include(defect);
      expect(fails, defect).to.have.length.above(0);
      expect(passes, defect).to.have.length.above(0);
      expect(fails.filter((name) => passes.includes(name))).to.deep.equal([]);
    }
    expect(new Set(TRIALS.map(({ defect }) => defect)).size).to.equal(TRIALS.length);
  });

  it('ask for conformance tests that upstream has and that cases of ours are labelled with, none of them serial', async () => {
    const known = readFileSync(
      join(packageFolder(), 'test', 'suites', 'kubernetes-conformance-1.36.txt'),
      'utf8',
    ).split('\n');
    const listed = await listCases(bundledSuites(), { suites: [], tags: [] });
    const labels = labelsOf(listed.flatMap(({ cases }) => cases));
    for (const check of HEALTHY.passes) {
      expect(known, check).to.include(check);
      expect(labels.get(check) ?? [], check).to.have.length.above(0);
      // They run beside each other.
      expect(check).not.to.match(/\[(Serial|Disruptive)\]/);
    }
  });

  it('are run without waits that no defect would let end, and within a limit', () => {
    const argv = argumentsFor(CHECK, { kubectl: '/k', kubeconfig: '/c', nodes: 5, limitS: 90 }, '/folder');
    expect(argv).to.include.members([
      '--allowed-not-ready-nodes=-1',
      '--minStartupPods=-1',
      '--num-nodes=5',
      '--ginkgo.timeout=90s',
      '--ginkgo.json-report=/folder/report.json',
      `--ginkgo.focus=${focusOn(CHECK)}`,
    ]);
  });
});
