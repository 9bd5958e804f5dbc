import { expect } from 'chai';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { describe, it } from 'mocha';
import type { Analysis } from '../../src/model/analysis.ts';
import type { Evidence } from '../../src/model/evidence.ts';
import { judge } from '../../src/verdict/index.ts';

/*
 * Each folder is a situation: what one run found, and the verdict that it must get. After a change that is meant, write the
 * verdicts anew and read the difference:
 *
 *   SQUALL_RECORD=1 npx mocha --no-config -n import=tsx test/verdict/recorded-runs.test.ts
 *   git diff test/recorded-runs
 */
const FOLDER = 'test/recorded-runs';
const RECORD = process.env['SQUALL_RECORD'] === '1';

/** What the design says of a situation, beside the whole verdict in its folder: nothing re-recorded can change these. */
const DESIGN: Readonly<
  Record<string, readonly [truth: string, verdictClass: string | undefined, exitCode: number]>
> = {
  pass: ['pass', undefined, 0],
  'planted-wrong-answer': ['fail', 'system', 1],
  'planted-outage': ['fail', 'system', 1],
  'planted-leak-cloud': ['fail', 'leak', 1],
  'planted-leak-ours': ['fail', 'leak', 5],
  'leak-ours-swept-in-the-end': ['pass', undefined, 0],
  'starved-prober': ['unknown', 'measuring', 4],
  'no-samples': ['unknown', 'measuring', 4],
  'unverified-injection': ['unknown', 'injection', 4],
  'not-injected': ['unknown', 'injection', 4],
  'failed-heal': ['fail', 'healing', 5],
  'heal-not-verified': ['fail', 'healing', 5],
  'stopped-sigint': ['unknown', 'measuring', 130],
  'stopped-sigterm': ['unknown', 'measuring', 143],
  'stopped-not-healed': ['fail', 'healing', 5],
  'not-steady': ['fail', 'system', 3],
  'case-unknown': ['unknown', 'measuring', 4],
  'case-without-result': ['unknown', 'measuring', 4],
  'limit-inside-the-error': ['unknown', 'measuring', 4],
  'guard-stopped-it': ['fail', 'system', 1],
  'refused-for-its-radius': ['unknown', 'injection', 3],
  'refused-by-the-plan': ['unknown', 'measuring', 2],
  'internal-error': ['unknown', 'measuring', 70],
  'recovery-never-came': ['fail', 'system', 1],
  'outage-and-failed-heal': ['fail', 'healing', 5],
};

const read = (situation: string, file: string): string =>
  readFileSync(`${FOLDER}/${situation}/${file}`, 'utf8');

describe('recorded runs', () => {
  it('are the situations that the design speaks of', () => {
    expect(readdirSync(FOLDER).sort()).to.deep.equal(Object.keys(DESIGN).sort());
  });

  for (const [situation, [truth, verdictClass, exitCode]] of Object.entries(DESIGN)) {
    it(`${situation}: ${truth}, exit code ${exitCode}`, () => {
      const judged = () =>
        judge(
          JSON.parse(read(situation, 'evidence.json')) as Evidence,
          JSON.parse(read(situation, 'analysis.json')) as Analysis,
        );
      const verdict = judged();
      const written = JSON.stringify(verdict);
      if (RECORD) {
        writeFileSync(
          `${FOLDER}/${situation}/expected-verdict.json`,
          `${JSON.stringify(verdict, null, 2)}\n`,
        );
      }
      expect([verdict.truth, verdict.class, verdict.exitCode]).to.deep.equal([truth, verdictClass, exitCode]);
      expect(JSON.parse(written)).to.deep.equal(JSON.parse(read(situation, 'expected-verdict.json')));
      expect(JSON.stringify(judged()), 'judged again').to.equal(written);
    });
  }
});
