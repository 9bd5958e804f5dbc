import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import { pipelines } from '../../bench/pipelines/shell-lines.ts';
import { EXIT_MEANINGS } from '../../src/model/exit-code.ts';

const CODES = EXIT_MEANINGS.map(([code]) => code);

describe('pipelines', () => {
  let folder: string;

  /** Stands in for `npx`: writes down how it was called, leaves a summary, and ends as it is told to. */
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'squall-pipelines-'));
    mkdirSync(join(folder, 'squall-reports', 'a-run'), { recursive: true });
    writeFileSync(join(folder, 'squall-reports', 'a-run', 'summary.md'), '## Pass\n');
    const npx = join(folder, 'npx');
    writeFileSync(npx, '#!/bin/sh\nprintf "%s|" "$@" >> called\necho >> called\nexit "${ENDS:-0}"\n');
    chmodSync(npx, 0o755);
  });
  after(() => rmSync(folder, { recursive: true }));

  function call(
    lines: string,
    environment: Readonly<Record<string, string>>,
  ): { code: number; called: string; says: string } {
    rmSync(join(folder, 'called'), { force: true });
    const { status, stdout, stderr } = spawnSync('sh', ['-c', lines], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...environment, PATH: `${folder}:${process.env.PATH ?? ''}` },
    });
    const called = readFileSync(join(folder, 'called'), 'utf8');
    return { code: status ?? -1, called, says: stdout + stderr };
  }

  for (const { system, file, run, always, environment, outcome } of pipelines()) {
    describe(file, () => {
      it('calls the command line with its plan, and keeps every exit code', () => {
        for (const code of CODES) {
          const ended = call(run, { ...environment, ENDS: String(code) });
          expect(ended.code, ended.says).to.equal(code);
          expect(ended.called).to.match(/^--no\|--\|squall\|run\|(gate|nightly|nightly-pods|drill)\|/);
        }
      });

      it('passes on a pass only, and never repeats a run that hurt', () => {
        for (const code of CODES) expect(outcome(code) === 'green', String(code)).to.equal(code === 0);
        for (const code of [1, 4, 5, 70, 130, 143]) expect(outcome(code)).not.to.equal('again');
        expect(outcome(1)).to.equal('red');
        expect(outcome(5)).to.equal('red');
      });

      if (always !== undefined) {
        it('heals afterwards', () => {
          expect(call(always, environment).called).to.equal('--no|--|squall|heal|\n');
        });
      }

      if (system !== 'kubernetes') {
        it('says which commit is tested', () => {
          expect(call(run, environment).called).to.include(
            '--subject|commit=0123456789abcdef0123456789abcdef01234567|',
          );
        });
      }
    });
  }

  it('tells GitHub what each exit code means, and shows the summary', () => {
    const [github] = pipelines();
    if (github === undefined) throw new Error('There is one for GitHub.');
    for (const code of CODES.filter((one) => one !== 0))
      expect(call(github.run, { ...github.environment, ENDS: String(code) }).says).to.match(
        /::(error|warning) title=squall::/,
      );
    expect(readFileSync(join(folder, 'step-summary.md'), 'utf8')).to.match(/^## Pass\n/);
  });
});
