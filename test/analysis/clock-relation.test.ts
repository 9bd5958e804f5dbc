import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { analyseProbe } from '../../src/analysis/analyse-probe.ts';
import { relateClocks, toOurClock } from '../../src/analysis/clock-relation.ts';
import { outagesOf } from '../../src/analysis/outages.ts';
import type { ClockExchange } from '../../src/model/instant.ts';
import type { ProbeSeries } from '../../src/model/observation.ts';
import { probe, worlds } from './simulated-prober.ts';

const [OURS, THEIRS] = ['host:test', 'node:compute-1'];

/** Another clock: so much behind ours at our zero, and so much faster. */
interface Other {
  readonly behindNs: number;
  readonly drift: number;
}

const read = ({ behindNs, drift }: Other, oursNs: number): number => (oursNs - behindNs) * (1 + drift);

function exchange(other: Other, atMs: number, thereMs: number, backMs: number): ClockExchange {
  const at = atMs * 1e6;
  return {
    sent: { clock: OURS, ns: at },
    read: { clock: THEIRS, ns: read(other, at + thereMs * 1e6) },
    received: { clock: OURS, ns: at + (thereMs + backMs) * 1e6 },
  };
}

const others = fc.record({
  behindNs: fc.integer({ min: -1e12, max: 1e12 }),
  drift: fc.integer({ min: -100, max: 100 }).map((parts) => parts * 1e-6),
});

const trips = fc.array(
  fc.tuple(
    fc.integer({ min: 0, max: 60_000 }),
    fc.integer({ min: 0, max: 20 }),
    fc.integer({ min: 0, max: 20 }),
  ),
  { minLength: 1, maxLength: 12 },
);

describe('the relation of two clocks', function () {
  this.timeout(20_000);

  it('holds the truth at any time, and narrows with every exchange', () => {
    fc.assert(
      fc.property(others, trips, fc.integer({ min: 0, max: 60_000 }), (other, all, whenMs) => {
        const exchanges = all.map(([at, there, back]) => exchange(other, at, there, back));
        const theirsNs = read(other, whenMs * 1e6);
        const truth = whenMs * 1e6 - theirsNs;
        let narrowest = Infinity;
        for (let count = 1; count <= exchanges.length; count++) {
          const found = relateClocks(exchanges.slice(0, count), OURS, THEIRS)?.offsetAt(theirsNs);
          expect(truth).to.be.within((found?.minNs ?? NaN) - 1000, (found?.maxNs ?? NaN) + 1000);
          const width = (found?.maxNs ?? NaN) - (found?.minNs ?? NaN);
          expect(width).to.be.at.most(narrowest + 1000);
          narrowest = width;
        }
      }),
    );
  });

  it('is none without an exchange, and none when a clock was set meanwhile', () => {
    const [before, after] = [
      { behindNs: 5e9, drift: 0 },
      { behindNs: 6e9, drift: 0 },
    ];
    expect(relateClocks([], OURS, THEIRS)).to.equal(undefined);
    expect(relateClocks([exchange(before, 0, 1, 1)], OURS, 'node:other')).to.equal(undefined);
    expect(relateClocks([exchange(before, 0, 1, 1), exchange(after, 1000, 1, 1)], OURS, THEIRS)).to.equal(
      undefined,
    );
  });

  it('widens the edges of a prober elsewhere so that they still hold the truth on our clock', () => {
    fc.assert(
      fc.property(worlds({ starved: false }), others, trips, (world, other, all) => {
        const seen = probe({ ...world, outages: world.outages.filter(({ from, to }) => to - from > 30) });
        const there = (ns: number): number => read(other, ns);
        const theirs: ProbeSeries = {
          ...seen,
          clock: THEIRS,
          startNs: there(seen.startNs),
          endNs: there(seen.endNs),
          samples: seen.samples.map((one) => ({
            ...one,
            plannedNs: there(one.plannedNs),
            sentNs: there(one.sentNs),
            completedNs: there(one.completedNs),
          })),
        };
        const exchanges = all.map(([at, to, back]) => exchange(other, at % 3000, to, back));
        const { series, errorNs, relation } = toOurClock(theirs, exchanges, OURS);
        expect(series.clock).to.equal(OURS);
        expect(relation).to.deep.include({ clock: THEIRS, to: OURS, exchanges: exchanges.length });
        const outages = outagesOf(analyseProbe(series, errorNs).intervals);
        for (const { from, to } of world.outages.filter((one) => one.to - one.from > 30)) {
          const found = outages.filter(
            ({ start, end }) => start.earliestNs <= to * 1e6 && end.latestNs >= from * 1e6,
          );
          const holds = (
            { earliestNs, latestNs }: { earliestNs: number; latestNs: number },
            ms: number,
          ): boolean => earliestNs <= ms * 1e6 + 2000 && latestNs >= ms * 1e6 - 2000;
          expect(found.some(({ start }) => holds(start, from))).to.equal(true);
          expect(found.some(({ end }) => holds(end, to))).to.equal(true);
        }
      }),
      { numRuns: 60 },
    );
  });
});
