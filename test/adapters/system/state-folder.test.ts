import { spawnSync } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { birthOf, isProvablyGone } from '../../../src/adapters/system/process-birth.ts';
import { createStateFolder } from '../../../src/adapters/system/state-folder.ts';
import { HarnessError } from '../../../src/model/errors.ts';
import type { LockHolder, StateStore } from '../../../src/ports/state-store.ts';

const holder = (run: string, pid = process.pid, host = hostname()): LockHolder => ({
  run,
  pid,
  host,
  since: '2026-11-21T00:00:00Z',
});

/** The id of a process that has ended. */
const goneProcess = (): number => spawnSync(process.execPath, ['-e', '0']).pid;

describe('state folder', () => {
  let path: string;
  let store: StateStore;

  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'squall-state-'));
    store = createStateFolder(path);
  });
  afterEach(() => rm(path, { recursive: true, force: true }));

  it('gives each process that writes a journal a file of its own', async () => {
    const first = await store.journal('run', 'harness');
    const second = await store.journal('run', 'harness');
    await first.append('one');
    await second.append('two');
    const journals = await store.readJournals('run');
    expect(journals.map(({ writer, lines }) => [writer, ...lines])).to.deep.equal([
      ['harness-000', 'one'],
      ['harness-001', 'two'],
    ]);
    await Promise.all([first.close(), second.close()]);
  });

  it('keeps a line that was torn apart from the whole ones', async () => {
    const journal = await store.journal('run', 'reaper');
    await journal.append('whole');
    await appendFile(join(path, 'journals', 'run', 'reaper-000.ndjson'), 'torn');
    expect((await store.readJournals('run'))[0]).to.deep.equal({
      writer: 'reaper-000',
      lines: ['whole'],
      tail: 'torn',
    });
    await journal.close();
  });

  it('says in a sentence that it cannot be used, and takes a stop that it cannot read for one', async () => {
    const file = join(path, 'file');
    await writeFile(file, '');
    const unusable = createStateFolder(join(file, 'squall'));
    const order = { by: 'somebody', why: '', since: '' };
    const asked = [
      unusable.runs(),
      unusable.readJournals('run'),
      unusable.stop(order),
      unusable.lock('cloud', holder('run')),
    ];
    for (const answer of await Promise.allSettled(asked)) {
      expect(answer.status === 'rejected' && (answer.reason as unknown))
        .to.be.instanceOf(HarnessError)
        .and.to.include({ code: 'SQ_JOURNAL' });
    }
    expect((await unusable.stopped())?.why).to.match(/cannot be read, which counts as a stop \(ENOTDIR/);
  });

  it('refuses every line after one that failed', async () => {
    const journal = await store.journal('run', 'harness');
    await journal.close();
    const results = await Promise.allSettled([journal.append('one')]);
    results.push(...(await Promise.allSettled([journal.append('two')])));
    expect(results.map(({ status }) => status)).to.deep.equal(['rejected', 'rejected']);
    expect((await store.readJournals('run'))[0]?.lines).to.deep.equal([]);
  });

  it('puts a run away once, whoever asks', async () => {
    await (await store.journal('run', 'harness')).close();
    expect(await store.runs()).to.deep.equal(['run']);
    await Promise.all([store.archive('run'), store.archive('run')]);
    expect(await store.runs()).to.deep.equal([]);
    expect(await readdir(join(path, 'closed'))).to.deep.equal(['run']);
  });

  it('puts away what a healer wrote after the rest was put away, and brings back all of it', async () => {
    const write = async (line: string) => {
      const journal = await store.journal('run', 'heal');
      await journal.append(line);
      await journal.close();
      await store.archive('run');
    };
    await write('first');
    await write('late');
    expect(await store.runs()).to.deep.equal([]);
    await store.reopen('run');
    const journals = await store.readJournals('run');
    expect(journals.map(({ writer, lines }) => [writer, ...lines])).to.deep.equal([
      ['heal-000', 'first'],
      ['heal-001', 'late'],
    ]);
  });

  it('reads a journal that is put away meanwhile whole, or as not there', async () => {
    const place = join(path, 'journals', 'run');
    await mkdir(place, { recursive: true });
    for (let n = 0; n < 40; n++) await writeFile(join(place, `reaper-${n}.ndjson`), 'a line\n');
    for (let n = 0; n < 20; n++) {
      const [, ...read] = await Promise.all([
        store.archive('run'),
        ...Array.from({ length: 3 }, () => store.readJournals('run')),
      ]);
      for (const journals of read) expect(journals.length).to.be.oneOf([0, 40]);
      await store.reopen('run');
    }
  });

  it('gives a lock to one of many', async () => {
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, n) => store.lock('cloud', holder(`run-${n}`))),
    );
    expect(results.filter((other) => other === undefined)).to.have.length(1);
    expect(await readdir(join(path, 'locks'))).to.have.length(1);
  });

  it('takes over the lock of a process that is gone, and only on this host', async () => {
    await store.lock('here', holder('dead', goneProcess()));
    expect(await store.lock('here', holder('mine'))).to.equal(undefined);
    const takers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => store.lock('here', holder(`run-${n}`))),
    );
    expect(takers.every((other) => other?.run === 'mine')).to.equal(true);
    await store.lock('elsewhere', holder('dead', goneProcess(), 'another-host'));
    expect((await store.lock('elsewhere', holder('mine')))?.run).to.equal('dead');
  });

  it('lets one of many take over, and lets go and takes again without end', async () => {
    for (let round = 0; round < 10; round++) {
      await store.lock('cloud', holder('dead', goneProcess()));
      const results = await Promise.all(
        Array.from({ length: 10 }, (_, n) => createStateFolder(path).lock('cloud', holder(`run-${n}`))),
      );
      const winner = results.findIndex((other) => other === undefined);
      expect(results.filter((other) => other === undefined)).to.have.length(1);
      await store.unlock('cloud', `run-${winner}`);
    }
  });

  it('does not take another process for the one that had its number before', async () => {
    const mine = birthOf(process.pid);
    if (mine === undefined) return;
    const parts = mine.split('/');
    const having = (part: number, value: string) =>
      parts.map((old, n) => (n === part ? value : old)).join('/');
    const held = async (identity: string, birth: string, pid = process.pid) => {
      await store.lock(identity, { ...holder('first', pid), birth });
      return (await store.lock(identity, holder('second')))?.run;
    };
    expect(await held('living', mine)).to.equal('first');
    expect(await held('later', having(3, '1'))).to.equal(undefined);
    expect(await held('rebooted', having(1, 'another-boot'))).to.equal(undefined);
    expect(await held('contained', having(2, 'pid:[1]'), goneProcess())).to.equal('first');
    expect(await held('other-machine', having(0, 'there:1'), goneProcess())).to.equal('first');
  });

  it('takes nobody for gone who is there and cannot be looked at, as another user behind hidepid', () => {
    const birth = birthOf(process.pid);
    if (birth === undefined) return;
    expect(isProvablyGone({ host: hostname(), pid: process.pid, birth }, () => undefined)).to.equal(false);
    expect(isProvablyGone({ host: hostname(), pid: goneProcess(), birth }, () => undefined)).to.equal(true);
  });

  it('is unlocked by its holder alone', async () => {
    await store.lock('cloud', holder('one'));
    await store.unlock('cloud', 'two');
    expect((await store.lock('cloud', holder('two')))?.run).to.equal('one');
    await store.unlock('cloud', 'one');
    expect(await store.lock('cloud', holder('two'))).to.equal(undefined);
  });
});
