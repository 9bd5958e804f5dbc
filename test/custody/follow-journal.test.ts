import { expect } from 'chai';
import { describe, it } from 'mocha';
import { followJournal, type ReaperWatch } from '../../src/custody/follow-journal.ts';
import { openJournal } from '../../src/custody/open-journal.ts';
import { readJournal } from '../../src/custody/read-open-entries.ts';
import type { HealingEntry } from '../../src/model/injection.ts';
import { MemoryStore } from '../chaos/fakes/memory-store.ts';
import { VirtualClock } from '../chaos/fakes/virtual-clock.ts';
import { entryOf } from './written-entries.ts';

const never = new AbortController().signal;

async function stage() {
  const clock = new VirtualClock();
  const store = new MemoryStore();
  const journal = await openJournal(store, { run: 'run-1', clock });
  const healed: string[] = [];
  const state = { alive: true, fails: 0 };
  const watch: ReaperWatch = {
    store,
    run: 'run-1',
    clock,
    harnessAlive: () => state.alive,
    heal: async ({ id }) => {
      healed.push(`${id} at ${Math.round(clock.now().ns / 1e9)}`);
      const ok = state.fails-- <= 0;
      return { ok, says: ok ? 'It answers.' : 'It is silent.', at: clock.now(), differences: [] };
    },
  };
  const entry = (id: string, expiryHolder: HealingEntry['expiryHolder'], afterMs: number): HealingEntry =>
    entryOf(id, {
      duration: { ms: afterMs },
      expiryHolder,
      expires: { clock: clock.id, ns: clock.now().ns + afterMs * 1e6 },
      before: {},
    });
  return { clock, store, journal, healed, state, watch, entry };
}

describe('followJournal', () => {
  it('ends what the reaper holds at its declared end, also while the harness hangs', async () => {
    const { journal, watch, entry, healed, state, store, clock } = await stage();
    await journal.intend(entry('mine', 'reaper', 10_000));
    await journal.intend(entry('of-the-target', 'target', 1000));
    clock.after(20_000, () => {
      state.alive = false;
    });
    expect(await followJournal(watch, never)).to.equal('harness-gone');
    expect(healed[0]).to.equal('mine at 11');
    expect(healed).to.have.length(2);
    expect((await readJournal(store, 'run-1')).open).to.deep.equal([]);
  });

  it('does not touch what the harness healed in time, and leaves when the run is closed', async () => {
    const { journal, watch, entry, healed, clock } = await stage();
    await journal.intend(entry('a', 'reaper', 10_000));
    clock.after(
      5000,
      () => void journal.healed('a', { ok: true, says: '', at: clock.now(), differences: [] }),
    );
    clock.after(30_000, () => void journal.close());
    expect(await followJournal(watch, never)).to.equal('run-closed');
    expect(healed).to.deep.equal([]);
    expect(clock.now().ns / 1e9).to.be.within(30, 32);
  });

  it('leaves when the journal was put away', async () => {
    const { watch, clock, store } = await stage();
    clock.after(3000, () => void store.archive('run-1'));
    expect(await followJournal(watch, never)).to.equal('run-closed');
  });

  it('tries again when healing failed, and does not leave before', async () => {
    const { journal, watch, entry, healed, state, store } = await stage();
    await journal.intend(entry('a', 'reaper', 1000));
    state.alive = false;
    state.fails = 2;
    expect(await followJournal(watch, never)).to.equal('harness-gone');
    expect(healed).to.have.length(3);
    expect((await readJournal(store, 'run-1')).open).to.deep.equal([]);
  });

  it('does not end a fault before its time because the harness is gone', async () => {
    const { journal, watch, entry, healed, state } = await stage();
    await journal.intend(entry('a', 'reaper', 60_000));
    state.alive = false;
    await followJournal(watch, never);
    expect(healed).to.deep.equal(['a at 61']);
  });

  it('leaves at the end of its own life, and when there never was a journal and the harness is gone', async () => {
    const { journal, watch, entry } = await stage();
    await journal.intend(entry('a', 'reaper', 3_600_000));
    expect(await followJournal({ ...watch, lifetime: { ms: 5000 } }, never)).to.equal('lifetime-over');
    expect(await followJournal({ ...watch, run: 'nobody', harnessAlive: () => false }, never)).to.equal(
      'harness-gone',
    );
  });
});
