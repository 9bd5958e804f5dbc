import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { createSystemChance } from '../../src/adapters/system/system-chance.ts';
import { createSystemClock } from '../../src/adapters/system/system-clock.ts';
import { composeReferenceLab } from '../../src/entries/compose-reference-lab.ts';
import { ClusterReader } from '../../src/labs/reference/cluster-reader.ts';
import { lacksOf } from '../../src/labs/reference/readiness.ts';
import { NODE_SHAPES } from '../../src/labs/reference/shape.ts';
import type { Lab } from '../../src/ports/lab.ts';
import { hostTraces } from '../../bench/lab/host-traces.ts';

/** One lab for all these tests; with podman, as root, on Linux, and only by `npm run test:reference`. */
export const clock = createSystemClock();
export const lab: Lab = composeReferenceLab({
  clock,
  chance: createSystemChance(),
  environment: process.env,
});
const never = new AbortController().signal;

/**
 * To work on one test: a lab that is up is taken as it is and stays, and the tests of coming up and going down are not run.
 * CI never sets it.
 */
export const keepsLab = process.env['KEEP_LAB'] === '1';

/** What CI has time for: one of each way to hold and to end, and conformance in full once. */
export const isShort = process.env['REFERENCE'] === 'short';

let atFirst: Record<string, unknown> | undefined;

/** Of the host, before the first lab of these tests. */
export const hostAtFirst = (): Record<string, unknown> => (atFirst ??= hostTraces());

/** @returns what it reported and how long it took, in seconds. */
export async function bringUp(): Promise<{ readonly lines: readonly string[]; readonly seconds: number }> {
  const lines: string[] = [];
  const startNs = clock.now().ns;
  await lab.up((says) => lines.push(says), never);
  return { lines, seconds: (clock.now().ns - startNs) / 1e9 };
}

/** A test alone, as with `--grep`, brings up what it needs. */
export async function ensureUp(): Promise<void> {
  if ((await lab.status()).state !== 'up') await bringUp();
}

export async function openCluster(): Promise<ClusterReader> {
  const { kubeconfig = '' } = await lab.connection();
  return new ClusterReader(readFileSync(kubeconfig, 'utf8'), clock);
}

/** @throws when what was hurt before has not come back by then. */
export async function untilWhole(withinMs: number): Promise<void> {
  const cluster = await openCluster();
  try {
    // What the API tells of a node that started again is what was true before, until its kubelet speaks.
    const started = new Map(await Promise.all(NODE_SHAPES.map(async ({ name }) => startOf(name))));
    const since = (node: string): string => started.get(node) ?? new Date(0).toISOString();
    await until(withinMs, () => lacksOf({ cluster, since }));
  } finally {
    cluster.close();
  }
}

async function startOf(node: string): Promise<readonly [string, string]> {
  const given = [
    'inspect',
    '--format',
    '{{.State.StartedAt.Format "2006-01-02T15:04:05.000Z07:00"}}',
    `squall-${node}`,
  ];
  const { stdout } = await promisify(execFile)('podman', given);
  return [node, stdout.trim()];
}

/** Asks until nothing is lacking any more. @throws with what still is when the time is over. */
export async function until(withinMs: number, lacks: () => Promise<string | undefined>): Promise<void> {
  const endNs = clock.now().ns + withinMs * 1e6;
  for (;;) {
    const now = await lacks();
    if (now === undefined) return;
    if (clock.now().ns > endNs) throw new Error(`After ${withinMs} ms: ${now}`);
    await clock.sleep({ ms: 250 });
  }
}

/** For whoever reads the output of CI: times and figures, below the name of the test that is running. */
export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
