import { createSystemChance } from '../adapters/system/system-chance.ts';
import type { JournalOwner } from '../custody/journal-line.ts';
import { readJournal, type JournalReading } from '../custody/index.ts';
import { describeError } from '../model/errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Lab } from '../ports/lab.ts';
import type { StateStore } from '../ports/state-store.ts';
import type { Clients } from '../run/world.ts';
import { connect } from './connect.ts';
import { createLab } from './labs.ts';
import type { Settings } from './settings.ts';

/** A run that has a journal in its place. */
export interface KnownRun {
  readonly run: string;
  readonly reading: JournalReading;
}

/** One whose journal cannot be read is among them: it is known that there is one, and nothing else. */
export async function knownRuns(store: StateStore): Promise<readonly KnownRun[]> {
  const runs = await store.runs();
  return Promise.all(
    runs.map(async (run) => ({ run, reading: await readJournal(store, run).catch(unreadable) })),
  );
}

const unreadable = (error: unknown): JournalReading => ({
  exists: true,
  open: [],
  entries: [],
  stories: [],
  closed: false,
  torn: [],
  troubles: [`It cannot be read: ${describeError(error)}`],
  later: false,
});

/** A lab and what leads to it, opened once and shared by all runs on it. */
export interface LabInReach {
  readonly key: string;
  readonly lab: Lab;
  /** Clients of its systems; none where it is not up. They load and connect when they are asked for first. */
  readonly clients: () => Promise<Clients>;
}

/** Finds the lab of a run again by what its journal says, and the lab that the settings name where it says nothing. */
export class LabsInReach {
  readonly #settings: Settings;
  readonly #clock: Clock;
  readonly #labs = new Map<string, Promise<LabInReach>>();

  constructor(settings: Settings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
  }

  /** @throws whatever kept that lab from being opened; it is then none of `all`. */
  of(owner: JournalOwner | undefined): Promise<LabInReach> {
    const { lab: named, kubeconfig, context, osCloud } = this.#settings;
    const name = owner?.lab ?? named;
    // What was typed is for the lab that was typed; a lab of another name is found by its own journal.
    const typed =
      name === named
        ? {
            ...(kubeconfig === undefined ? {} : { kubeconfig }),
            ...(context === undefined ? {} : { context }),
            ...(osCloud === undefined ? {} : { osCloud }),
          }
        : {};
    const { cloud, ...files } = owner?.connection ?? {};
    const way = { ...files, ...(cloud === undefined ? {} : { osCloud: cloud }), ...typed };
    const key = JSON.stringify([name, way]);
    const opening = this.#labs.get(key) ?? this.#open(key, name, way);
    this.#labs.set(key, opening);
    opening.catch(() => this.#labs.delete(key));
    return opening;
  }

  /** Those that were asked for, once each. */
  async all(): Promise<readonly LabInReach[]> {
    const labs = await Promise.all(this.#labs.values());
    // A lab that Squall deployed is the same one by whatever files its runs reached it.
    return [...new Map(labs.map((reach) => [reach.lab.owned ? reach.lab.name : reach.key, reach])).values()];
  }

  async #open(key: string, name: string, way: object): Promise<LabInReach> {
    const clock = this.#clock;
    const lab = await createLab(name, { ...way, clock, chance: createSystemChance() });
    let opened: Promise<Clients> | undefined;
    return {
      key,
      lab,
      clients: () => {
        opened ??= lab
          .connection()
          .then((connection) => connect(connection, clock))
          // A lab that is down leads nowhere; whoever needs a client says so.
          .catch(() => ({}));
        return opened;
      },
    };
  }
}
