import { expect } from 'chai';
import { describe, it } from 'mocha';
import {
  asking,
  freezing,
  readFrozen,
  readState,
  thawing,
} from '../../../src/labs/reference/container-freezer.ts';
import { onScriptedNode } from './scripted-node.ts';

const ID = '0123456789abcdef'.repeat(4);

describe('labs/reference: containers that are frozen', () => {
  it('has the timer in place before anything stops, with the mark and the whole id', () => {
    const script = freezing(ID, { id: 'run-1/step a', ms: 12_500 });
    const lines = script.split('\n');
    const timer = lines.findIndex((line) => line.includes('systemd-run'));
    const pause = lines.findIndex((line) => line.includes('tasks pause'));
    expect(timer).to.be.lessThan(pause);
    expect(script).to.include('--on-active=12.5s').and.include(`"squall run-1/step_a ${ID}"`);
    expect(script).to.include(`tasks resume ${ID}`);
  });

  it('thaws, and takes the timer away, whatever of it is left', () => {
    expect(thawing(ID))
      .to.match(/tasks resume [0-9a-f]+ 2>/)
      .and.match(/stop squall-thaw-0123456789ab.timer/);
  });

  describe('on a node whose containerd does not answer', () => {
    const programs = { ctr: 'exit 1', systemctl: '' };

    it('fails to thaw, and leaves the timer to do it at the declared end', () => {
      const { code, calls } = onScriptedNode(thawing(ID), programs);
      expect(code).not.to.equal(0);
      expect(calls.filter((call) => call.startsWith('systemctl stop'))).to.deep.equal([]);
    });

    it('does not take a container for gone that nobody could ask for', () => {
      const { code, stdout } = onScriptedNode(asking(ID), programs);
      expect([code, stdout]).to.deep.equal([1, '']);
    });
  });

  it('has nothing to thaw where the container is gone or runs already, and takes the timer away', () => {
    const gone = { ctr: 'case "$*" in *resume*) exit 1;; *) echo "TASK PID STATUS";; esac', systemctl: '' };
    const there = `case "$*" in *resume*) exit 1;; *) echo "${ID} $PPID RUNNING";; esac`;
    const being = (state: string) => ({ ctr: there, systemctl: '', cat: `echo ${state}` });
    for (const programs of [gone, being('THAWED')]) {
      const { code, calls } = onScriptedNode(thawing(ID), programs);
      expect(code).to.equal(0);
      expect(calls.at(-1)).to.match(/^systemctl stop squall-thaw-0123456789ab.timer/);
    }
    expect(onScriptedNode(thawing(ID), being('FROZEN')).code).to.equal(1);
    expect(onScriptedNode(asking(ID), gone).stdout).to.equal('gone\n');
  });

  for (const [said, state] of [
    ['gone\n', 'gone'],
    ['FROZEN\n', 'frozen'],
    ['THAWED\n', 'runs'],
    // It has begun to freeze, and something still runs.
    ['FREEZING\n', 'runs'],
    ['populated 1\nfrozen 1\n', 'frozen'],
    ['populated 1\nfrozen 0\n', 'runs'],
  ] as const)
    it(`reads ${JSON.stringify(said)} as ${state}`, () => expect(readState(said)).to.equal(state));

  it('reads out of the timers what is frozen, and by whom', () => {
    const said = [
      `squall-thaw-0123456789ab.timer loaded active waiting squall run-1/s ${ID}`,
      'squall-thaw-ffff.timer loaded active waiting something else',
    ].join('\n');
    expect(readFrozen(said)).to.deep.equal([{ id: ID, by: 'run-1/s' }]);
  });
});
