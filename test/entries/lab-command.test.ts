import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { createStateFolder } from '../../src/adapters/system/state-folder.ts';
import { openJournal } from '../../src/custody/open-journal.ts';
import { labCommand } from '../../src/entries/commands/lab.ts';
import { VirtualClock } from '../chaos/fakes/virtual-clock.ts';
import { quietly } from './quietly.ts';

describe('squall lab with --dry-run', () => {
  const { XDG_STATE_HOME } = process.env;
  let home: string;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'squall-lab-'));
    process.env['XDG_STATE_HOME'] = home;
  });
  afterEach(async () => {
    if (XDG_STATE_HOME === undefined) delete process.env['XDG_STATE_HOME'];
    else process.env['XDG_STATE_HOME'] = XDG_STATE_HOME;
    await rm(home, { recursive: true, force: true });
  });

  it('takes no lab down, nor away what is owed there', async () => {
    const store = createStateFolder(join(home, 'squall'));
    const self = { host: hostname(), pid: process.pid, lab: 'rehearsal' };
    await (await openJournal(store, { run: 'run-1', clock: new VirtualClock(), self })).close();
    expect(await quietly(() => labCommand({ lab: 'rehearsal', dryRun: true, action: 'down' }))).to.equal(0);
    expect(await store.runs()).to.deep.equal(['run-1']);
  });

  it('takes no lab up', async () => {
    expect(await quietly(() => labCommand({ lab: 'rehearsal', dryRun: true, action: 'up' }))).to.equal(0);
    expect(await readdir(home)).to.deep.equal([]);
  });
});
