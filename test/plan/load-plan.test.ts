import { expect } from 'chai';
import { describe, it } from 'mocha';
import type { HarnessError } from '../../src/model/errors.ts';
import { GOOD_PLAN } from './catalogue-for-tests.ts';
import { HEAD, load, problemsOf, step } from './load-for-tests.ts';

describe('loadPlan', () => {
  it('reads every section, with its defaults', () => {
    const plan = load(GOOD_PLAN);
    expect(plan.learns).to.equal('Wants to learn: does it stand this? In two lines.');
    expect(plan.seed).to.equal('42');
    expect(plan.conformance).to.deep.equal({
      before: { suites: [], tags: [] },
      during: { suites: [], tags: ['smoke'], grep: '^keystone/' },
    });
    expect(plan.probes[0]).to.deep.equal({
      name: 'web',
      probe: 'http',
      endpoint: 'keystone',
      every: { ms: 50 },
      timeout: { ms: 1000 },
      connection: 'new',
      vantage: 'host',
      parameters: { path: '/v3', status: 200, follow: false, weight: 1.5 },
    });
    expect(plan.probes[1]?.name).to.equal('tcp-kubernetes');
    expect(plan.watchers).to.deep.equal(['nodes']);
    expect(plan.limits).to.deep.equal({
      maxTargets: 1,
      maxShare: 0.25,
      protectedNamespaces: [],
      protectedNodes: [],
      maxUnseen: 0.02,
      maxDuration: { ms: 1_800_000 },
    });
    expect(plan.baseline).to.deep.equal({ ms: 2000 });
    expect(plan).to.not.have.property('calibration');
    expect(plan.guards).to.deep.equal([{ name: 'guard-web', probe: 'web', downFor: { ms: 60_000 } }]);
    expect(plan.objectives.map(({ name }) => name)).to.deep.equal([
      'availability-web',
      'recovery-time-cut',
      'recovery-time',
      'conformance-before',
    ]);
    expect(plan.objectives[0]?.parameters['minimum']).to.equal(0.999);
    expect(plan.objectives[1]?.parameters['maximum']).to.deep.equal({ timesPredicted: 1.5 });
  });

  it('takes the defaults of a calibration that is asked for', () => {
    const { calibration } = load(`${HEAD}method: [{wait: 1s}]\ncalibration: {upTo: 8}\n`);
    expect(calibration).to.deep.equal({ upTo: 8, answers: 60 });
  });

  it('reads every kind of step and names it', () => {
    const { method } = load(GOOD_PLAN);
    expect(method.map(({ name }) => name)).to.deep.equal([
      'fault-1',
      'wait-1',
      'wait-2',
      'suites-1',
      'parallel-1',
      'repeat-2',
      'repeat-3',
    ]);
    expect(method[0]).to.deep.include({
      mode: { kind: 'one' },
      duration: { ms: 0 },
      parameters: { gracePeriod: { ms: 0 } },
    });
    expect(method[1]).to.deep.include({ wait: { for: 'recovered', ceiling: { ms: 600_000 } } });
    expect(method[2]).to.deep.include({ wait: { for: 'duration', duration: { ms: 2000 } } });
    const parallel = method[4];
    if (parallel?.kind !== 'parallel') throw new Error('Not the parallel step.');
    expect(parallel.steps[0]).to.deep.include({
      name: 'cut',
      from: { role: 'compute' },
      mode: { kind: 'fixed', value: 2 },
      duration: { ms: 6000 },
      parameters: { direction: 'both', ports: ['6443', '2379'] },
    });
    const branch = parallel.steps[1];
    if (branch?.kind !== 'repeat') throw new Error('A list in a parallel step is one round of its steps.');
    expect(branch.times).to.equal(1);
    expect(branch.steps[1]).to.deep.include({
      mode: { kind: 'percent', value: 0.5 },
      duration: { ms: 90_000 },
    });
    expect(method[5]).to.deep.include({ times: 3 });
    // Rounds start at 0, 10, ... 60 s.
    expect(method[6]).to.deep.include({ times: 7, every: { ms: 10_000 } });
  });

  it('freezes the plan, down to its parameters', () => {
    const plan = load(GOOD_PLAN);
    expect(plan).to.be.frozen;
    expect(plan.probes[0]?.parameters).to.be.frozen;
  });

  it('takes every watcher when the plan names none', () => {
    expect(load(step('wait: 1s')).watchers).to.deep.equal(['nodes', 'leaders']);
  });

  it('takes the description where no comment opens the file', () => {
    const described = step('wait: 1s').replace('name: x', 'name: x\n  description: Learns.');
    expect(load(described).learns).to.equal('Learns.');
  });

  it('leaves marks for editors out of what the plan learns', () => {
    const marked = `# yaml-language-server: $schema=x.json\n# Learns.\n${step('wait: 1s')}`;
    expect(load(marked).learns).to.equal('Learns.');
  });

  it('shares parts by anchors', () => {
    const plan = load(`${HEAD}method:\n  - &f {fault: pod-delete, selector: {role: api}}\n  - *f\n`);
    expect(plan.method.map(({ name }) => name)).to.deep.equal(['fault-1', 'fault-2']);
  });
});

