import type { TrueOutage } from '../accuracy/targets.ts';
import type { Noted } from './sampler-loops.ts';

interface Down {
  readonly fromNs: number;
  readonly toNs: number;
}

/** Stretches of bad answers, each edge in the middle between the answers beside it: nobody can read more out of them. */
function downOf(noted: readonly Noted[]): readonly Down[] {
  const found: Down[] = [];
  let fromNs: number | undefined;
  for (const [index, { atNs, ok }] of noted.entries()) {
    const edgeNs = (atNs + (noted[index - 1]?.atNs ?? atNs)) / 2;
    if (!ok) fromNs ??= edgeNs;
    else if (fromNs !== undefined) {
      found.push({ fromNs, toNs: edgeNs });
      fromNs = undefined;
    }
  }
  return found;
}

export interface ReadOutage {
  readonly missed: boolean;
  /** The whole length where it was missed: then nothing was reported. */
  readonly errorMs: number;
}

/**
 * What a loop makes of each true outage, in its favour: each report is taken for the one of the outages around it that it comes
 * nearest to in length, and where an outage has several reports the best counts. The others are missed.
 * @param slackNs by how much a report may be away from the truth and still be taken for it.
 */
export function readFavourably(
  noted: readonly Noted[],
  truth: readonly TrueOutage[],
  slackNs: number,
): readonly ReadOutage[] {
  const outages = truth.map(({ start, end }) => ({
    fromNs: start.earliestNs - slackNs,
    toNs: end.latestNs + slackNs,
    trueMs: (end.earliestNs + end.latestNs - start.earliestNs - start.latestNs) / 2e6,
  }));
  const errors = new Map<number, number>();
  for (const down of downOf(noted)) {
    const lengthMs = (down.toNs - down.fromNs) / 1e6;
    const [nearest] = outages
      .map((one, index) => ({ ...one, index, errorMs: Math.abs(lengthMs - one.trueMs) }))
      .filter(({ fromNs, toNs }) => down.fromNs <= toNs && down.toNs >= fromNs)
      .sort((a, b) => a.errorMs - b.errorMs);
    if (nearest !== undefined)
      errors.set(nearest.index, Math.min(nearest.errorMs, errors.get(nearest.index) ?? Infinity));
  }
  return outages.map(({ trueMs }, index) => ({
    missed: !errors.has(index),
    errorMs: errors.get(index) ?? trueMs,
  }));
}
