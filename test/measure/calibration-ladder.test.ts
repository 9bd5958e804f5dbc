import { expect } from 'chai';
import { describe, it } from 'mocha';
import { calibrationLadder } from '../../src/measure/calibration-ladder.ts';
import { milliseconds } from '../../src/model/duration.ts';
import { spec } from './sample-series.ts';

const plan = { upTo: 4, answers: 60 };

describe('the rates of a calibration', () => {
  it("double from a quarter of the plan's own, and each lasts until the slowest probe has its answers", () => {
    const rungs = calibrationLadder(plan, [
      spec({ every: milliseconds(50) }),
      spec({ name: 'slow', every: milliseconds(100) }),
    ]);
    expect(rungs.map(({ times }) => times)).to.deep.equal([0.25, 0.5, 1, 2, 4]);
    expect(rungs.map(({ specs }) => specs[0]?.every.ms)).to.deep.equal([200, 100, 50, 25, 12.5]);
    for (const { specs, lastsMs } of rungs) expect(lastsMs).to.equal(61 * (specs[1]?.every.ms ?? 0));
  });

  it('end where timers end', () => {
    const rungs = calibrationLadder({ upTo: 64, answers: 60 }, [spec({ every: milliseconds(10) })]);
    expect(rungs.at(-1)?.specs[0]?.every.ms).to.equal(1.25);
  });

  it('leave out what creates something, and are none when nothing is left', () => {
    const writes = spec({ name: 'w', probe: 'kubernetes-write', endpoint: 'kubernetes' });
    const durable = spec({ name: 'd', probe: 'kubernetes-durable-write', endpoint: 'kubernetes' });
    const rungs = calibrationLadder(plan, [writes, spec(), durable]);
    for (const { specs } of rungs) expect(specs.map(({ name }) => name)).to.deep.equal(['keystone']);
    expect(calibrationLadder(plan, [writes, durable])).to.deep.equal([]);
  });
});
