import { readdirSync } from 'node:fs';
import { closeGround, openGround, runOnce, type Ground } from './ground.ts';

export interface GatherOrder {
  /** Where runs are kept, and gone on with. */
  readonly folder: string;
  /** So many runs of each kind. */
  readonly wanted: Readonly<Record<string, number>>;
  readonly slowdowns: Readonly<Record<string, number>>;
  /** Each run is put behind this command. */
  readonly behind: readonly string[];
  readonly goesOn: () => boolean;
}

/** Runs until there are as many as wanted of each kind; the kinds take turns, so that a busy hour touches all of them alike. */
export async function gather({ folder, wanted, slowdowns, behind, goesOn }: GatherOrder): Promise<void> {
  const grounds: Ground[] = [];
  try {
    for (const kind of Object.keys(wanted))
      grounds.push(await openGround({ kind, slowdown: slowdowns[kind] ?? 1, folder }));
    const lacking = (): readonly Ground[] =>
      grounds.filter(({ kind, kept }) => readdirSync(kept).length < (wanted[kind] ?? 0));
    for (let rest = lacking(); rest.length > 0 && goesOn(); rest = lacking()) {
      for (const ground of rest) {
        if (!goesOn()) break;
        const code = await runOnce(ground, behind);
        process.stdout.write(`${ground.kind}: ${readdirSync(ground.kept).length} runs, exit ${code}\n`);
      }
    }
  } finally {
    for (const ground of grounds) await closeGround(ground);
  }
}
