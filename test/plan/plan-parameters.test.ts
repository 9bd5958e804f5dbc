import { expect } from 'chai';
import { describe, it } from 'mocha';
import { GOOD_PLAN } from './catalogue-for-tests.ts';
import { HEAD, load, problemsOf } from './load-for-tests.ts';

describe('parameters of a plan', () => {
  it('take --set in the type of their default', () => {
    const plan = load(GOOD_PLAN, { rounds: '5', hold: '7s' });
    expect(plan.parameters).to.deep.equal({ hold: '7s', rounds: '5' });
    expect(plan.method[5]).to.deep.include({ times: 5 });
  });

  const rows: readonly {
    title: string;
    text: string;
    set?: Record<string, string>;
    says: readonly string[];
  }[] = [
    {
      title: 'an unknown --set is told with what was meant',
      text: GOOD_PLAN,
      set: { round: '5' },
      says: [
        'plan.yaml:11:3 parameters: --set round: is not a parameter of this plan; did you mean "rounds"?',
      ],
    },
    {
      title: 'a --set that does not fit is told at the place of use',
      text: GOOD_PLAN,
      set: { rounds: 'many' },
      says: ['plan.yaml:50:14 method[5].repeat.times: "many" is not a whole number'],
    },
    {
      title: 'an unknown reference',
      text: `${HEAD}parameters: {hold: 5s}\nmethod:\n  - wait: \${hould}\n`,
      says: ['plan.yaml:7:11 method[0].wait: ${hould} is not a parameter of this plan; did you mean "hold"?'],
    },
    {
      title: 'a reference inside a parameter',
      text: `${HEAD}parameters: {a: 5s, b: "\${a}"}\nmethod:\n  - wait: 5s\n`,
      says: ['plan.yaml:5:24 parameters.b: refers to a parameter, which only the rest of the plan may do'],
    },
    {
      title: 'a default that is a list',
      text: `${HEAD}parameters: {a: []}\nmethod:\n  - wait: 5s\n`,
      says: [
        'plan.yaml:5:17 parameters.a: a list is not a default: it must be text, a number, true or false',
      ],
    },
  ];
  for (const { title, text, set, says } of rows) {
    it(title, () => {
      const problems = problemsOf(text, set);
      expect(problems).to.deep.equal(says);
    });
  }

  it('do not fill the memory by being used often', () => {
    const uses = '${a}'.repeat(4_000);
    const problems = problemsOf(`${HEAD}parameters: {a: ${'x'.repeat(900)}}\nmethod:\n  - wait: ${uses}\n`);
    expect(problems.join()).to.contain('the parameters come to more than 100000 characters');
  });
});
