import type { Interval } from '../model/analysis.ts';
import type { Figure } from '../model/verdict.ts';

/** A window of which less than this was seen is no window of this length. */
const LEAST_SEEN = 0.5;

interface Stretch {
  readonly fromNs: number;
  readonly toNs: number;
}

/** One user's time: what it saw down at the least and at the most, and what it did not see. */
interface User {
  readonly least: Cumulated;
  readonly most: Cumulated;
  readonly unseen: Cumulated;
  readonly fromNs: number;
  readonly toNs: number;
}

/**
 * The worst uptime of any window of this length: up over up + down of all users together (Hauer, Hoffmann, Lunney, Ardelean and
 * Diwan: Meaningful Availability, NSDI 2020). Each probe is one user. Short windows show the longest outages, long ones the
 * many short ones. Between the edges of intervals the ratio is a quotient of linear functions of where the window lies, so its
 * least value lies at such an edge, and only those are looked at. Unseen time counts in neither.
 * @param users the intervals of each.
 * @returns undefined where no window of that length was seen.
 */
export function windowedUptime(
  users: readonly (readonly Interval[])[],
  windowNs: number,
): Figure | undefined {
  const all = users.filter((intervals) => intervals.length > 0).map(userOf);
  const fromNs = Math.min(...all.map((user) => user.fromNs));
  const toNs = Math.max(...all.map((user) => user.toNs));
  if (windowNs <= 0 || all.length === 0 || toNs - fromNs < windowNs) return undefined;
  const edges = all.flatMap(({ least, most, unseen }) => [...least.edges, ...most.edges, ...unseen.edges]);
  const starts = [fromNs, toNs - windowNs, ...edges, ...edges.map((edge) => edge - windowNs)].filter(
    (start) => start >= fromNs && start + windowNs <= toNs,
  );
  let [min, max] = [Infinity, Infinity];
  for (const start of new Set(starts)) {
    const end = start + windowNs;
    const seen = total(all, (user) => seenIn(user, start, end));
    if (seen < LEAST_SEEN * windowNs * all.length) continue;
    min = Math.min(min, 1 - total(all, ({ most }) => most.within(start, end)) / seen);
    max = Math.min(max, 1 - total(all, ({ least }) => least.within(start, end)) / seen);
  }
  return min === Infinity ? undefined : { min: clamp(min), max: clamp(Math.max(min, max)), unit: 'ratio' };
}

function userOf(intervals: readonly Interval[]): User {
  const unseen = intervals
    .filter(({ state }) => state === 'unseen')
    .map(({ start, end }) => ({ fromNs: start.earliestNs, toNs: end.latestNs }));
  const downs = intervals.filter(({ state }) => state === 'down');
  const outer = downs.map(({ start, end }) => ({ fromNs: start.earliestNs, toNs: end.latestNs }));
  return {
    least: new Cumulated(downs.map(({ start, end }) => ({ fromNs: start.latestNs, toNs: end.earliestNs }))),
    most: new Cumulated(without(outer, unseen)),
    unseen: new Cumulated(unseen),
    fromNs: intervals[0]?.start.earliestNs ?? 0,
    toNs: intervals.at(-1)?.end.latestNs ?? 0,
  };
}

/** A user that began late or ended early saw nothing of the rest. */
function seenIn(user: User, start: number, end: number): number {
  const there = Math.min(end, user.toNs) - Math.max(start, user.fromNs);
  return Math.max(0, there - user.unseen.within(start, end));
}

/** How much of a stretch of time some stretches cover. */
class Cumulated {
  readonly edges: readonly number[];
  /** Covered before each edge. */
  readonly #covered: readonly number[];

  constructor(stretches: readonly Stretch[]) {
    const edges: number[] = [];
    const covered: number[] = [];
    let sum = 0;
    for (const { fromNs, toNs } of united(stretches)) {
      edges.push(fromNs, toNs);
      covered.push(sum, (sum += toNs - fromNs));
    }
    this.edges = edges;
    this.#covered = covered;
  }

  within(fromNs: number, toNs: number): number {
    return this.#until(toNs) - this.#until(fromNs);
  }

  #until(ns: number): number {
    let [low, high] = [0, this.edges.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.edges[middle] ?? 0) <= ns) low = middle + 1;
      else high = middle;
    }
    if (low === 0) return 0;
    const before = this.#covered[low - 1] ?? 0;
    // The edge before is a beginning where its number is even: then the time since is covered too.
    return (low - 1) % 2 === 0 ? before + ns - (this.edges[low - 1] ?? 0) : before;
  }
}

function united(stretches: readonly Stretch[]): readonly Stretch[] {
  const result: Stretch[] = [];
  for (const one of [...stretches].sort((a, b) => a.fromNs - b.fromNs)) {
    const last = result.at(-1);
    if (one.toNs <= one.fromNs) continue;
    if (last === undefined || one.fromNs > last.toNs) result.push(one);
    else result[result.length - 1] = { fromNs: last.fromNs, toNs: Math.max(last.toNs, one.toNs) };
  }
  return result;
}

/** What of the stretches none of the others covers. */
function without(stretches: readonly Stretch[], others: readonly Stretch[]): readonly Stretch[] {
  return united(stretches).flatMap((one) => {
    const parts: Stretch[] = [];
    let from = one.fromNs;
    for (const other of united(others)) {
      if (other.toNs <= from || other.fromNs >= one.toNs) continue;
      if (other.fromNs > from) parts.push({ fromNs: from, toNs: other.fromNs });
      from = Math.max(from, other.toNs);
    }
    return from < one.toNs ? [...parts, { fromNs: from, toNs: one.toNs }] : parts;
  });
}

const total = (users: readonly User[], of: (user: User) => number): number =>
  users.reduce((sum, user) => sum + of(user), 0);

const clamp = (ratio: number): number => Math.min(1, Math.max(0, ratio));
