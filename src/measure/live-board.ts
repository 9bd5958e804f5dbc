import { formatDuration, milliseconds, nanosecondsOf } from '../model/duration.ts';
import { HarnessError } from '../model/errors.ts';
import type { LiveProbe } from '../model/observation.ts';
import type { GuardSpec } from '../model/plan.ts';
import type { Clock } from '../ports/clock.ts';

/** A probe is up for good once this many samples in a row were answered well. */
export const UP_AFTER = 3;

export type BoardState = 'up' | 'down' | 'unseen';

interface Entry {
  readonly live: LiveProbe;
  readonly state: BoardState;
  /** Since when it is down, counting over samples that say nothing; undefined while it is not. */
  readonly downSinceNs: number | undefined;
}

/** The present state of all probes, fed by `Prober.onLive`: what guards and the wait for *recovered* read. Never evidence. */
export class LiveBoard {
  readonly #clock: Clock;
  readonly #onChange: (probe: string, state: BoardState) => void;
  readonly #entries = new Map<string, Entry>();
  readonly #guards: { readonly guard: GuardSpec; readonly stop: AbortController }[] = [];

  readonly #told = new Map<string, BoardState>();

  /**
   * @param onChange called when a probe turns up, down or unseen. One that is asked in several parts is down while any of them is,
   * and unseen when all of them are.
   */
  constructor(clock: Clock, onChange: (probe: string, state: BoardState) => void = () => undefined) {
    this.#clock = clock;
    this.#onChange = onChange;
  }

  update(states: readonly LiveProbe[]): void {
    for (const live of states) {
      const before = this.#entries.get(live.probe);
      const entry = { live, state: stateOf(live), downSinceNs: downSince(live, before) };
      this.#entries.set(live.probe, entry);
      this.#tell(live.partOf ?? live.probe);
      for (const { guard, stop } of this.#guards) check(guard, entry, stop);
    }
  }

  #tell(name: string): void {
    const parts = [...this.#entries.values()].filter(({ live }) => (live.partOf ?? live.probe) === name);
    const states = parts.map(({ state }) => state);
    const state = (['down', 'up'] as const).find((each) => states.includes(each)) ?? 'unseen';
    if (state === (this.#told.get(name) ?? 'unseen')) return;
    this.#told.set(name, state);
    this.#onChange(name, state);
  }

  /** What is known of the probe now: what was last heard, or unseen once that is too old. */
  state(probe: string): BoardState {
    const entry = this.#entries.get(probe);
    return entry === undefined || this.#isStale(entry.live) ? 'unseen' : entry.state;
  }

  /**
   * True when every probe was answered well in its last three samples, and that is no old news. Before the first news it is
   * false.
   * @param afterNs only samples planned after this count: a fault of a moment ago may not have shown yet.
   */
  allUp(afterNs = Number.NEGATIVE_INFINITY): boolean {
    if (this.#entries.size === 0) return false;
    return [...this.#entries.values()].every(
      ({ live, state }) =>
        state === 'up' &&
        live.inRow >= UP_AFTER &&
        !this.#isStale(live) &&
        freshSamples(live, afterNs) >= UP_AFTER,
    );
  }

  /** Aborts, with a `HarnessError` as its reason, as soon as one guard's probe has been down for too long without a break. */
  guardSignal(guards: readonly GuardSpec[]): AbortSignal {
    const stop = new AbortController();
    for (const guard of guards) {
      this.#guards.push({ guard, stop });
      for (const entry of this.#entries.values()) check(guard, entry, stop);
    }
    return stop.signal;
  }

  #isStale(live: LiveProbe): boolean {
    return this.#clock.now().ns - live.atNs > live.freshForNs;
  }
}

function stateOf({ outcome, inRow }: LiveProbe): BoardState {
  if (outcome === 'unknown' || inRow === 0) return 'unseen';
  return outcome === 'ok' ? 'up' : 'down';
}

/**
 * A sample that says nothing is no sign that the probe came back: a guard that stops too early costs a run, one that stops too
 * late costs a cloud.
 */
function downSince(live: LiveProbe, before: Entry | undefined): number | undefined {
  if (live.outcome === 'ok') return undefined;
  const since = live.outcome === 'failed' ? live.sinceNs : undefined;
  return before?.downSinceNs ?? since;
}

/** How many samples of the present row were planned after `afterNs`, judging by the pace of the row. */
function freshSamples({ sinceNs, atNs, inRow }: LiveProbe, afterNs: number): number {
  if (sinceNs > afterNs) return inRow;
  if (atNs <= afterNs || inRow < 2) return 0;
  return Math.floor(((atNs - afterNs) / (atNs - sinceNs)) * (inRow - 1));
}

function check(guard: GuardSpec, { live, downSinceNs }: Entry, stop: AbortController): void {
  if (guard.probe !== live.probe && guard.probe !== live.partOf) return;
  if (downSinceNs === undefined || stop.signal.aborted) return;
  const downNs = live.atNs - downSinceNs;
  if (downNs < nanosecondsOf(guard.downFor)) return;
  const down = formatDuration(milliseconds(downNs / 1e6));
  const limit = formatDuration(guard.downFor);
  stop.abort(
    new HarnessError(
      'SQ_STOPPED',
      `Guard ${guard.name} stopped chaos: probe ${live.probe} has been down for ${down} (limit ${limit}).`,
      {
        facts: { guard: guard.name, probe: live.probe, downMs: downNs / 1e6 },
      },
    ),
  );
}
