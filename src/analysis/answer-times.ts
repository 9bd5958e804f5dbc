import type { ProbeSeries, Sample } from '../model/observation.ts';

/** Neighbouring answers resemble each other; the median of so many is one draw. */
const BLOCK = 3;

/** As fast as the baseline means no slower than this many times. */
const MARGIN = 1.25;

/** So much beside it is no difference, however fast the baseline is: what timers and sockets of a host take or leave. */
const MARGIN_NS = 1e6;

/** The median of neighbouring answers; a failed one counts as endless. */
export interface Draw {
  readonly tookNs: number;
  readonly fromNs: number;
  readonly toNs: number;
}

/** One for every three answers in the order of sending. */
export function drawsOf(samples: readonly Sample[]): readonly Draw[] {
  return Array.from({ length: Math.floor(samples.length / BLOCK) }, (_, index) => {
    const block = samples.slice(index * BLOCK, (index + 1) * BLOCK);
    const took = block.map(tookNs).sort((a, b) => a - b);
    return {
      tookNs: took[Math.floor(BLOCK / 2)] ?? 0,
      fromNs: block[0]?.sentNs ?? 0,
      toNs: Math.max(...block.map(({ completedNs }) => completedNs)),
    };
  });
}

const tookNs = ({ outcome, sentNs, completedNs }: Sample): number =>
  outcome === 'ok' ? completedNs - sentNs : Infinity;

/** What can be used of a series, in the order of sending. */
export const answersOf = ({ samples }: ProbeSeries): readonly Sample[] =>
  samples.filter(({ outcome }) => outcome !== 'unknown').sort((a, b) => a.sentNs - b.sentNs || a.n - b.n);

/** The slowest that still counts as being as fast as these. */
export const madeSlower = (draws: readonly Draw[]): readonly number[] =>
  draws.map(({ tookNs }) => Math.max(tookNs * MARGIN, tookNs + MARGIN_NS));
