import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { intervalsOf } from '../../src/analysis/intervals.ts';
import { windowedUptime } from '../../src/analysis/windowed-uptime.ts';
import type { Interval } from '../../src/model/analysis.ts';
import { END, probe, worlds, type Away } from './simulated-prober.ts';

const CLOCK = 'host:test';

/** Intervals whose edges are known exactly. */
function exactly(
  endMs: number,
  away: readonly (Away & { readonly state?: 'down' | 'unseen' })[],
): Interval[] {
  const at = (ms: number) => ({ clock: CLOCK, earliestNs: ms * 1e6, latestNs: ms * 1e6 });
  const cuts = away.flatMap(({ from, to, state = 'down' as const }) => [
    { from, state },
    { from: to, state: 'up' as const },
  ]);
  return [{ from: 0, state: 'up' as const }, ...cuts].map(({ from, state }, index) => ({
    state,
    start: at(from),
    end: at(cuts[index]?.from ?? endMs),
    impaired: false,
    samples: 1,
  }));
}

describe('windowed uptime', function () {
  this.timeout(20_000);

  const rows: readonly (readonly [string, Parameters<typeof exactly>[1], number, number])[] = [
    ['one long outage', [{ from: 400, to: 600 }], 200, 0],
    ['one long outage, in a longer window', [{ from: 400, to: 600 }], 400, 0.5],
    [
      'two short outages near one another',
      [
        { from: 100, to: 150 },
        { from: 200, to: 250 },
      ],
      150,
      1 / 3,
    ],
    ['nothing', [], 500, 1],
    ['an outage at the very end', [{ from: 900, to: 1000 }], 200, 0.5],
    [
      'unseen time, which counts in neither',
      [
        { from: 100, to: 200 },
        { from: 200, to: 250, state: 'unseen' },
      ],
      250,
      0.5,
    ],
  ];
  for (const [title, away, windowMs, worst] of rows) {
    it(`shows ${title}`, () => {
      const found = windowedUptime([exactly(1000, away)], windowMs * 1e6);
      expect(found?.min).to.be.closeTo(worst, 1e-9);
      expect(found?.max).to.be.closeTo(worst, 1e-9);
    });
  }

  it('counts the time of users, not the time in which anybody was down', () => {
    const users = [exactly(1000, [{ from: 100, to: 200 }]), exactly(1000, [{ from: 500, to: 600 }])];
    expect(windowedUptime(users, 1000e6)?.min).to.be.closeTo(0.9, 1e-9);
    expect(windowedUptime(users, 100e6)?.min).to.be.closeTo(0.5, 1e-9);
  });

  it('says nothing of windows longer than what was seen', () => {
    expect(windowedUptime([exactly(1000, [])], 1001e6)).to.equal(undefined);
    expect(windowedUptime([], 10e6)).to.equal(undefined);
    expect(windowedUptime([exactly(1000, [{ from: 10, to: 990, state: 'unseen' }])], 800e6)).to.equal(
      undefined,
    );
  });

  it('is the worst of all windows, and holds the truth', () => {
    fc.assert(
      fc.property(worlds({ starved: false }), fc.integer({ min: 60, max: 1500 }), (world, windowMs) => {
        const outages = world.outages.filter(({ from, to }) => to - from > 30);
        const found = windowedUptime([intervalsOf(probe({ ...world, outages }))], windowMs * 1e6);
        let truth = 1;
        for (let from = 0; from + windowMs <= END; from += 0.5) {
          const down = outages.map((one) =>
            Math.max(0, Math.min(one.to, from + windowMs) - Math.max(one.from, from)),
          );
          truth = Math.min(truth, 1 - down.reduce((sum, one) => sum + one, 0) / windowMs);
        }
        // The looked-at windows lie half a millisecond apart.
        const step = 0.6 / windowMs;
        expect(truth).to.be.within((found?.min ?? 2) - 1e-9, (found?.max ?? -1) + step);
      }),
      { numRuns: 60 },
    );
  });
});
