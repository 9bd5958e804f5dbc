import { expect } from 'chai';
import { describe, it } from 'mocha';
import { loadPlan } from '../../src/plan/index.ts';
import { catalogueForTests } from './catalogue-for-tests.ts';

const HEAD = 'apiVersion: squall.dev/v1alpha1\nkind: ChaosPlan\nmetadata:\n  name: x\n';

function problemsOf(body: string): readonly string[] {
  try {
    loadPlan(HEAD + body, { file: 'p', catalogue: catalogueForTests });
    return [];
  } catch (error) {
    return (error as Error).message.split('\n');
  }
}

const CUT = 'fault: node-power-off, duration: 5s';

describe('rules across the parts of a plan', () => {
  const rows: readonly { title: string; text: string; says: readonly string[] }[] = [
    {
      title: 'names of steps are unique, those by default among them',
      text: 'method:\n  - {wait: 1s, name: a}\n  - {wait: 1s, name: wait-3}\n  - parallel: [{wait: 1s, name: a}]\n  - {wait: 1s, name: a}\n  - repeat: {times: 2, steps: [{wait: 1s, name: b}]}\n',
      says: [
        'p:8:33 method[2].parallel[0].name: "a" is the name of an earlier one already',
        'p:9:22 method[3].name: "a" is the name of an earlier one already',
      ],
    },
    {
      title: 'a default name that was given to another step is told',
      text: 'method:\n  - {wait: 1s, name: wait-2}\n  - wait: 1s\n',
      says: ['p:7:5 method[1].name: "wait-2" is the name of an earlier one already'],
    },
    {
      title: 'names of probes, objectives and guards are unique',
      text: 'method: [{wait: 1s}]\nprobes: [{probe: tcp, endpoint: k}, {probe: tcp, endpoint: k}]\nobjectives: [{objective: nothing-leaked}, {objective: nothing-leaked}]\nguards: [{probe: tcp-k, downFor: 1s}, {probe: tcp-k, downFor: 2s}]\n',
      says: [
        'p:6:37 probes[1].name: "tcp-k" is the name of an earlier one already',
        'p:7:43 objectives[1].name: "nothing-leaked" is the name of an earlier one already',
        'p:8:39 guards[1].name: "guard-tcp-k" is the name of an earlier one already',
      ],
    },
    {
      title: 'a guard and an objective that name an unknown probe',
      text: 'method: [{wait: 1s}]\nprobes: [{name: web, probe: tcp, endpoint: k}]\nobjectives: [{objective: availability, minimum: 99%, probe: wep}]\nguards: [{probe: webb, downFor: 1s}]\n',
      says: [
        'p:7:61 objectives[0].probe: "wep" is not a probe of this plan; did you mean "web"?',
        'p:8:18 guards[0].probe: "webb" is not a probe of this plan; did you mean "web"?',
      ],
    },
    {
      title: 'a probe with a mistake of its own is known all the same',
      text: 'method: [{wait: 1s}]\nprobes: [{name: web, probe: tcp}]\nguards: [{probe: web, downFor: 1s}]\n',
      says: ['p:6:10 probes[0].endpoint: is required'],
    },
    {
      title: 'an objective that names an unknown step, or a stage that is not run',
      text: 'method: [{wait: 1s, name: rest}]\nobjectives:\n  - {objective: recovery-time, maximum: 1s, step: rust}\n  - {objective: conformance, stage: after}\n',
      says: [
        'p:7:51 objectives[0].step: "rust" is not a step of this plan; did you mean "rest"?',
        'p:8:37 objectives[1].stage: conformance.after is not in this plan, so there would be nothing to judge',
      ],
    },
    {
      title: 'an objective on probes without probes',
      text: 'method: [{wait: 1s}]\nobjectives: [{objective: availability, minimum: 99%}]\n',
      says: ['p:6:26 objectives[0].objective: the plan has no probes, so there would be nothing to judge'],
    },
    {
      title: 'a guard that is faster than its probe',
      text: 'method: [{wait: 1s}]\nprobes: [{name: web, probe: tcp, endpoint: k, every: 2s}]\nguards: [{probe: web, downFor: 1s}]\n',
      says: ["p:7:32 guards[0].downFor: 1s is shorter than the probe's own period of 2s"],
    },
    {
      title: 'two faults on one target side by side',
      text: `method:\n  - parallel:\n      - {${CUT}, selector: {node: a}}\n      - [{wait: 1s}, {${CUT}, selector: {node: a}}]\n`,
      says: [
        'p:8:70 method[0].parallel[1][1].selector: is a second fault on the target of fault-1, at the same time',
      ],
    },
    {
      title: 'two faults side by side that take all of a role',
      text: `method:\n  - parallel:\n      - {${CUT}, selector: {role: compute}}\n      - {${CUT}, selector: {role: compute}, mode: all}\n`,
      says: [
        'p:8:57 method[0].parallel[1].selector: is a second fault on the target of fault-1, at the same time',
      ],
    },
    {
      title: 'two faults on one target one after the other are fine',
      text: `method:\n  - parallel:\n      - - {${CUT}, selector: {node: a}}\n        - {${CUT}, selector: {node: a}}\n`,
      says: [],
    },
    {
      title: 'repeats inside repeats that come to millions',
      text: 'method:\n  - repeat: {times: 1000, steps: [{repeat: {times: 1000, steps: [{wait: 0s}]}}]}\n',
      says: ['p:5:1 method: comes to 1001001 steps with its repeats, and 10000 are the most'],
    },
    {
      title: 'a method that cannot end in its time',
      text: `method:\n  - repeat: {times: 3, every: 20m, steps: [{wait: 1m}]}\n`,
      says: ['p:5:1 method: takes 41m at least, and limits.maxDuration is 30m'],
    },
  ];
  for (const { title, text, says } of rows) it(title, () => expect(problemsOf(text)).to.deep.equal(says));
});
