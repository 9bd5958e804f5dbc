import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { birthOf } from '../../src/adapters/system/process-birth.ts';
import { createStateFolder } from '../../src/adapters/system/state-folder.ts';
import { createSystemClock } from '../../src/adapters/system/system-clock.ts';
import { openJournal } from '../../src/custody/open-journal.ts';
import { readJournal } from '../../src/custody/read-open-entries.ts';
import { stopCommand } from '../../src/entries/commands/stop.ts';
import { HarnessError } from '../../src/model/errors.ts';
import { VirtualClock } from '../chaos/fakes/virtual-clock.ts';
import { entryOf, verification } from '../custody/written-entries.ts';
import { quietly } from './quietly.ts';

describe('stop', () => {
  const { XDG_STATE_HOME, XDG_CONFIG_HOME } = process.env;
  let home: string;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'squall-stop-'));
    Object.assign(process.env, { XDG_STATE_HOME: home, XDG_CONFIG_HOME: home });
  });
  afterEach(async () => {
    for (const [name, value] of Object.entries({ XDG_STATE_HOME, XDG_CONFIG_HOME }))
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    await rm(home, { recursive: true, force: true });
  });

  it('waits until a run that had nothing open must have noticed, for it may have begun a fault meanwhile', async () => {
    const folder = join(home, 'squall');
    const clock = createSystemClock();
    const birth = birthOf(process.pid);
    const self = { host: hostname(), pid: process.pid, ...(birth === undefined ? {} : { birth }) };
    const store = createStateFolder(folder);
    const journal = await openJournal(store, { run: 'run-1', clock, self: { ...self, lab: 'rehearsal' } });
    const stopping = quietly(() => stopCommand({ output: 'json' }));
    // Looked for a stop just before it came, and looks again in a moment.
    const acting = (async () => {
      await clock.sleep({ ms: 500 });
      await journal.intend(entryOf('run-1/a'));
      await clock.sleep({ ms: 500 });
      await journal.healed('run-1/a', verification());
    })();
    expect(await stopping).to.equal(0);
    const { entries, open } = await readJournal(store, 'run-1');
    expect([entries.length, open.length]).to.deep.equal([1, 0]);
    await acting;
    await journal.close();
  });

  it('heals all the same on a disk that takes nothing, and then says that the stop does not stand', async () => {
    const folder = join(home, 'squall');
    // What cannot be replaced by a file stands for a disk that takes none, for root may write anywhere.
    await mkdir(join(folder, 'stop.json', 'full'), { recursive: true });
    const self = { host: hostname(), pid: 2 ** 22 + 1, lab: 'rehearsal' };
    const journal = await openJournal(createStateFolder(folder), {
      run: 'run-1',
      clock: new VirtualClock(),
      self,
    });
    await journal.intend(entryOf('run-1/a'));
    const refused: unknown = await quietly(() => stopCommand({ output: 'json' })).catch(
      (reason: unknown) => reason,
    );
    expect(refused).to.be.instanceOf(HarnessError).and.to.include({ code: 'SQ_JOURNAL' });
    expect((refused as Error).message).to.contain('stop.json');
    expect(await readdir(join(folder, 'closed'))).to.deep.equal(['run-1']);
    // Whoever died held it until now.
    await journal.close();
  });
});
