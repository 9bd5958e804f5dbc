import { closeGround, openGround, runOnce, type Ground } from './ground.ts';
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
}

/**
 * Runs until there are as many recoveries as wanted of each kind. The kinds run side by side, for a run mostly waits; so a busy
 * hour touches all of them alike.
 */
export async function gather({ folder, wanted, slowdowns, behind, goesOn }: GatherOrder): Promise<void> {
  const lacking = (kind: string): boolean => readPool(folder, kind).length < (wanted[kind] ?? 0);
  const grounds: Ground[] = [];
  try {
    for (const kind of Object.keys(wanted).filter(lacking))
      grounds.push(await openGround({ kind, slowdown: slowdowns[kind] ?? 1, folder }));
    await Promise.all(
      grounds.map(async (ground) => {
        while (lacking(ground.kind) && goesOn()) {
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
