import { createHash } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { healRuns } from '../../src/custody/heal-runs.ts';
import { openJournal } from '../../src/custody/open-journal.ts';
import { mergeJournals, readJournal, readOpenEntries } from '../../src/custody/read-open-entries.ts';
import { HarnessError } from '../../src/model/errors.ts';
import type { HealingEntry } from '../../src/model/injection.ts';
import { MemoryStore } from '../chaos/fakes/memory-store.ts';
import { VirtualClock } from '../chaos/fakes/virtual-clock.ts';
import { entryOf, verification } from './written-entries.ts';

const clock = new VirtualClock();
const never = new AbortController().signal;
const open = (store: MemoryStore, run = 'run-1') =>
  openJournal(store, { run, clock, self: { host: 'here', pid: 1 } });
const ids = async (store: MemoryStore, run = 'run-1') =>
  (await readOpenEntries(store, run)).map(({ id }) => id);

async function refused(act: Promise<unknown>): Promise<HarnessError> {
  const error = await act.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).to.be.instanceOf(HarnessError);
  return error as HarnessError;
}

describe('the healing journal', () => {
  it('registers the run first, and is read back as it was written', async () => {
    const store = new MemoryStore();
    const journal = await open(store);
    expect(store.actions).to.deep.equal(['harness: opened']);
    await journal.intend(entryOf('a'));
    await journal.intend(entryOf('b'));
    await journal.healed('a', verification());
    await journal.healed('b', verification(false));
    const reading = await readJournal(store, 'run-1');
    expect(reading.open).to.deep.equal([entryOf('b')]);
    expect(journal.open()).to.deep.equal([entryOf('b')]);
    expect(reading).to.deep.include({
      closed: false,
      torn: [],
      troubles: [],
      owner: { host: 'here', pid: 1 },
    });
  });

  it('keeps its chain when parallel faults write at once', async () => {
    const store = new MemoryStore();
    const journal = await open(store);
    await Promise.all(['a', 'b', 'c'].map((id) => journal.intend(entryOf(id))));
    await Promise.all(['a', 'b', 'c'].map((id) => journal.verified(id, verification())));
    expect((await readJournal(store, 'run-1')).troubles).to.deep.equal([]);
  });

  it('forbids every intent after a line that failed, also when the disk is well again, and never tries that file again', async () => {
    const store = new MemoryStore();
    const journal = await open(store);
    await journal.intend(entryOf('a'));
    let tries = 0;
    store.onAppend = (_writer, kind, file) => {
      if (file !== 'harness-000') return;
      tries += 1;
      if (kind === 'intend') throw new Error('fsync: EIO');
    };
    expect((await refused(journal.intend(entryOf('b')))).code).to.equal('SQ_JOURNAL');
    store.onAppend = (_writer, _kind, file) => {
      if (file === 'harness-000') tries += 1;
    };
    expect((await refused(journal.intend(entryOf('c')))).message).to.contain('fsync: EIO');
    expect(tries).to.equal(1);
    await journal.healed('a', verification());
    expect(store.actions.at(-1)).to.equal('heal: healed');
    expect(await ids(store)).to.deep.equal([]);
    expect(tries).to.equal(1);
  });

  it('closes an entry that any writer closed', async () => {
    const store = new MemoryStore();
    const journal = await open(store);
    await journal.intend(entryOf('a'));
    const reaper = await openJournal(store, { run: 'run-1', clock, writer: 'reaper' });
    await reaper.healed('a', verification());
    expect(await ids(store)).to.deep.equal([]);
  });

  const lines = async (): Promise<{ store: MemoryStore; file: string[] }> => {
    const store = new MemoryStore();
    const journal = await open(store);
    await journal.intend(entryOf('a'));
    await journal.intend(entryOf('b'));
    await journal.healed('a', verification());
    return { store, file: store.files.get('run-1')?.get('harness-000') ?? [] };
  };

  it('knows a torn tail, and goes by the whole lines', async () => {
    const { store, file } = await lines();
    const tail = (file.pop() ?? '').slice(0, 90);
    const [journal] = await store.readJournals('run-1');
    const reading = mergeJournals([{ writer: 'harness-000', lines: journal?.lines ?? [], tail }]);
    expect(reading.torn).to.deep.equal(['harness-000']);
    expect(reading.troubles).to.deep.equal([]);
    expect(reading.open.map(({ id }) => id)).to.deep.equal(['a', 'b']);
  });

  it('calls a last line damaged that was written to its end, for something may have been done on its word', async () => {
    const { store, file } = await lines();
    file.pop();
    file[2] = (file[2] ?? '').replace('"id":"b"', '"id":"x"');
    const reading = await readJournal(store, 'run-1');
    expect(reading.torn).to.deep.equal([]);
    expect(reading.troubles.join()).to.contain('line 3 is damaged');
  });

  it('tells lines that were put in another order, lost or changed', async () => {
    const swapped = await lines();
    swapped.file.splice(1, 2, swapped.file[2] ?? '', swapped.file[1] ?? '');
    expect((await readJournal(swapped.store, 'run-1')).troubles.join()).to.contain('out of order');
    expect(await ids(swapped.store)).to.deep.equal(['b']);
    const lost = await lines();
    lost.file.splice(2, 1);
    expect((await readJournal(lost.store, 'run-1')).troubles).to.have.length(1);
    const changed = await lines();
    changed.file[2] = (changed.file[2] ?? '').replace('"id":"b"', '"id":"x"');
    expect((await readJournal(changed.store, 'run-1')).troubles.join()).to.contain('line 3 is damaged');
  });

  it('never calls less open than there is, wherever the file is cut or damaged', async () => {
    const whole = await lines();
    await fc.assert(
      fc.asyncProperty(fc.nat(3), fc.nat(400), fc.constantFrom('cut', 'flip'), async (line, at, how) => {
        const { store, file } = await lines();
        const text = file[line] ?? '';
        const place = at % text.length;
        if (how === 'cut') file.splice(line, file.length, text.slice(0, place));
        else file[line] = `${text.slice(0, place)}${text[place] === 'x' ? 'y' : 'x'}${text.slice(place + 1)}`;
        const { open: left, torn, troubles } = await readJournal(store, 'run-1');
        const intended = file.filter((kept) => whole.file.includes(kept) && kept.includes('"intend"')).length;
        const closed = file.some((kept) => whole.file[3] === kept) ? 1 : 0;
        expect(left.length).to.be.at.least(intended - closed);
        expect(torn.length + troubles.length).to.be.at.least(1);
      }),
      { numRuns: 500, seed: 3 },
    );
  });
});

