import fc from 'fast-check';
import type { ProbeSeries, Sample } from '../../src/model/observation.ts';
import { seriesOf } from '../measure/sample-series.ts';

/** A stretch in which the simulated system, or the simulated prober, was away; in milliseconds, `to` not included. */
export interface Away {
  readonly from: number;
  readonly to: number;
}

export interface World {
  readonly outages: readonly Away[];
  /** Stretches in which the prober's thread was blocked. */
  readonly blocked: readonly Away[];
  /** How late each sample leaves beyond its blocked time, in milliseconds. */
  readonly lateness: readonly number[];
  /** How long the system takes to answer; a request arrives after half of it. */
  readonly latency: readonly number[];
  /** Requests in an outage are refused at once, or never answered. */
  readonly refuses: boolean;
  /** Samples of which nothing is known. */
  readonly lost: readonly number[];
}

export const PERIOD = 10;
export const TIMEOUT = 100;
const COUNT = 300;
export const END = COUNT * PERIOD;

/** Evenly spread; `fc.double` would give mostly numbers next to zero. */
const ms = (min: number, max: number): fc.Arbitrary<number> =>
  fc.integer({ min: Math.round(min * 1000), max: Math.round(max * 1000) }).map((micros) => micros / 1000);

const stretches = (most: number, shortest: number, longest: number): fc.Arbitrary<readonly Away[]> =>
  fc
    .array(fc.record({ gap: ms(60, 600), length: ms(shortest, longest) }), { maxLength: most })
    .map((parts) => {
      let at = 0;
      return parts
        .map(({ gap, length }) => {
          const from = at + gap;
          at = from + length;
          return { from, to: at };
        })
        .filter(({ to }) => to < END - 60);
    });

const some = (min: number, max: number): fc.Arbitrary<readonly number[]> =>
  fc.array(ms(min, max), { minLength: 1, maxLength: 40 });

export const worlds = (options: { readonly starved: boolean }): fc.Arbitrary<World> =>
  fc
    .record({
      outages: fc.oneof(stretches(6, 1, 400), stretches(6, 15, 90)),
      blocked: options.starved ? stretches(5, 30, 500) : fc.constant([]),
      // Around an outage, so that it begins and ends while the prober cannot look.
      around: fc.array(fc.record({ before: ms(0, 30), after: ms(0, 60) }), {
        maxLength: options.starved ? 4 : 0,
      }),
      lateness: some(0, options.starved ? 9 : 4),
      // A way there, half of this, is never longer than the shortest whole answer: what the edges take for granted.
      latency: some(3, 6),
      refuses: fc.boolean(),
      lost: options.starved ? fc.array(fc.nat({ max: COUNT }), { maxLength: 20 }) : fc.constant([]),
    })
    .map(({ around, blocked, ...world }) => ({
      ...world,
      blocked: [
        ...blocked,
        ...around.flatMap(({ before, after }, index) => {
          const outage = world.outages[index];
          return outage === undefined ? [] : [{ from: outage.from - before, to: outage.to + after }];
        }),
      ],
    }));

/** What an open-loop prober records in that world, by the rules of `ProbeLine`. */
export function probe(world: World): ProbeSeries {
  const pick = (from: readonly number[], n: number): number => from[n % from.length] ?? 0;
  const samples: Sample[] = [];
  for (let n = 0; n <= COUNT; n++) {
    if (world.lost.includes(n)) continue;
    const planned = n * PERIOD;
    const ready = planned + pick(world.lateness, n);
    const sent = whenRunning(world.blocked, ready);
    samples.push(answer(world, n, planned, sent, pick(world.latency, n * 7)));
  }
  return seriesOf(samples, END);
}

function whenRunning(blocked: readonly Away[], ready: number): number {
  const block = blocked.find(({ from, to }) => ready >= from && ready < to);
  return block === undefined ? ready : whenRunning(blocked, block.to);
}

function answer(world: World, n: number, planned: number, sent: number, latency: number): Sample {
  const arrives = sent + latency / 2;
  const down = world.outages.some(({ from, to }) => arrives >= from && arrives < to);
  const at = (ms: number): number => ms * 1e6;
  const base = { n, plannedNs: at(planned), sentNs: at(sent), impaired: false };
  if (sent - planned > TIMEOUT) {
    return { ...base, completedNs: at(sent), outcome: 'unknown', phase: 'harness', status: 0 };
  }
  if (!down) return { ...base, completedNs: at(sent + latency), outcome: 'ok', status: 200 };
  const completed = world.refuses ? sent + latency : planned + TIMEOUT + (sent - planned);
  return {
    ...base,
    completedNs: at(completed),
    outcome: 'failed',
    phase: world.refuses ? 'connect' : 'wait',
    status: 0,
  };
}
