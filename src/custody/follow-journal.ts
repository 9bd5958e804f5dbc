import { nanosecondsOf, type Duration } from '../model/duration.ts';
import { describeError } from '../model/errors.ts';
import type { HealingEntry, Verification } from '../model/injection.ts';
import type { Clock } from '../ports/clock.ts';
import type { HealingJournal } from '../ports/healing-journal.ts';
import type { StateStore } from '../ports/state-store.ts';
import { openJournal } from './open-journal.ts';
import { readJournal, type JournalReading } from './read-open-entries.ts';

export interface ReaperWatch {
  readonly store: StateStore;
  readonly run: string;
  readonly clock: Clock;
  /** Heals one entry and looks; repeatable. */
  readonly heal: (entry: HealingEntry, signal: AbortSignal) => Promise<Verification>;
  /** False once the process that injects is gone. */
  readonly harnessAlive: () => boolean;
  /** It leaves after this whatever is open, counted from its start. Default 24 h. */
  readonly lifetime?: Duration;
  readonly report?: (says: string) => void;
}

/** Why the reaper left. */
export type ReaperEnd = 'run-closed' | 'harness-gone' | 'lifetime-over' | 'stopped';

const READ_EVERY = { ms: 200 };
const TRY_AGAIN_AFTER = { ms: 2000 };
const LIFETIME = { ms: 24 * 3_600_000 };

/**
 * Follows the journals of a run and ends, at its declared end, whatever the reaper holds and nobody has closed. Once the harness
 * is gone it also closes what ended by itself, so that no journal stays open for nothing. It leaves when the run is closed, when
 * the harness is gone and nothing is open, or at the end of its own life.
 */
export async function followJournal(watch: ReaperWatch, signal: AbortSignal): Promise<ReaperEnd> {
  const { store, run, clock, harnessAlive, lifetime = LIFETIME, report } = watch;
  const end = clock.now().ns + nanosecondsOf(lifetime);
  const healer = new Healer(watch, signal);
  let seenOnce = false;
  while (!signal.aborted) {
    // Asked before reading: what a harness wrote before it died must not be missed.
    const alive = harnessAlive();
    const journal = await readJournal(store, run).catch((error: unknown) => {
      report?.(`The journal cannot be read: ${describeError(error)}`);
      return undefined;
    });
    if (journal !== undefined) {
      seenOnce ||= journal.exists;
      const left = leaves(journal, seenOnce, alive);
      if (left !== undefined && !healer.busy) return left;
      for (const entry of journal.open) if (isDue(entry, alive, clock)) healer.start(entry);
    }
    if (clock.now().ns >= end) return 'lifetime-over';
    await clock.sleep(READ_EVERY, signal).catch(() => undefined);
  }
  return 'stopped';
}

function leaves(
  { exists, open, closed }: JournalReading,
  seenOnce: boolean,
  alive: boolean,
): ReaperEnd | undefined {
  // Put away: whoever did that had closed everything.
  if (!exists) return seenOnce ? 'run-closed' : alive ? undefined : 'harness-gone';
  if (open.length > 0) return undefined;
  if (closed) return 'run-closed';
  return alive ? undefined : 'harness-gone';
}

function isDue({ expiryHolder, expires }: HealingEntry, alive: boolean, clock: Clock): boolean {
  const now = clock.now();
  // Another clock means that the host was started again since: every declared end is past.
  const expired = now.clock !== expires.clock || now.ns >= expires.ns;
  return expired && (expiryHolder === 'reaper' || !alive);
}

/** Heals entries beside each other, each one at a time, and writes what came of it. */
class Healer {
  readonly #watch: ReaperWatch;
  readonly #signal: AbortSignal;
  readonly #running = new Set<string>();
  #journal: Promise<HealingJournal> | undefined;

  constructor(watch: ReaperWatch, signal: AbortSignal) {
    this.#watch = watch;
    this.#signal = signal;
  }

  get busy(): boolean {
    return this.#running.size > 0;
  }

  start(entry: HealingEntry): void {
    if (this.#running.has(entry.id)) return;
    this.#running.add(entry.id);
    void this.#heal(entry).finally(() => this.#running.delete(entry.id));
  }

  async #heal(entry: HealingEntry): Promise<void> {
    const { heal, clock, report } = this.#watch;
    report?.(`Ending ${entry.fault} of step ${entry.step}: its time is over.`);
    try {
      // Opened first: a journal that the harness puts away meanwhile must not be begun anew.
      const journal = await this.#open().catch(() => undefined);
      const verification = await heal(entry, this.#signal);
      report?.(verification.says);
      await (journal ?? (await this.#open())).healed(entry.id, verification);
      if (verification.ok) return;
    } catch (error) {
      report?.(`It could not be ended: ${describeError(error)}`);
    }
    await clock.sleep(TRY_AGAIN_AFTER, this.#signal).catch(() => undefined);
  }

  #open(): Promise<HealingJournal> {
    const { store, run, clock } = this.#watch;
    const opening = (this.#journal ??= openJournal(store, { run, clock, writer: 'reaper' }));
    opening.catch(() => {
      this.#journal = undefined;
    });
    return opening;
  }
}
