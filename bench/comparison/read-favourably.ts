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
 * What a loop makes of each true outage, in its favour: of all that it reports around it, whatever comes nearest in length.
 * @param slackNs by how much a report may be away from the truth and still be taken for it.
 */
export function readFavourably(
  noted: readonly Noted[],
  truth: readonly TrueOutage[],
  slackNs: number,
): readonly ReadOutage[] {
  const downs = downOf(noted);
  return truth.map(({ start, end }) => {
    const [fromNs, toNs] = [start.earliestNs, end.latestNs];
    const trueMs = (end.earliestNs + end.latestNs - start.earliestNs - start.latestNs) / 2e6;
    const errors = downs
      .filter((down) => down.fromNs <= toNs + slackNs && down.toNs >= fromNs - slackNs)
      .map((down) => Math.abs((down.toNs - down.fromNs) / 1e6 - trueMs));
    return { missed: errors.length === 0, errorMs: errors.length === 0 ? trueMs : Math.min(...errors) };
  });
}
