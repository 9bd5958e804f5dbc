import { createHash } from 'node:crypto';
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { createStateFolder } from '../../src/adapters/system/state-folder.ts';
import { openJournal } from '../../src/custody/open-journal.ts';
import { readJournal } from '../../src/custody/read-open-entries.ts';
import { VirtualClock } from '../chaos/fakes/virtual-clock.ts';
import { entryOf, verification } from './written-entries.ts';

describe('journal files on a disk', () => {
  const clock = new VirtualClock();
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'squall-journal-'));
    file = join(folder, 'journals', 'run-1', 'harness-000.ndjson');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const store = () => createStateFolder(folder);
  const open = () => openJournal(store(), { run: 'run-1', clock, self: { host: 'h', pid: 1, lab: 'l' } });

  it('say their version and the instant in every line', async () => {
    const journal = await open();
    await journal.intend(entryOf('a'));
    const lines = (await readFile(file, 'utf8')).trim().split('\n');
    const [first, second] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(first).to.deep.include({ schemaVersion: 2, seq: 0, previous: '' });
    expect(second).to.deep.include({ schemaVersion: 2, seq: 1, previous: first?.sha256 });
    expect(first?.at).to.have.property('clock', 'virtual');
    await journal.close();
  });

  it('know a line that was torn before its newline, and use one that is whole but for it', async () => {
    const journal = await open();
    await journal.intend(entryOf('a'));
    await appendFile(file, '{"schemaVersion":2,"run":"run-1","se');
    const torn = await readJournal(store(), 'run-1');
    expect(torn.torn).to.deep.equal(['harness-000']);
    expect(torn.troubles).to.deep.equal([]);
    expect(torn.open.map(({ id }) => id)).to.deep.equal(['a']);
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.slice(0, text.lastIndexOf('\n')));
    const unended = await readJournal(store(), 'run-1');
    expect(unended.open.map(({ id }) => id)).to.deep.equal(['a']);
    await journal.close();
  });

  it('are used up to and after a corrupt middle, and that is told', async () => {
    const journal = await open();
    for (const id of ['a', 'b', 'c']) await journal.intend(entryOf(id));
    const lines = (await readFile(file, 'utf8')).split('\n');
    lines[2] = '\0'.repeat(400);
    await writeFile(file, lines.join('\n'));
    const reading = await readJournal(store(), 'run-1');
    expect(reading.open.map(({ id }) => id)).to.deep.equal(['a', 'c']);
    expect(reading.troubles.join()).to.contain('line 3 is damaged').and.to.contain('does not follow');
    await journal.close();
  });

  it('of the version before are read, and of a later one are not taken for nothing', async () => {
    const line = (head: object, seq: number, previous: string, event: object): readonly [string, string] => {
      const body = JSON.stringify({ ...head, run: 'run-1', seq, previous, event });
      const sha256 = createHash('sha256').update(body).digest('hex');
      return [`${body.slice(0, -1)},"sha256":"${sha256}"}\n`, sha256];
    };
    const [one, sha] = line({ version: 1 }, 0, '', {
      kind: 'opened',
      owner: { host: 'h', pid: 1 },
      wall: '',
    });
    const [two, next] = line({ version: 1 }, 1, sha, { kind: 'intend', entry: entryOf('old') });
    await mkdir(join(folder, 'journals', 'run-1'), { recursive: true });
    await writeFile(file, one + two);
    const before = await readJournal(store(), 'run-1');
    expect(before.open.map(({ id }) => id)).to.deep.equal(['old']);
    expect([before.torn, before.troubles]).to.deep.equal([[], []]);
    await appendFile(file, line({ schemaVersion: 3 }, 2, next, { kind: 'other' })[0]);
    expect((await readJournal(store(), 'run-1')).troubles.join()).to.contain('version 3');
  });

  it('are closed by the harness alone, and open again when the run is gone on with', async () => {
    const journal = await open();
    await journal.intend(entryOf('a'));
    const healer = await openJournal(store(), { run: 'run-1', clock, writer: 'heal' });
    await healer.healed('a', verification());
    await healer.close();
    expect(await readJournal(store(), 'run-1')).to.deep.include({ closed: false, open: [] });
    await journal.close();
    expect((await readJournal(store(), 'run-1')).closed).to.equal(true);
    await store().archive('run-1');
    await store().reopen('run-1');
    const again = await open();
    expect((await readJournal(store(), 'run-1')).closed).to.equal(false);
    await again.close();
    expect(await readdir(join(folder, 'journals', 'run-1'))).to.have.length(3);
  });

  it('are of the process that came last, also where the clock of people was set back in between', async () => {
    const begin = (pid: number, wall: string) =>
      openJournal(store(), {
        run: 'run-1',
        clock: { now: () => clock.now(), wall: () => wall },
        self: { host: 'h', pid, birth: `b${pid}` },
      });
    await (await begin(1, '2026-11-22T03:00:00.000Z')).close();
    const second = await begin(2, '2026-11-22T02:00:00.000Z');
    const going = await readJournal(store(), 'run-1');
    expect([going.closed, going.owner?.pid]).to.deep.equal([false, 2]);
    await second.close();
    expect((await readJournal(store(), 'run-1')).closed).to.equal(true);
  });

  it('say of an intent that failed that nothing was injected', async () => {
    const { MemoryStore } = await import('../chaos/fakes/memory-store.ts');
    const memory = new MemoryStore();
    const journal = await openJournal(memory, { run: 'run-1', clock });
    memory.onAppend = (_writer, kind) => {
      if (kind === 'intend') throw new Error('fsync: EIO');
    };
    await journal.intend(entryOf('a')).catch(() => undefined);
    expect(memory.actions.slice(-2)).to.deep.equal(['heal: opened', 'heal: abandoned']);
  });
});
