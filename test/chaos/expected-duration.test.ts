import { expect } from 'chai';
import { describe, it } from 'mocha';
import { expectedDuration } from '../../src/chaos/index.ts';
import type { ScheduledStep } from '../../src/model/schedule.ts';

const fault = (id: string, holdMs: number, backMs: number): ScheduledStep => ({
  kind: 'fault',
  id,
  step: id,
  fault: 'node-power-off',
  targets: [],
  from: [],
  duration: { ms: holdMs },
  parameters: {},
  predicted: {
    outage: { min: { ms: 0 }, max: { ms: 0 } },
    redundancy: { min: { ms: backMs }, max: { ms: 90_000 } },
    because: [],
  },
});

const recovered = (id: string, ceilingMs: number): ScheduledStep => ({
  kind: 'wait',
  id,
  step: id,
  wait: { for: 'recovered', ceiling: { ms: ceilingMs } },
});

describe('the expected duration of a schedule', () => {
  it('is what its faults are held for, and what they need to come back', () => {
    expect(
      expectedDuration({ steps: [fault('off', 6_000, 9_000), recovered('back', 60_000)] }),
    ).to.deep.equal({
      ms: 6_000 + 2_000 + 3_000 + 1_000,
    });
  });

  it('counts the longest of parallel branches, ceilings, and the start of the next round', () => {
    const branches = [[fault('a', 1_000, 0)], [fault('b', 5_000, 0)]];
    expect(expectedDuration({ steps: [{ kind: 'parallel', id: 'p', step: 'p', branches }] }).ms).to.equal(
      7_000,
    );
    expect(expectedDuration({ steps: [fault('a', 0, 90_000), recovered('w', 3_000)] }).ms).to.equal(5_000);
    const pause: ScheduledStep = {
      kind: 'pause',
      id: 'n',
      step: 'n',
      sinceStartOf: 'a',
      every: { ms: 30_000 },
    };
    expect(expectedDuration({ steps: [fault('a', 1_000, 0), pause] }).ms).to.equal(30_000);
  });
});