describe('mistakes of a plan', () => {
  const rows: readonly { title: string; text: string; says: readonly string[] }[] = [
    {
      title: 'a duration in words',
      text: step('fault: node-power-off\nselector: {role: control}\nduration: 5 minutes'),
      says: ['plan.yaml:8:15 method[0].duration: "5 minutes" is not a duration such as 30s or 5m30s'],
    },
    {
      title: 'a duration without a unit',
      text: step('wait: 30'),
      says: ['plan.yaml:6:11 method[0].wait: 30 is neither `recovered` nor a duration such as 30s or 5m30s'],
    },
    {
      title: 'an unknown fault',
      text: step('fault: pod-delet\nselector: {role: api}'),
      says: ['plan.yaml:6:12 method[0].fault: "pod-delet" is not a known fault; did you mean "pod-delete"?'],
    },
    {
      title: 'an unknown key, at the key',
      text: step('fault: pod-delete\nselector: {role: api}\ngracePeriode: 5s'),
      says: ['plan.yaml:8:5 method[0].gracePeriode: is not a known key; did you mean "gracePeriod"?'],
    },
    {
      title: 'an unknown key at the top and deep inside',
      text: `${HEAD}probs: []\nconformance:\n  during: {tag: [smoke]}\nmethod: [{wait: 1s}]\n`,
      says: [
        'plan.yaml:5:1 probs: is not a known key; did you mean "probes"?',
        'plan.yaml:7:12 conformance.during.tag: is not a known key; did you mean "tags"?',
      ],
    },
    {
      title: 'a fault that lasts, without a duration',
      text: step('fault: node-power-off\nselector: {role: control}'),
      says: ['plan.yaml:6:5 method[0].duration: is required'],
    },
    {
      title: 'a duration for a fault that does not last',
      text: step('fault: pod-delete\nselector: {role: api}\nduration: 5s'),
      says: [
        'plan.yaml:8:5 method[0].duration: has no place here: pod-delete is over in a moment and is not held',
      ],
    },
    {
      title: '`from` for a fault that has one side',
      text: step('fault: pod-delete\nselector: {role: api}\nfrom: {role: compute}'),
      says: ['plan.yaml:8:5 method[0].from: has no place here: pod-delete does not act between two groups'],
    },
    {
      title: 'a selector that names nothing',
      text: step('fault: pod-delete\nselector: {}'),
      says: [
        'plan.yaml:7:15 method[0].selector: names nothing, which would be everything; give a role, a service, a workload or a node',
      ],
    },
    {
      title: 'no selector',
      text: step('fault: pod-delete'),
      says: ['plan.yaml:6:5 method[0].selector: is required'],
    },
    {
      title: 'a value without a mode that takes one',
      text: step('fault: pod-delete\nselector: {role: api}\nvalue: 2'),
      says: ['plan.yaml:8:5 method[0].value: has no place beside mode one; it belongs to fixed and percent'],
    },
    {
      title: 'mode fixed without a value, and percent with one above 100%',
      text:
        step('fault: pod-delete\nselector: {role: api}\nmode: fixed\n').trimEnd() +
        '\n  - {fault: pod-delete, selector: {role: api}, mode: percent, value: 150%}\n',
      says: [
        'plan.yaml:6:5 method[0].value: is required by mode fixed',
        'plan.yaml:9:70 method[1].value: "150%" is not a percentage such as 50%, from more than 0% to 100%',
      ],
    },
    {
      title: 'an unknown mode',
      text: step('fault: pod-delete\nselector: {role: api}\nmode: onne'),
      says: ['plan.yaml:8:11 method[0].mode: "onne" is not one of its values; did you mean "one"?'],
    },
    {
      title: 'a percentage without its sign, and one below the least',
      text:
        step('fault: network-loss\nselector: {role: control}\nduration: 5s\nshare: 30') +
        '  - {fault: network-loss, selector: {role: control}, duration: 5s, share: 1%}\n',
      says: [
        'plan.yaml:9:12 method[0].share: 30 is not a percentage such as 99.9%',
        'plan.yaml:10:75 method[1].share: 1% is less than 5%',
      ],
    },
    {
      title: 'a ceiling without `recovered`',
      text: step('wait: 5s\nceiling: 60s'),
      says: ['plan.yaml:7:5 method[0].ceiling: has a place only beside `wait: recovered`'],
    },
    {
      title: 'a step that is nothing, several things, or not a mapping',
      text: `${HEAD}method:\n  - falt: pod-delete\n  - {wait: 1s, suites: {}}\n  - recovered\n`,
      says: [
        'plan.yaml:6:5 method[0]: is not a step: it needs one of fault, wait, suites, parallel, repeat; did you mean "fault"?',
        'plan.yaml:7:5 method[1]: names wait and suites, and a step does one thing',
        'plan.yaml:8:5 method[2]: "recovered" is not a step: it needs one of fault, wait, suites, parallel, repeat',
      ],
    },
    {
      title: 'repeats that do not say how often',
      text: `${HEAD}method:\n  - repeat: {steps: [{wait: 1s}]}\n  - repeat: {for: 5s, steps: [{wait: 1s}]}\n  - repeat: {times: 2, for: 5s, every: 1s, steps: [{wait: 1s}]}\n`,
      says: [
        'plan.yaml:6:13 method[0].repeat: needs `times`, or `for` with `every`',
        'plan.yaml:7:14 method[1].repeat.for: needs `every`: rounds are started at 0, every, 2 x every...',
        'plan.yaml:8:13 method[2].repeat: has both `times` and `for`; one decides',
      ],
    },
    {
      title: 'an unknown probe, objective and watcher',
      text: `${HEAD}method: [{wait: 1s}]\nprobes: [{probe: htp, endpoint: k}]\nobjectives: [{objective: availabilty}]\nwatchers: [node]\n`,
      says: [
        'plan.yaml:6:18 probes[0].probe: "htp" is not a known probe; did you mean "http"?',
        'plan.yaml:7:26 objectives[0].objective: "availabilty" is not a known objective; did you mean "availability"?',
        'plan.yaml:8:12 watchers[0]: "node" is not a known watcher; did you mean "nodes"?',
      ],
    },
    {
      title: 'wrong types of parameters',
      text: `${HEAD}method: [{wait: 1s}]\nprobes:\n  - {probe: http, endpoint: k, status: 99, follow: yes, weight: 3, path: 7}\n`,
      says: [
        'plan.yaml:7:40 probes[0].status: 99 is less than 100',
        'plan.yaml:7:52 probes[0].follow: "yes" is not true or false',
        'plan.yaml:7:65 probes[0].weight: 3 is more than 2',
        'plan.yaml:7:74 probes[0].path: 7 is not text; put it in quotes',
      ],
    },
    {
      title: 'a limit that is none',
      text: `${HEAD}method: [{wait: 1s}]\nobjectives:\n  - {objective: recovery-time, maximum: twice predicted}\n`,
      says: [
        'plan.yaml:7:41 objectives[0].maximum: "twice predicted" is not a limit such as 30s or 1.5 x predicted',
      ],
    },
    {
      title: 'a grep that is no regular expression',
      text: `${HEAD}conformance: {after: {grep: "("}}\nmethod: [{wait: 1s}]\n`,
      says: ['plan.yaml:5:29 conformance.after.grep: "(" is not a regular expression'],
    },
    {
      title: 'a key with nothing behind it',
      text: `${HEAD}conformance:\n  before:\nmethod: [{wait: 1s}]\n`,
      says: ['plan.yaml:6:3 conformance.before: null is not a mapping'],
    },
    {
      title: 'no method',
      text: HEAD,
      says: ['plan.yaml:1:1 method: is required'],
    },
    {
      title: 'an empty method',
      text: `${HEAD}method: []\n`,
      says: ['plan.yaml:5:9 method: needs at least 1'],
    },
    {
      title: 'a key given twice, at the second one',
      text: `${HEAD}baseline: 1s\nmethod: [{wait: 1s}]\nbaseline: 2s\n`,
      says: ['plan.yaml:7:1 baseline: "baseline" is given twice'],
    },
    {
      title: 'a calibration of too few answers',
      text: `${HEAD}method: [{wait: 1s}]\ncalibration: {answers: 10}\n`,
      says: ['plan.yaml:6:24 calibration.answers: 10 is less than 36'],
    },
    {
      title: 'a key that would change objects',
      text: `${HEAD}method: [{wait: 1s, __proto__: {a: 1}}]\n`,
      says: ['plan.yaml:5:10 method[0]: __proto__ cannot be a key'],
    },
    {
      title: 'an alias without its anchor',
      text: `${HEAD}method:\n  - wait: *gone\n`,
      says: ['plan.yaml:6:11 method[0].wait: *gone names an anchor that is not there'],
    },
  ];
  for (const { title, text, says } of rows) {
    it(`${title}: told with its place`, () => {
      expect(problemsOf(text)).to.deep.equal(says);
    });
  }

  it('are all told at once, in the order of the file', () => {
    const problems = problemsOf(
      GOOD_PLAN.replace('99.9%', '99.9').replace('every: 50ms', 'every: 50').replace('downFor', 'downfor'),
    );
    expect(problems).to.deep.equal([
      'plan.yaml:23:12 probes[0].every: 50 is not a duration such as 30s or 5m30s',
      'plan.yaml:64:14 objectives[0].minimum: 99.9 is not a percentage such as 99.9%',
      'plan.yaml:73:5 guards[0].downFor: is required',
      'plan.yaml:74:5 guards[0].downfor: is not a known key; did you mean "downFor"?',
    ]);
  });

  it('carry file, line, column, path and sentence for programs', () => {
    try {
      load(step('wait: 30'));
      expect.fail('The plan was accepted.');
    } catch (error) {
      expect((error as HarnessError).facts['problems']).to.deep.equal([
        {
          file: 'plan.yaml',
          line: 6,
          column: 11,
          path: 'method[0].wait',
          says: '30 is neither `recovered` nor a duration such as 30s or 5m30s',
        },
      ]);
    }
  });
});
