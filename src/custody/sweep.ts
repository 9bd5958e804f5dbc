import type { LedgerEntry, Leftover } from '../model/conformance.ts';
import { nanosecondsOf, type Duration } from '../model/duration.ts';
import { describeError } from '../model/errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { RunLedger } from './ledger.ts';
import { taggedObjects, type SweepClients, type TaggedObject } from './tagged-objects.ts';

/** A cloud may take this long to do what it said it would. */
const PATIENCE: Duration = { ms: 15_000 };

const LOOK_EVERY = { ms: 300 };

interface Suspect {
  readonly entry: LedgerEntry;
  /** Somebody asked for its deletion before, and was told that it would be. */
  readonly deletedBefore: boolean;
  seen: boolean;
  gone: boolean;
  /** The cloud said that it would delete it. */
  accepted: boolean;
  trouble?: string;
}

/**
 * Deletes what is left of a run, last created first. It touches only what is in the ledger and carries our mark. What the cloud
 * said it deleted is looked for as well, so that a deletion that is only claimed is found.
 * @param patience from the start until whatever is still there counts as left.
 * @returns what was left when it began, and what became of it; `cloud` for what stayed although its deletion was accepted.
 */
export async function sweep(
  ledger: Pick<Ledger, 'outstanding'> & Partial<Pick<RunLedger, 'deletedOnes'>>,
  clients: SweepClients,
  clock: Clock,
  patience: Duration = PATIENCE,
): Promise<readonly Leftover[]> {
  const suspects = [
    ...[...ledger.outstanding()].reverse().map((entry) => suspect(entry, false)),
    ...(ledger.deletedOnes?.() ?? []).map((entry) => suspect(entry, true)),
  ];
  const until = clock.now().ns + nanosecondsOf(patience);
  // A sweep is owed whatever stopped the run, so nothing aborts it but its own patience.
  const controller = new AbortController();
  const cancel = clock.after(patience.ms + 5000, () =>
    controller.abort(new Error('The sweep took too long.')),
  );
  try {
    for (;;) {
      await pass(suspects, clients, controller.signal);
      if (suspects.every(({ gone }) => gone) || clock.now().ns >= until) break;
      await clock.sleep(LOOK_EVERY);
    }
  } finally {
    cancel();
  }
  return suspects.filter(isLeftover).map(leftoverOf);
}

const suspect = (entry: LedgerEntry, deletedBefore: boolean): Suspect => ({
  entry,
  deletedBefore,
  seen: false,
  gone: false,
  accepted: deletedBefore,
});

/** Looks at every collection once, and asks for the deletion of what is ours in it. */
async function pass(suspects: readonly Suspect[], clients: SweepClients, signal: AbortSignal): Promise<void> {
  const collections = new Map<string, Suspect[]>();
  for (const one of suspects.filter(({ gone }) => !gone)) {
    const key = `${one.entry.system} ${one.entry.collection}`;
    collections.set(key, [...(collections.get(key) ?? []), one]);
  }
  for (const inside of collections.values()) {
    const first = inside[0];
    if (first === undefined) continue;
    try {
      const objects = await taggedObjects(first.entry, clients, signal);
      for (const one of inside) await settle(one, objects, signal);
    } catch (error) {
      for (const one of inside) one.trouble = describeError(error);
    }
  }
}

async function settle(one: Suspect, objects: readonly TaggedObject[], signal: AbortSignal): Promise<void> {
  const { id, name } = one.entry;
  const found = objects.find(
    (object) => object.name === name && (id === undefined || object.id === id || object.name === id),
  );
  if (found === undefined) {
    one.gone = true;
    delete one.trouble;
    return;
  }
  one.seen = true;
  try {
    await found.remove(signal);
    one.accepted = true;
    delete one.trouble;
  } catch (error) {
    one.trouble = describeError(error);
  }
}

/** A deletion that took a moment is no leftover; one that was never asked for is, even when the sweep did it. */
const isLeftover = ({ seen, gone, deletedBefore, trouble }: Suspect): boolean =>
  gone ? seen && !deletedBefore : seen || trouble !== undefined;

function leftoverOf({ entry, gone, accepted, seen, trouble }: Suspect): Leftover {
  const what = `${entry.collection} ${entry.name}, created by ${entry.createdBy},`;
  if (gone)
    return { entry, fault: 'ours', swept: true, says: `${what} was left behind, and is deleted now.` };
  if (!seen)
    return {
      entry,
      fault: 'ours',
      swept: false,
      says: `${what} may be left: ${trouble ?? 'it was not looked at'}`,
    };
  if (accepted) {
    return {
      entry,
      fault: 'cloud',
      swept: false,
      says: `${what} is still there although the cloud accepted its deletion.`,
    };
  }
  return {
    entry,
    fault: 'ours',
    swept: false,
    says: `${what} could not be deleted: ${trouble ?? 'no reason is known'}`,
  };
}
