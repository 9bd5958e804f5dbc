import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { birthOf } from '../../src/adapters/system/process-birth.ts';
import { watchProcess } from '../../src/entries/is-running.ts';

describe('watching a process', () => {
  it('sees it live, and sees that it has ended', () => {
    expect(watchProcess(process.pid)()).to.equal(true);
    expect(watchProcess(spawnSync(process.execPath, ['-e', '0']).pid)()).to.equal(false);
  });

  it('does not take a later process for it that got its number', () => {
    const birth = birthOf(process.pid);
    if (birth === undefined) return;
    const earlier = birth.replace(/[^/]*$/, '1');
    expect(watchProcess(process.pid, () => earlier)()).to.equal(false);
  });
});
