import type { Phase } from '../model/analysis.ts';
import type { InstantRange } from '../model/instant.ts';
import type { WatchedEvent } from '../model/observation.ts';
import type { Felt } from './outages.ts';
import { meaningOf, rangeOf } from './watched-changes.ts';

const RANKS = 'rank-sum test of the latencies against those before the first fault';

interface Milestone {
  readonly name: Phase['name'];
  readonly at: InstantRange;
  readonly source: string;
}

/**
 * The way back, cut at its milestones: impact, noticed (a node counts as lost), ejected (an endpoint is gone), elected (a leader
 * or the address has a holder again), answers, redundant, performance (as fast as before the first fault). Each phase begins where the one before it ends, the first with the
 * fault's effect, and carries the name of the milestone that ends it. Where no watcher saw anything between impact and answers,
 * that stretch is unattributed.
 */
export function phasesOf(
  effect: InstantRange,
  felt: readonly Felt[],
  back: InstantRange | undefined,
  events: readonly WatchedEvent[],
  redundant: WatchedEvent | undefined,
  performance: InstantRange | undefined,
): readonly Phase[] {
  const impact = impactOf(felt);
  const answers = impact === undefined || back === undefined ? undefined : answersOf(felt, back);
  const seen = (['noticed', 'ejected', 'elected'] as const).flatMap((name) => {
    const event = events.find((one) => meaningOf(one) === name);
    return event === undefined ? [] : [milestoneOf(name, event)];
  });
  const milestones: Milestone[] = [
    ...(impact === undefined ? [] : [impact]),
    ...seen,
    ...(answers === undefined ? [] : [answers]),
    ...(redundant === undefined ? [] : [milestoneOf('redundant', redundant)]),
    ...(performance === undefined ? [] : [{ name: 'performance' as const, at: performance, source: RANKS }]),
  ].sort((a, b) => a.at.latestNs - b.at.latestNs || a.at.earliestNs - b.at.earliestNs);
  return chain(effect, milestones);
}

function chain(effect: InstantRange, milestones: readonly Milestone[]): readonly Phase[] {
  let start = effect;
  let explained = false;
  return milestones.map(({ name, at, source }) => {
    // Milestones are in order by when they were surely reached; where ranges overlap, none may begin before the last.
    const end = {
      clock: at.clock,
      earliestNs: Math.max(at.earliestNs, start.earliestNs),
      latestNs: Math.max(at.latestNs, start.latestNs),
    };
    const unattributed = name === 'answers' && !explained;
    const phase: Phase = {
      name: unattributed ? 'unattributed' : name,
      start,
      end,
      source: unattributed ? `${source}; no watcher saw why` : source,
    };
    explained ||= name === 'noticed' || name === 'ejected' || name === 'elected';
    start = end;
    return phase;
  });
}

/** The first edge down of any probe that was seen down. */
function impactOf(felt: readonly Felt[]): Milestone | undefined {
  const starts = felt.flatMap(({ probe, outages }) => outages.map(({ start }) => ({ probe, start })));
  const [first] = starts.sort((a, b) => a.start.latestNs - b.start.latestNs);
  return first && { name: 'impact', at: first.start, source: `probe ${first.probe} down` };
}

function answersOf(felt: readonly Felt[], at: InstantRange): Milestone {
  const ends = felt.flatMap(({ probe, outages }) => outages.map(({ end }) => ({ probe, end })));
  const [last] = ends.sort((a, b) => b.end.latestNs - a.end.latestNs);
  return { name: 'answers', at, source: `probe ${last?.probe ?? ''} up` };
}

function milestoneOf(name: Phase['name'], event: WatchedEvent): Milestone {
  const to = event.is === undefined ? '' : ` to ${event.is}`;
  return {
    name,
    at: rangeOf(event),
    source: `watcher ${event.watcher}: ${event.change} ${event.about}${to}`,
  };
}
