import type { InstantRange } from '../model/instant.ts';
import type { WatchedEvent } from '../model/observation.ts';

/** What a watcher's change means on the way back. */
export type Meaning = 'noticed' | 'ejected' | 'elected' | 'other';

const MEANINGS: Readonly<Record<string, Meaning>> = {
  'node-not-ready': 'noticed',
  'node-removed': 'noticed',
  'member-out': 'noticed',
  'agent-down': 'noticed',
  'endpoint-removed': 'ejected',
  leader: 'elected',
  'address-moved': 'elected',
};

/** Changes by which redundancy goes and comes back, each with what it is counted by. */
const LOSSES: ReadonlySet<string> = new Set([
  'node-not-ready',
  'node-removed',
  'endpoint-removed',
  'member-out',
  'agent-down',
]);
const RETURNS: ReadonlySet<string> = new Set([
  'node-ready',
  'node-added',
  'endpoint-added',
  'member-back',
  'agent-up',
]);

/** The milestone that a change is; an election counts once somebody holds it again. */
export function meaningOf(event: WatchedEvent): Meaning {
  const meaning = MEANINGS[event.change] ?? 'other';
  return meaning === 'elected' && event.is === undefined ? 'other' : meaning;
}

/**
 * The change with which all that was lost was back: endpoints by number (another pod is as good), nodes by name. Where watchers
 * did not see it, or were blind at the end, it is the run's own look at the whole topology while it waited for *recovered*.
 * @param events of one stretch, in the order seen.
 * @returns undefined when nobody saw that all was there.
 */
export function redundancyReturn(events: readonly WatchedEvent[]): WatchedEvent | undefined {
  const missing = new Map<string, number>();
  const blind = new Set<string>();
  let open = false;
  let back: WatchedEvent | undefined;
  for (const event of events) {
    if (event.change === 'blind') blind.add(event.watcher);
    if (event.change === 'seeing') blind.delete(event.watcher);
    const delta = LOSSES.has(event.change) ? 1 : RETURNS.has(event.change) ? -1 : 0;
    const key = `${event.watcher} ${event.about}`;
    missing.set(key, (missing.get(key) ?? 0) + delta);
    const wasOpen = open;
    open = [...missing.values()].some((left) => left > 0);
    if (open) back = undefined;
    else if (wasOpen) back = event;
  }
  return blind.size === 0 && back !== undefined
    ? back
    : events.slice(lastLoss(events) + 1).find(({ change }) => change === 'full-redundancy');
}

const lastLoss = (events: readonly WatchedEvent[]): number =>
  events.reduce((last, { change }, index) => (LOSSES.has(change) ? index : last), -1);

/** The change lies after the old state was last seen. */
export const rangeOf = ({ clock, afterNs, seenNs }: WatchedEvent): InstantRange => ({
  clock,
  earliestNs: afterNs,
  latestNs: seenNs,
});
