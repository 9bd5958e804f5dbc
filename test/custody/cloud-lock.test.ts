import { mkdtemp, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { createStateFolder } from '../../src/adapters/system/state-folder.ts';
import { takeLock } from '../../src/custody/cloud-lock.ts';
import { openJournal } from '../../src/custody/open-journal.ts';
import { readJournal } from '../../src/custody/read-open-entries.ts';
import { HarnessError } from '../../src/model/errors.ts';
import { VirtualClock } from '../chaos/fakes/virtual-clock.ts';
import { reference } from '../chaos/fakes/topologies.ts';

describe('takeLock', () => {
  const clock = new VirtualClock();
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'squall-custody-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const order = (run: string, pid = process.pid) => ({ run, self: { host: hostname(), pid }, clock });
  const topology = {
    systems: [
      ...reference().systems,
      { name: 'cloud', kind: 'openstack' as const, distribution: 'x', version: '1', identity: 'a-keystone' },
    ],
  };

  it('lets one run at a time hurt a cloud, and names the other', async () => {
    const store = createStateFolder(folder);
    const first = await takeLock(store, topology, order('first'));
    const error = await takeLock(store, topology, order('second')).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(HarnessError).and.to.include({ code: 'SQ_LOCKED' });
    expect((error as Error).message).to.contain('Run first');
    await first.release();
    await first.release();
    await (await takeLock(store, topology, order('second'))).release();
  });

  it('is lost after a sleep of the whole machine, which the clock of intervals does not count', async () => {
    const asleep = { ms: 0 };
    const { now, sleep, after, id } = clock;
    const wall = () => new Date(Date.parse(clock.wall()) + asleep.ms).toISOString();
    const laptop = { id, now, sleep, after, wall };
    const lock = await takeLock(createStateFolder(folder), topology, { ...order('first'), clock: laptop });
    lock.check();
    asleep.ms = 600_000;
    expect(() => lock.check()).to.throw(HarnessError, 'could not be renewed');
    await lock.release();
  });

  it('holds all systems or none', async () => {
    const store = createStateFolder(folder);
    const one = await takeLock(store, reference(), order('first'));
    await takeLock(store, topology, order('second')).catch(() => undefined);
    const other = await takeLock(store, { systems: topology.systems.slice(1) }, order('third'));
    await other.release();
    await one.release();
  });

  it('takes over from a process of this host that is gone', async () => {
    const store = createStateFolder(folder);
    // Larger than any process id that a system hands out.
    const dead = await takeLock(store, topology, order('dead', 2 ** 22 + 1));
    const living = await takeLock(store, topology, order('living'));
    await dead.release();
    await living.release();
  });

  it('keeps its journal in a real state folder, with and reads it back until it is put away', async () => {
    const store = createStateFolder(folder);
    const journal = await openJournal(store, { run: 'r', clock, self: { host: 'h', pid: 1 } });
    await journal.close();
    const reading = await readJournal(store, 'r');
    expect(reading).to.deep.include({ exists: true, closed: true, torn: [], troubles: [] });
    await store.archive('r');
    expect((await readJournal(store, 'r')).exists).to.equal(false);
  });
});
