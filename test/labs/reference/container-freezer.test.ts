import { expect } from 'chai';
import { describe, it } from 'mocha';
import { freezing, readFrozen, readState, thawing } from '../../../src/labs/reference/container-freezer.ts';

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
