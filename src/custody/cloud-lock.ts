import { formatDuration, nanosecondsOf } from '../model/duration.ts';
import { HarnessError } from '../model/errors.ts';
import type { Topology } from '../model/topology.ts';
import type { Clock } from '../ports/clock.ts';
import type { LockHolder, SharedState } from '../ports/state-store.ts';
import type { JournalOwner } from './journal-line.ts';

export interface LockOrder {
  readonly run: string;
  /** This process; its lock is taken over once it is gone. */
  readonly self: JournalOwner;
  readonly clock: Clock;
}

/**
 * How often a lock is renewed, and from when on a run whose renewals get no answer injects nothing more and stops. A lease of the
 * cluster form lasts twice that long, so whoever takes over finds everything healed.
 */
export const LOCK_TIMES = { renewEvery: { ms: 10_000 }, giveUpAfter: { ms: 60_000 } };

/** The lock of a cloud, held. */
export interface HeldLock {
  /** Lets go of it; may be called twice. */
  release(): Promise<void>;
  /** Aborted when it is lost, or could not be renewed for too long; its reason says which. */
  readonly lost: AbortSignal;
  /** Asked before each injection. @throws SQ_LOCKED when it is lost, also when this process or its machine slept through its lease. */
  check(): void;
}

/**
 * Takes the lock of every system of the topology, by the system's identity, so that one run at a time hurts a cloud: all of them
 * or none.
 * @throws SQ_LOCKED naming who holds one.
 */
export async function takeLock(
  state: SharedState,
  topology: Pick<Topology, 'systems'>,
  { run, self, clock }: LockOrder,
): Promise<HeldLock> {
  // In one order for everybody, so that two runs cannot each hold a half.
  const identities = [...new Set(topology.systems.map(({ identity }) => identity))].sort();
  const taken: string[] = [];
  const release = async (): Promise<void> => {
    for (const identity of taken.splice(0).reverse()) await state.unlock(identity, run);
  };
  const { host, pid, birth } = self;
  const holder = { run, host, pid, ...(birth === undefined ? {} : { birth }), since: clock.wall() };
  for (const identity of identities) {
    const other = await state.lock(identity, holder);
    if (other === undefined) {
      taken.push(identity);
      continue;
    }
    await release();
    const system = topology.systems.find((known) => known.identity === identity);
    throw heldBy(other, system?.name ?? identity);
  }
  const keeper = new LockKeeper(state, run, identities, clock);
  return {
    lost: keeper.lost,
    check: () => keeper.check(),
    async release() {
      await keeper.end();
      await release();
    },
  };
}

const heldBy = (other: LockHolder, cloud: string): HarnessError =>
  new HarnessError(
    'SQ_LOCKED',
    `Run ${other.run} (process ${other.pid} on ${other.host}, since ${other.since}) holds the lock of ${cloud}.`,
    { facts: { holder: other } },
  );

/**
 * Both clocks, for either may count too little: the one of intervals stands still while the machine sleeps, and the one of people, by
 * which others judge a lease, may be set back.
 */
interface Read {
  readonly ns: number;
  readonly wallMs: number;
}

const readBoth = (clock: Clock): Read => ({ ns: clock.now().ns, wallMs: Date.parse(clock.wall()) });

/** Renews locks until it is ended. */
class LockKeeper {
  readonly #state: SharedState;
  readonly #run: string;
  readonly #identities: readonly string[];
  readonly #clock: Clock;
  readonly #lost = new AbortController();
  readonly #ended = new AbortController();
  readonly #renewing: Promise<void>;
  #renewed: Read;

  constructor(state: SharedState, run: string, identities: readonly string[], clock: Clock) {
    this.#state = state;
    this.#run = run;
    this.#identities = identities;
    this.#clock = clock;
    this.#renewed = readBoth(clock);
    this.#renewing = this.#renewOnAndOn();
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  check(): void {
    this.#giveUpWhenLate();
    this.#lost.signal.throwIfAborted();
  }

  async end(): Promise<void> {
    this.#ended.abort();
    await this.#renewing;
  }

  async #renewOnAndOn(): Promise<void> {
    for (;;) {
      await this.#clock.sleep(LOCK_TIMES.renewEvery, this.#ended.signal).catch(() => undefined);
      if (this.#ended.signal.aborted || this.#lost.signal.aborted) return;
      await this.#renew();
      this.#giveUpWhenLate();
    }
  }

  async #renew(): Promise<void> {
    const asked = readBoth(this.#clock);
    try {
      for (const identity of this.#identities) {
        if (!(await this.#state.renew(identity, this.#run)))
          return this.#lose('Another run has taken over the lock of the cloud.');
      }
      this.#renewed = asked;
    } catch {
      // An API that is hurt says nothing for a while; whether that is too long is judged by the clock.
    }
  }

  #giveUpWhenLate(): void {
    const { giveUpAfter } = LOCK_TIMES;
    const { ns, wallMs } = readBoth(this.#clock);
    const lateNs = Math.max(ns - this.#renewed.ns, (wallMs - this.#renewed.wallMs) * 1e6);
    if (lateNs < nanosecondsOf(giveUpAfter)) return;
    this.#lose(`The lock of the cloud could not be renewed for ${formatDuration(giveUpAfter)}.`);
  }

  #lose(says: string): void {
    // Something was hurt already, so this is no refusal.
    if (!this.#lost.signal.aborted) this.#lost.abort(new HarnessError('SQ_LOCKED', says, { exitCode: 4 }));
  }
}
