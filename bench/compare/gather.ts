import { closeGround, openGround, runOnce, type Ground } from './ground.ts';
import { quietHost } from './quiet-host.ts';
import { readPool } from './read-pool.ts';

export interface GatherOrder {
  /** Where runs are kept, and gone on with. */
  readonly folder: string;
  /** So many recoveries of each kind. */
  readonly wanted: Readonly<Record<string, number>>;
  readonly slowdowns: Readonly<Record<string, number>>;
  /** Each run is put behind this command. */
  readonly behind: readonly string[];
  readonly goesOn: () => boolean;
  /** No run is begun while more processes than this wait for a processor: its edges would be too wide to tell anything. */
  readonly quietBelow: number;
}

/**
 * Runs until there are as many recoveries as wanted of each kind. The kinds run side by side, for a run mostly waits; so a busy
 * hour touches all of them alike.
 */
export async function gather(order: GatherOrder): Promise<void> {
  const { folder, wanted, slowdowns, behind, goesOn } = order;
  const lacking = (kind: string): boolean => readPool(folder, kind).length < (wanted[kind] ?? 0);
  const grounds: Ground[] = [];
  await quietHost(order.quietBelow, goesOn);
  if (!goesOn()) return;
  try {
    for (const kind of Object.keys(wanted).filter(lacking))
      grounds.push(await openGround({ kind, slowdown: slowdowns[kind] ?? 1, folder }));
    await Promise.all(
      grounds.map(async (ground) => {
        while (lacking(ground.kind) && goesOn()) {
          await quietHost(order.quietBelow, goesOn);
          if (!goesOn()) return;
          const code = await runOnce(ground, behind);
          const found = readPool(folder, ground.kind).length;
          process.stdout.write(`${ground.kind}: ${found} recoveries, exit ${code}\n`);
        }
      }),
    );
  } finally {
    for (const ground of grounds) await closeGround(ground);
  }
}
