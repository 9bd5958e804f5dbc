import type { Duration } from '../../model/duration.ts';
import { createTeller, type Fact, type Followed } from './follow-collection.ts';
import type { Emit, WatcherTools } from './watcher.ts';

/** Something that cannot be watched, and is asked again and again. */
export interface Polled extends Pick<Followed, 'watcher' | 'nameChange'> {
  /** What is asked, for the words `blind` and `seeing`. */
  readonly about: string;
  /** From the end of one look to the beginning of the next. */
  readonly every: Duration;
  /** All that is true now. Throws when it could not be looked at: the watcher is blind then. */
  readonly look: (tools: WatcherTools, signal: AbortSignal) => Promise<readonly Fact[]>;
}

/**
 * Follows facts by looking at them. The first look is where it begins, and no change; the old state counts as known until the
 * beginning of the last look that saw it, for what it asked may have been answered at any time after that.
 */
export async function followPolls(
  polled: Polled,
  tools: WatcherTools,
  emit: Emit,
  signal: AbortSignal,
): Promise<void> {
  const { clock } = tools;
  const teller = createTeller({ ...polled, collection: polled.about }, tools, emit);
  let before: ReadonlyMap<string, Fact> | undefined;
  while (!signal.aborted) {
    const beganNs = clock.now().ns;
    try {
      const facts = await polled.look(tools, signal);
      const after = new Map(facts.map((fact) => [fact.key, fact]));
      const seenNs = clock.now().ns;
      teller.seeing(seenNs);
      if (before !== undefined) teller.changes(before, after, seenNs, undefined);
      before = after;
      teller.known(beganNs);
    } catch (error) {
      if (signal.aborted) return;
      teller.blind(error instanceof Error ? error.message : String(error));
    }
    await clock.sleep(polled.every, signal).catch(() => undefined);
  }
}
