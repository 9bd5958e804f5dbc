import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { ERROR_CATALOGUE } from '../../src/model/errors.ts';
import { EXIT_MEANINGS } from '../../src/model/exit-code.ts';
import { maskSecrets, Secret } from '../../src/model/secret.ts';
import { trackedFiles } from './tracked-files.ts';

const sources = trackedFiles(/^src\/.*\.tsx?$/).filter((file) => file !== 'src/model/errors.ts');

describe('errors', () => {
  const text = sources.map((file) => readFileSync(file, 'utf8')).join('\n');

  for (const [code, { meaning, remedy, exitCode }] of Object.entries(ERROR_CATALOGUE)) {
    it(`${code} has a meaning, a remedy, a known exit code, and somebody who throws it`, () => {
      expect(meaning, 'meaning').to.match(/^[A-Z].*\.$/);
      expect(remedy, 'remedy').to.match(/^[A-Z].*\.$/);
      expect(EXIT_MEANINGS.map(([known]) => known)).to.include(exitCode);
      expect(text.includes(`'${code}'`), `${code} is thrown nowhere: take it out of the catalogue`).to.equal(
        true,
      );
    });
  }

  it('never prints a secret', () => {
    const secret = new Secret('canary-7f3a');
    expect(
      `${String(secret)} ${JSON.stringify({ secret })} ${inspect({ secret })} ${String([secret])}`,
    ).not.to.include('canary');
    expect(maskSecrets('https://user:canary-7f3a@host', [secret])).to.equal('https://user:***@host');
  });

  it('is told to readers of the README, exit code by exit code', () => {
    const readme = readFileSync('README.md', 'utf8').replace(/ +/g, ' ');
    for (const [code, meaning] of EXIT_MEANINGS) {
      expect(readme, `the README's table lacks exit code ${code}`).to.include(`| ${code} | ${meaning} |`);
    }
  });
});
