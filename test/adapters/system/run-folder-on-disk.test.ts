import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { RunFolderOnDisk } from '../../../src/adapters/system/run-folder-on-disk.ts';
import { HarnessError } from '../../../src/model/errors.ts';

async function codeOf(act: () => Promise<unknown>): Promise<string> {
  try {
    await act();
    return 'nothing was thrown';
  } catch (error) {
    return error instanceof HarnessError ? error.code : String(error);
  }
}

describe('RunFolderOnDisk', () => {
  let path: string;
  let folder: RunFolderOnDisk;

  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'squall-run-folder-'));
    folder = new RunFolderOnDisk(join(path, 'run'));
  });
  afterEach(() => rm(path, { recursive: true, force: true }));

  it('writes equal values as equal bytes, whatever the order of their keys', async () => {
    await folder.write('a.json', { b: 1, a: { d: [2, { f: 1, e: 0 }], c: 3 } });
    await folder.write('deep/er/b.json', { a: { c: 3, d: [2, { e: 0, f: 1 }] }, b: 1 });
    expect(await folder.readText('a.json')).to.equal(await folder.readText('deep/er/b.json'));
    expect(await folder.readJson('a.json')).to.deep.equal({ b: 1, a: { d: [2, { f: 1, e: 0 }], c: 3 } });
  });

  it('leaves a file as it was when it cannot be replaced, and no half of a new one', async () => {
    await folder.write('a.json', { old: true });
    await mkdir(join(path, 'run', 'b'));
    expect(await codeOf(() => folder.write('b', 'text'))).to.equal('SQ_RUN_FOLDER');
    expect((await readdir(join(path, 'run'))).sort()).to.deep.equal(['a.json', 'b']);
  });

  it('keeps the order of lines and leaves out a torn one', async () => {
    for (let n = 0; n < 200; n++) folder.append('sub/lines.ndjson', { n });
    await folder.flush();
    await appendFile(join(path, 'run', 'sub', 'lines.ndjson'), '{"n":2');
    expect(await folder.readLines<{ n: number }>('sub/lines.ndjson')).to.deep.equal(
      Array.from({ length: 200 }, (_, n) => ({ n })),
    );
  });

  it('names the line that is not whole when it is not the last', async () => {
    await mkdir(join(path, 'run'));
    await writeFile(join(path, 'run', 'lines.ndjson'), '{"n":1}\n{"n":\n{"n":3}\n');
    expect(await codeOf(() => folder.readLines('lines.ndjson'))).to.equal('SQ_RUN_UNREADABLE');
  });

  it('tells on flush that a line could not be written', async () => {
    await writeFile(join(path, 'run'), 'a file where the folder should be');
    folder.append('lines.ndjson', { n: 1 });
    expect(await codeOf(() => folder.flush())).to.equal('SQ_RUN_FOLDER');
  });

  it('does not leave the folder', async () => {
    expect(await codeOf(() => folder.write('../outside', 'text'))).to.equal('SQ_INTERNAL');
    expect(await readdir(path)).to.deep.equal([]);
  });

  it('lists names below a prefix, and finds nothing where there is nothing', async () => {
    expect(await folder.list('')).to.deep.equal([]);
    expect(await folder.read('nothing')).to.equal(undefined);
    await folder.write('a/2', 'x');
    await folder.write('a/1', 'x');
    await folder.write('b', 'x');
    expect(await folder.list('a/')).to.deep.equal(['a/1', 'a/2']);
    expect(await readFile(join(folder.path, 'b'), 'utf8')).to.equal('x');
  });
});
