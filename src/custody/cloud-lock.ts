import { HarnessError } from '../model/errors.ts';
import type { Topology } from '../model/topology.ts';
import type { Clock } from '../ports/clock.ts';
import type { StateStore } from '../ports/state-store.ts';
import type { JournalOwner } from './journal-line.ts';

export interface LockOrder {
  readonly run: string;
  /** This process; its lock is taken over once it is gone. */
  readonly self: JournalOwner;
  readonly clock: Pick<Clock, 'wall'>;
}

/**
 * Takes the lock of every system of the topology, by the system's identity, so that one run at a time hurts a cloud: all of them
 * or none.
 * @returns how to let go of them; may be called twice.
 * @throws SQ_LOCKED naming who holds one.
 */
export async function takeLock(
  store: StateStore,
  topology: Pick<Topology, 'systems'>,
  { run, self, clock }: LockOrder,
): Promise<() => Promise<void>> {
  // In one order for everybody, so that two runs cannot each hold a half.
  const identities = [...new Set(topology.systems.map(({ identity }) => identity))].sort();
  const taken: string[] = [];
  const release = async (): Promise<void> => {
    for (const identity of taken.splice(0).reverse()) await store.unlock(identity, run);
  };
  const holder = { run, host: self.host, pid: self.pid, since: clock.wall() };
  for (const identity of identities) {
    const other = await store.lock(identity, holder);
    if (other === undefined) {
      taken.push(identity);
      continue;
    }
    await release();
    const system = topology.systems.find((known) => known.identity === identity);
    throw new HarnessError(
      'SQ_LOCKED',
      `Run ${other.run} (process ${other.pid} on ${other.host}, since ${other.since}) holds the lock of ${system?.name ?? identity}.`,
      { facts: { holder: other } },
    );
  }
  return release;
}
