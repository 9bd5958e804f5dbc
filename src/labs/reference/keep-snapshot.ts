import { existsSync, readFileSync } from 'node:fs';
import type { LabTools } from './lab-tools.ts';
import { keepVolumes, nameKeptVolumes, snapshotMark } from './node-volumes.ts';
import { containerOf, NODE_SHAPES } from './shape.ts';

/** Certificates in a snapshot are good for a year; well before that it is made anew. */
const LONGEST_DAYS = 200;

interface SnapshotMark {
  /** UTC, ISO 8601. */
  readonly taken: string;
  readonly token: string;
}

/** undefined when there is none of that key, or when it is too old. */
export function readSnapshot(tools: LabTools, key: string): SnapshotMark | undefined {
  const file = snapshotMark(tools, key);
  if (!existsSync(file)) return undefined;
  try {
    const mark = JSON.parse(readFileSync(file, 'utf8')) as SnapshotMark;
    const ageMs = Date.parse(tools.clock.wall()) - Date.parse(mark.taken);
    return ageMs >= 0 && ageMs < LONGEST_DAYS * 86_400_000 ? mark : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Keeps all five volumes as they are at one instant: the nodes are frozen for it, so what one has written another has not missed,
 * and starting from it is what follows a loss of power, which every part of a cluster has to survive. They are running again when
 * it returns.
 * @returns how long they stood still, in milliseconds.
 */
export async function keepSnapshot(tools: LabTools, key: string, token: string): Promise<number> {
  const { engine, clock } = tools;
  const names = NODE_SHAPES.map(({ name }) => containerOf(name));
  const startNs = clock.now().ns;
  try {
    await Promise.all(names.map((name) => engine.pause(name)));
    await keepVolumes(tools);
  } finally {
    await Promise.all(names.map((name) => engine.unpause(name)));
  }
  const stoodMs = (clock.now().ns - startNs) / 1e6;
  await nameKeptVolumes(tools, key, { taken: clock.wall(), token } satisfies SnapshotMark);
  return stoodMs;
}
