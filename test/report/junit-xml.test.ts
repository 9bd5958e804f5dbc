import { expect } from 'chai';
import { describe, it } from 'mocha';
import type { ReportInput } from '../../src/report/reporter.ts';
import { junitXml } from '../../src/report/reporters/junit-xml.ts';
import { realisticInput } from './fixture.ts';
import { hostileInput } from './hostile-input.ts';

/** Without the time of each suite, which is a test of its own. */
const render = async (input: ReportInput): Promise<string> =>
  String(await junitXml.render(input)).replace(/ timestamp="[^"]*"/g, '');
const suitesOf = (xml: string): string[] =>
  [...xml.matchAll(/<testsuite name="([^"]*)"/g)].map(([, name]) => name ?? '');
const namesOf = (xml: string): string[] =>
  [...xml.matchAll(/<testcase classname="([^"]*)" name="([^"]*)"/g)].map(([, ...both]) => both.join(' '));

/** As the schema of Jenkins' xUnit plugin has them (version 10), of those that we write. */
const KNOWN = [
  ...['name', 'tests', 'failures', 'errors'].map((name) => `testsuites.${name}`),
  ...['name', 'tests', 'failures', 'errors', 'skipped', 'timestamp'].map((name) => `testsuite.${name}`),
  ...['name', 'classname', 'time'].map((name) => `testcase.${name}`),
];

/** Likewise, within a case. */
const IN_A_CASE = ['skipped', 'error', 'failure', 'system-out', 'system-err'];

function chaosOf({ chaos }: ReportInput['evidence']): NonNullable<typeof chaos> {
  if (chaos === undefined) throw new Error('The fixture has faults.');
  return chaos;
}

