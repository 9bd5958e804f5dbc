import type { LedgerEntry } from '../model/conformance.ts';
import type { Clock } from '../ports/clock.ts';
import type { RunLedger } from './ledger.ts';
import { taggedObjects, type SweepClients } from './tagged-objects.ts';

const LOOK_EVERY = { ms: 500 };

/**
 * Takes away what was made in a cloud for as long as the run measured, last made first, and again what is refused because
 * something else still uses it. What the cloud said it would delete is noted so: the sweep looks whether that is true.
 * @param createdBy whose: entries of anybody else stay.
 * @param signal its end; what is left then is the sweep's. It never rejects for what the cloud does.
 */
export async function takeAway(
  ledger: Pick<RunLedger, 'outstanding' | 'deleted'>,
  createdBy: readonly string[],
  clients: SweepClients,
  clock: Pick<Clock, 'sleep'>,
  signal: AbortSignal,
): Promise<void> {
  let left: readonly LedgerEntry[] = ledger
    .outstanding()
    .filter((entry) => entry.system === 'openstack' && createdBy.includes(entry.createdBy))
    .reverse();
  const accepted = new Set<LedgerEntry>();
  while (left.length > 0 && !signal.aborted) {
    const still: LedgerEntry[] = [];
    for (const collection of new Set(left.map((entry) => entry.collection))) {
      const inside = left.filter((entry) => entry.collection === collection);
      still.push(...(await removeThose(inside, accepted, clients, signal)));
    }
    for (const entry of left) if (!still.includes(entry)) ledger.deleted(entry);
    left = still;
    if (left.length > 0) await clock.sleep(LOOK_EVERY, signal).catch(() => undefined);
  }
  for (const entry of left) if (accepted.has(entry)) ledger.deleted(entry);
}

/** @returns those that are there still. */
async function removeThose(
  entries: readonly LedgerEntry[],
  accepted: Set<LedgerEntry>,
  clients: SweepClients,
  signal: AbortSignal,
): Promise<readonly LedgerEntry[]> {
  const [first] = entries;
  if (first === undefined) return [];
  const objects = await taggedObjects(first, clients, signal).catch(() => undefined);
  if (objects === undefined) return entries;
  const there = entries.filter(({ name }) => objects.some((object) => object.name === name));
  for (const entry of there) {
    for (const object of objects.filter(({ name }) => name === entry.name))
      await object.remove(signal).then(
        () => void accepted.add(entry),
        () => undefined,
      );
  }
  return there;
}
