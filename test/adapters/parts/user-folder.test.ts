import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Part } from '../../../src/adapters/parts/index.ts';
import { HarnessError } from '../../../src/model/errors.ts';
import { emptySource, program, rejectionOf, sha256, toolPart, Workbench } from './workbench.ts';

const part = toolPart('https://127.0.0.1:1');
const HAMMER = program('1.2.3', 'hammer');
const SAW = program('1.2.3', 'saw');

describe('adapters/parts: a folder of the user', () => {
  let bench: Workbench;
  const give = (name: string, text: string | Buffer): void => writeFileSync(join(bench.given, name), text);
  const ensure = (of: Part = part) => bench.ensure(of, [emptySource()], { userFolder: bench.given });
  const sums = (): string => `${sha256(HAMMER)}  hammer\n${sha256(SAW)} *saw\n`;

  beforeEach(() => {
    bench = new Workbench();
    give('hammer', HAMMER);
    give('saw', SAW);
    give('SHA256SUMS', sums());
  });
  afterEach(() => bench.clear());

  it('wins, is checked, and is copied apart from what is downloaded or built', async () => {
    const binaries = await ensure();
    expect(binaries.get('hammer')).to.include({ how: 'folder', sha256: sha256(HAMMER) });
    expect(binaries.get('hammer')?.path).to.match(/-given-[0-9a-f]{8}\/hammer$/);
    expect(bench.cached(part)).to.deep.equal([]);
    expect((await ensure()).get('hammer')?.how).to.equal('cache');
  });

  it('is taken again when its contents change', async () => {
    const before = (await ensure()).get('saw');
    const other = program('1.2.3', 'a better saw');
    give('saw', other);
    give('SHA256SUMS', sums().replace(sha256(SAW), sha256(other)));
    const after = (await ensure()).get('saw');
    expect(after).to.include({ how: 'folder', sha256: sha256(other) });
    expect(after?.path).not.to.equal(before?.path);
  });

  it('may have the sums one by one, or in the lock', async () => {
    writeFileSync(join(bench.given, 'SHA256SUMS'), '');
    give('hammer.sha256', sha256(HAMMER));
    give('saw.sha256sum', `${sha256(SAW)}  saw\n`);
    expect((await ensure()).size).to.equal(2);
    const pinned = toolPart('https://127.0.0.1:1', { hammer: sha256('other') });
    expect((await rejectionOf(ensure(pinned))).message).to.match(/hammer has the sha256 sum/);
  });

  const mistakes: readonly (readonly [string, () => void, RegExp])[] = [
    [
      'a wrong sum',
      () => give('saw', program('1.2.3', 'changed')),
      /saw has the sha256 sum [0-9a-f]{64} instead of/,
    ],
    [
      'no sum',
      () => give('SHA256SUMS', `${sha256(HAMMER)}  hammer\n`),
      /saw has no sha256 sum to check it against/,
    ],
    [
      'another version',
      () => {
        give('saw', program('1.2.4'));
        give('SHA256SUMS', `${sha256(HAMMER)}  hammer\n${sha256(program('1.2.4'))}  saw\n`);
      },
      /saw cannot be used: saw version does not say 1\.2\.3/,
    ],
  ];
  for (const [what, change, message] of mistakes) {
    it(`is refused and not replaced when it has ${what}`, async () => {
      change();
      const source = emptySource();
      const error = await rejectionOf(bench.ensure(part, [source], { userFolder: bench.given }));
      expect(error).to.be.instanceOf(HarnessError);
      expect(error.message).to.match(message);
      expect(source.asked, 'a source was asked all the same').to.equal(0);
    });
  }

  it('is refused when it has only some programs of a part', async () => {
    execFileSync('rm', [join(bench.given, 'saw')]);
    expect((await rejectionOf(ensure())).message).to.match(/only some programs of tool; it lacks saw/);
  });

  it('does not matter for a part that it has nothing of', async () => {
    const other = { ...part, name: 'other', binaries: { drill: { shows: ['version'] } } };
    expect((await rejectionOf(ensure(other))).message).to.match(/drill of other .* it has nothing/);
  });

  it('may hold the archive as it was published', async () => {
    const inside = join(bench.folder, 'out', 'bin');
    mkdirSync(inside, { recursive: true });
    writeFileSync(join(inside, 'hammer'), HAMMER);
    writeFileSync(join(inside, 'saw'), SAW);
    const archive = execFileSync('tar', ['-czf', '-', '-C', join(bench.folder, 'out'), 'bin']);
    give('tool-1.2.3.tar.gz', archive);
    give('tool-1.2.3.tar.gz.sha256sum', `${sha256(archive)}  tool-1.2.3.tar.gz\n`);
    const url = 'https://127.0.0.1:1/tool-{version}.tar.gz';
    const published: Part = { ...part, release: { url, sums: url, member: 'bin/{binary}', pinned: {} } };
    const binaries = await ensure(published);
    expect(readFileSync(binaries.get('saw')?.path ?? '', 'utf8')).to.equal(SAW);
    expect(binaries.get('saw')?.how).to.equal('folder');
  });
});