describe('healRuns', () => {
  const self = { host: 'here', pid: 9 };

  async function interrupted(...entries: string[]): Promise<MemoryStore> {
    const store = new MemoryStore();
    const journal = await open(store);
    for (const id of entries) await journal.intend(entryOf(id));
    return store;
  }

  it('heals newest first, closes, and puts the run away', async () => {
    const store = await interrupted('a', 'b');
    const order: string[] = [];
    const heal = async ({ id }: HealingEntry) => {
      order.push(id);
      return verification();
    };
    const [run] = await healRuns({ store, clock, heal, self }, never);
    expect(order).to.deep.equal(['b', 'a']);
    expect(run).to.include({ run: 'run-1', ok: true });
    expect(store.archived).to.deep.equal(['run-1']);
    expect(store.locks.size).to.equal(0);
    expect(await healRuns({ store, clock, heal, self }, never)).to.deep.equal([]);
  });

  it('lets two at a time take turns, so that each fault is healed once', async () => {
    const store = await interrupted('a', 'b');
    let now = 0;
    let most = 0;
    let healed = 0;
    const heal = async () => {
      most = Math.max(most, ++now);
      await clock.sleep({ ms: 500 });
      now -= 1;
      healed += 1;
      return verification();
    };
    const runs = ['run-1'];
    const results = await Promise.all(
      [1, 2].map((pid) => healRuns({ store, clock, heal, runs, self: { host: 'here', pid } }, never)),
    );
    expect(results.flat().every(({ ok }) => ok)).to.equal(true);
    expect([most, healed]).to.deep.equal([1, 2]);
  });

  it('keeps a run open whose fault could not be healed, and heals it the next time', async () => {
    const store = await interrupted('a');
    const [first] = await healRuns({ store, clock, heal: async () => verification(false), self }, never);
    expect(first?.ok).to.equal(false);
    expect(store.archived).to.deep.equal([]);
    expect(await ids(store)).to.deep.equal(['a']);
    const [second] = await healRuns({ store, clock, heal: async () => verification(), self }, never);
    expect(second?.ok).to.equal(true);
    expect(store.archived).to.deep.equal(['run-1']);
  });

  it('heals although nothing can be written, and says so', async () => {
    const store = await interrupted('a');
    let healed = 0;
    store.onAppend = () => {
      throw new Error('ENOSPC');
    };
    const heal = async () => {
      healed += 1;
      return verification();
    };
    const [run] = await healRuns({ store, clock, heal, self }, never);
    expect(healed).to.equal(1);
    expect(run?.troubles.join()).to.contain('ENOSPC');
  });

  it('heals the runs that follow although the disk is full by the time that one is closed', async () => {
    const store = await interrupted('a');
    const second = await open(store, 'run-2');
    await second.intend(entryOf('b', { run: 'run-2' }));
    store.onAppend = (writer, kind) => {
      if (writer === 'heal' && kind === 'closed') throw new Error('ENOSPC');
    };
    const runs = await healRuns({ store, clock, heal: async () => verification(), self }, never);
    expect(runs.map(({ run, ok }) => [run, ok])).to.deep.equal([
      ['run-1', true],
      ['run-2', true],
    ]);
    expect(runs[0]?.troubles.join()).to.contain('ENOSPC');
  });

  it('heals the runs that follow one whose journal cannot be read, which is not healed then', async () => {
    const store = await interrupted('a');
    const second = await open(store, 'run-2');
    await second.intend(entryOf('b', { run: 'run-2' }));
    const { readJournals } = store;
    store.readJournals = async (run) => {
      if (run === 'run-1') throw new Error('EACCES: permission denied');
      return readJournals(run);
    };
    const runs = await healRuns({ store, clock, heal: async () => verification(), self }, never);
    expect(runs.map(({ run, ok, damaged }) => [run, ok, damaged])).to.deep.equal([
      ['run-1', false, true],
      ['run-2', true, false],
    ]);
    expect(runs[0]?.troubles.join()).to.contain('EACCES');
    expect(store.archived).to.deep.equal(['run-2']);
  });

  it('leaves a journal in its place that holds lines of a later Squall, for that one to heal', async () => {
    const store = await interrupted();
    const file = store.files.get('run-1')?.get('harness-000') ?? [];
    const body = JSON.stringify({ schemaVersion: 3, run: 'run-1', seq: 1, previous: '', event: {} });
    const sha256 = createHash('sha256').update(body).digest('hex');
    file.push(`${body.slice(0, -1)},"sha256":"${sha256}"}`);
    const [run] = await healRuns({ store, clock, heal: async () => verification(), self }, never);
    expect(run?.ok).to.equal(false);
    expect(store.archived).to.deep.equal([]);
  });

  it('leaves the journal of a harness that still lives in its place', async () => {
    const store = await interrupted('a');
    await healRuns({ store, clock, heal: async () => verification(), self, alive: () => true }, never);
    expect(store.archived).to.deep.equal([]);
    expect(await ids(store)).to.deep.equal([]);
  });
});