describe('junit.xml', () => {
  it('has a suite for each stage, and for faults, objectives, clean-up and the verdict', async () => {
    const xml = await render(realisticInput());
    expect(suitesOf(xml)).to.deep.equal([
      'conformance before',
      'conformance during',
      'conformance after',
      'faults',
      'objectives',
      'clean-up',
      'verdict',
    ]);
    expect(namesOf(xml)).to.have.length(3 * 46 + 3 + 4 + 3 + 1);
  });

  it('is without failure and error only where the run passed, whatever the verdict stands on', async () => {
    const { evidence, analysis, verdict } = realisticInput();
    const nothing = { ...evidence, conformance: [], chaos: { ...chaosOf(evidence), injections: [] } };
    const saysOf = async (truth: 'pass' | 'fail' | 'unknown') => {
      const says = 'The prober was held up.';
      const judged = { ...verdict, truth, headline: says, objectives: [], reasons: [] };
      const xml = await render({ evidence: nothing, analysis, verdict: judged });
      return (xml.match(/<(failure|error) message="The prober was held up."/g) ?? []).join();
    };
    expect(await saysOf('pass')).to.equal('');
    expect(await saysOf('unknown')).to.include('<error');
    expect(await saysOf('fail')).to.include('<failure');
  });

  it('says of each suite when it began, and which run it is of', async () => {
    const xml = String(await junitXml.render(realisticInput()));
    const suites = xml.match(/<testsuite /g)?.length;
    expect(xml.match(/<testsuite name="[^"]*" timestamp="2026-03-14T09:2\d:\d\d" /g)).to.have.length(
      suites ?? 0,
    );
    for (const property of ['name="run" value="first-run-k3x9"', 'name="seed" value="storm-41"'])
      expect(xml.split(`<property ${property}/>`)).to.have.length((suites ?? 0) + 1);
  });

  it('has no attribute that Jenkins does not know, and no time with an exponent', async () => {
    for (const input of [realisticInput(), hostileInput('x')]) {
      const xml = String(await junitXml.render(input)).replace(/<!\[CDATA\[[\s\S]*?\]\]>/g, '');
      const attributes = [...xml.matchAll(/<(testsuites|testsuite|testcase)((?: [a-z]+="[^"]*")*)/g)].flatMap(
        ([, element, text]) =>
          [...(text ?? '').matchAll(/ ([a-z]+)="/g)].map(([, name]) => `${element}.${name}`),
      );
      expect(KNOWN).to.include.members([...new Set(attributes)]);
      for (const [, seconds] of xml.matchAll(/ time="([^"]*)"/g)) expect(seconds).to.match(/^\d+(\.\d+)?$/);
    }
  });

  it('says what a case covers, and has no element in it that Jenkins does not know', async () => {
    const input = realisticInput();
    const conformance = input.evidence.conformance.map((stage) => ({
      ...stage,
      results: stage.results.map((result) => ({ ...result, covers: ['tempest.api.x', 'tempest.api.y'] })),
    }));
    const xml = await render({ ...input, evidence: { ...input.evidence, conformance } });
    expect(xml).to.include('covers tempest.api.x\ncovers tempest.api.y');
    const cases = [...xml.matchAll(/<testcase [^>]*[^/]>([\s\S]*?)<\/testcase>/g)].map(([, inside = '']) =>
      inside.replace(/<!\[CDATA\[[\s\S]*?\]\]>/g, ''),
    );
    expect(cases).to.have.length.above(100);
    const inCases = cases.flatMap((inside) => [...inside.matchAll(/<([a-z-]+)/g)].map(([, name]) => name));
    expect([...new Set(inCases)].filter((name) => !IN_A_CASE.includes(name ?? ''))).to.deep.equal([]);
  });

  it('names each case once, also when all ids are the same', async () => {
    for (const input of [
      realisticInput(),
      hostileInput('one/and/the-same'),
      hostileInput('y'.repeat(10_000)),
    ]) {
      const names = namesOf(await render(input));
      expect(new Set(names).size).to.equal(names.length);
    }
  });

  it('tells why a case is unknown, as an error, and why one was skipped', async () => {
    const xml = await render(realisticInput());
    expect(xml).to.match(
      /<error message="The lane was stopped before the case came to its end\." type="unknown"/,
    );
    expect(xml.match(/<skipped message="The lab cannot take snapshots\."\/>/g)).to.have.length(3);
  });

  it('counts a planned case without a result as an error', async () => {
    const input = realisticInput();
    const [before, ...others] = input.evidence.conformance;
    if (before === undefined) throw new Error('The fixture has stages.');
    const cut = { ...before, results: before.results.slice(0, 40) };
    const xml = await render({ ...input, evidence: { ...input.evidence, conformance: [cut, ...others] } });
    expect(xml).to.include(
      '<testsuite name="conformance before" tests="46" failures="0" errors="6" skipped="1">',
    );
  });

  it('fails the clean-up when something is left, a fault is open, or the run was cut short', async () => {
    const input = hostileInput('left-behind');
    const xml = await render({
      ...input,
      evidence: { ...input.evidence, end: { ...input.evidence.end, reason: 'stopped' } },
    });
    expect(xml).to.include('<testsuite name="clean-up" tests="3" failures="2" errors="1" skipped="0">');
  });

  it('takes an unhealed fault for a failure, and an effect that was not seen for an error', async () => {
    const input = realisticInput();
    const { chaos } = input.evidence;
    if (chaos === undefined) throw new Error('The fixture has faults.');
    const [instant, power, cut] = chaos.injections;
    if (instant === undefined || power?.verifiedHealed === undefined || cut === undefined)
      throw new Error('The fixture has three.');
    const { verified: _verified, ...unseen } = instant;
    const unhealed = {
      ...power,
      verifiedHealed: { ...power.verifiedHealed, ok: false, says: 'control-2 is still off.' },
    };
    const injections = [unseen, unhealed, { ...cut, end: 'not-healed' as const }];
    const xml = await render({ ...input, evidence: { ...input.evidence, chaos: { ...chaos, injections } } });
    expect(xml).to.include('<testsuite name="faults" tests="3" failures="2" errors="1" skipped="0">');
    expect(xml).to.include('<failure message="control-2 is still off." type="failed"');
  });
});
