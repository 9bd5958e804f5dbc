import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { judgeAim, type Aim, type AimRules } from '../../../src/labs/existing/judge-aim.ts';

describe('labs/existing: what may be acted on', () => {
  const rows: readonly [title: string, aim: Aim, rules: AimRules, kind: string, says?: RegExp][] = [
    ['any context, where nothing is said', { context: 'staging' }, {}, 'free'],
    [
      'what looks like production, by default',
      { context: 'eu-PROD-1' },
      {},
      'refused',
      /the context eu-PROD-1 is protected/,
    ],
    [
      'a server that looks like production',
      { context: 'mine', server: 'api.prod.test' },
      {},
      'refused',
      /context mine/,
    ],
    ['a cloud that looks like production', { cloud: 'production' }, {}, 'refused', /the cloud production/],
    ['what is on the list', { context: 'staging-2', cloud: 'lab' }, { allow: ['staging-*', 'lab'] }, 'free'],
    [
      'what is not on the list',
      { context: 'team-x' },
      { allow: ['staging-*'] },
      'refused',
      /team-x is not among/,
    ],
    [
      'a cloud that is not, beside a context that is',
      { context: 'a', cloud: 'b' },
      { allow: ['a'] },
      'refused',
      /cloud b/,
    ],
    ['an empty list', { context: 'staging' }, { allow: [] }, 'refused', /not among/],
    ['production, also on the list', { context: 'prod' }, { allow: ['*'] }, 'refused', /protected/],
    ['patterns of the user instead of ours', { context: 'prod' }, { protected: ['gold-*'] }, 'free'],
    ['a point in a pattern for a point', { context: 'gold-x' }, { protected: ['gold.x'] }, 'free'],
    [
      'a protected one that has a word',
      { context: 'prod' },
      { words: { prod: 'take it down' } },
      'protected',
    ],
    [
      'two of which one has a word',
      { context: 'prod', cloud: 'live' },
      { words: { prod: 'take it down' } },
      'refused',
    ],
    ['a word for a pattern', { context: 'prod-1' }, { words: { 'prod-*': 'take it down' } }, 'refused'],
  ];
  for (const [title, aim, rules, kind, says] of rows) {
    it(`${kind}: ${title}`, () => {
      const judgement = judgeAim(aim, rules);
      expect(judgement.kind).to.equal(kind);
      if (says !== undefined) expect('says' in judgement ? judgement.says : '').to.match(says);
      if (judgement.kind === 'refused') expect(judgement.remedy).to.match(/`existing\.(allow|words)`/);
    });
  }

  it('wants the words of all that are protected', () => {
    const words = { prod: 'first word', live: 'second word' };
    const judgement = judgeAim({ context: 'prod', cloud: 'live' }, { words });
    expect(judgement.kind === 'protected' && judgement.word).to.equal('first word second word');
  });

  it('never lets anything go by that has prod in its name and no word', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.string(),
        fc.option(fc.array(fc.string()), { nil: undefined }),
        (a, b, allow) => {
          const rules = allow === undefined ? {} : { allow };
          expect(judgeAim({ context: `${a}prod${b}` }, rules).kind).to.equal('refused');
        },
      ),
    );
  });
});
