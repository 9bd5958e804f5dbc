import { expect } from 'chai';
import { describe, it } from 'mocha';
import { FaultyDisk } from '../../../bench/journal/faulty-disk.ts';
import { openDurableLog } from '../../../src/adapters/system/open-durable-log.ts';

describe('openDurableLog', () => {
  it('returns only once the line and the name of its file are on the disk', async () => {
    const disk = new FaultyDisk();
    const log = await openDurableLog('/state/journals/run', 'harness', disk);
    await log.append('one');
    expect(disk.durableText()).to.equal('one\n');
  });

  it('never touches its file again after a failed sync or write', async () => {
    for (const [kind, at] of [
      ['eio-on-sync', 0],
      ['enospc', 1],
      ['eio', 1],
    ] as const) {
      const { operations } = await withOpened(new FaultyDisk());
      const disk = new FaultyDisk({ kind, at: operations + (at === 0 ? 1 : 0), share: () => 0.5 });
      const { log } = await withOpened(disk);
      const errors: unknown[] = [];
      for (const line of ['one', 'two', 'three']) await log.append(line).catch((error) => errors.push(error));
      expect(errors, kind).to.have.length(3);
      expect(disk.touchedAfterFailure, kind).to.equal(false);
    }
  });

  async function withOpened(disk: FaultyDisk) {
    const log = await openDurableLog('/state/journals/run', 'harness', disk);
    return { log, operations: disk.operations };
  }
});
