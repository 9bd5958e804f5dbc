import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { expect } from 'chai';
import { describe, it } from 'mocha';

const FRONT = join('dist', 'cli');

/** What a bundled file imports before its first line runs; what it imports when called for does not count. */
const importsOf = (file: string): readonly string[] =>
  [...readFileSync(join(FRONT, file), 'utf8').matchAll(/\b(?:from|import)\s*"([^"]+)"/g)].map(
    ([, name = '']) => name,
  );

/** Libraries that are loaded before the first word is said. */
function librariesOf(entry: string): readonly string[] {
  const files = [entry];
  const libraries = new Set<string>();
  for (const file of files) {
    for (const name of importsOf(file)) {
      if (name.startsWith('./')) {
        if (!files.includes(name.slice(2))) files.push(name.slice(2));
      } else if (!name.startsWith('.') && !isBuiltin(name)) libraries.add(name);
    }
  }
  return [...libraries];
}

describe('start-up', () => {
  const bundled = readdirSync(FRONT);
  const late = (name: string): readonly string[] => bundled.filter((file) => file.startsWith(`${name}-`));

  it('needs no library for --help and list, whose loading costs more than all else they do', () => {
    const entries = ['squall.mjs', ...late('list'), ...late('registry-entries'), ...late('fault-registry')];
    expect(entries.length).to.be.at.least(4);
    expect(entries.flatMap((entry) => librariesOf(entry).map((name) => `${entry}: ${name}`))).to.deep.equal(
      [],
    );
  });
});
