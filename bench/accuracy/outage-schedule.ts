import { seededRandom } from '../../src/model/seeded-random.ts';

/** How a target goes away: it resets every connection, or takes requests and never answers. */
export type Manner = 'reset' | 'black-hole';

export interface PlannedOutage {
  readonly manner: Manner;
  /** Up before it for so long, from the end of the one before. */
  readonly afterMs: number;
  readonly lengthMs: number;
}

const [SHORTEST_MS, LONGEST_MS] = [20, 5000];

/** Long enough for the connections that an outage used up to be over, and not of one length, so that no rhythm helps. */
const [LEAST_GAP_MS, MOST_GAP_MS] = [300, 800];

/** Outages of one target in one round, their lengths uniform on a logarithmic scale. */
export function planOutages(seed: string, count: number): readonly PlannedOutage[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => ({
    manner: random.next() < 0.5 ? 'reset' : 'black-hole',
    afterMs: LEAST_GAP_MS + random.next() * (MOST_GAP_MS - LEAST_GAP_MS),
    lengthMs: SHORTEST_MS * (LONGEST_MS / SHORTEST_MS) ** random.next(),
  }));
}
