import { seededRandom } from '../../src/model/seeded-random.ts';
import { KILL_POINTS, type KillOrder } from './kill-once.ts';

/** A harness has come to the end of its short plan by then. */
const LATEST_MS = 6000;
const HEALS = ['once', 'twice', 'two at a time'] as const;

/** The n-th kill: every fault meets every point, and a quarter of them each gap and random instants. */
export function orderOf(n: number, faults: readonly string[]): KillOrder {
  const random = seededRandom(`kill/${n}`);
  return {
    n,
    fault: faults[(n + Math.floor(n / (KILL_POINTS.length * faults.length))) % faults.length] ?? '',
    at: KILL_POINTS[n % KILL_POINTS.length] ?? 'random',
    ending: Math.floor(n / 2) % 2 === 0 ? 'expiry' : 'heal',
    heals: HEALS[Math.floor(n / 3) % HEALS.length] ?? 'once',
    afterMs: 200 + random.integer(LATEST_MS),
  };
}
