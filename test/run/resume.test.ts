import { expect } from 'chai';
import { describe, it } from 'mocha';
import { HarnessError } from '../../src/model/errors.ts';
import type { RunFolder } from '../../src/ports/run-folder.ts';
import { resume } from '../../src/run/resume.ts';
import type { RunRequest, World } from '../../src/run/world.ts';
import { MemoryStore } from '../chaos/fakes/memory-store.ts';
import { VirtualClock } from '../chaos/fakes/virtual-clock.ts';

describe('going on with a run', () => {
  it('is left to one process at a time, and touches nothing before that is sure', async () => {
    const state = new MemoryStore();
    const touched: string[] = [];
    const folder = {
      readJson: async () => undefined,
      list: async (prefix: string) => {
        touched.push(prefix);
        throw new Error('touched');
      },
    } as unknown as RunFolder;
    const world = {
      state,
      folder,
      clock: new VirtualClock(),
      self: { host: 'here', pid: 2 },
      isRunning: () => true,
    } as unknown as World;
    const going = () =>
      resume(async () => undefined, { id: 'run-1' } as RunRequest, world, new AbortController().signal).catch(
        (reason: unknown) => reason,
      );
    const other = { run: 'run-1-resume-1', host: 'here', pid: 1, since: '2026-11-22T00:00:00Z' };
    await state.lock('resume run-1', other);
    const refused = await going();
    expect(refused).to.be.instanceOf(HarnessError).and.to.include({ code: 'SQ_LOCKED' });
    expect(touched).to.deep.equal([]);
    await state.unlock('resume run-1', other.run);
    expect(await going()).to.have.property('message', 'touched');
    expect(state.locks.size).to.equal(0);
  });
});
