import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadCatalogue } from '../../src/entries/catalogue.ts';
import { bundledPlans, packageFolder } from '../../src/entries/places.ts';
import { parseTopologyFile } from '../../src/topology/index.ts';
import { canary } from './documents.ts';
import { runFuzzCase, type FuzzResult } from './fuzz-case.ts';
import { startLyingServer } from './lying-server.ts';

/** What the pool tells a worker: the cases from `from` up to, but without, `to`. */
export interface FuzzOrder {
  readonly from: number;
  readonly to: number;
}

/** What a worker tells the pool; `begun` first, so that a case that ends the process or never returns is known. */
export type FuzzMessage =
  | { readonly begun: number }
  | { readonly number: number; readonly result: FuzzResult; readonly stray: readonly string[] }
  | { readonly done: true; readonly mostMiB: number };

const folder = mkdtempSync(join(tmpdir(), 'squall-fuzz-'));
writeFileSync(join(folder, 'token-file'), canary('token_file'));
const stray: string[] = [];
process.on('uncaughtException', (error) => stray.push(`uncaught: ${error.stack ?? error.message}`));
process.on('unhandledRejection', (error) =>
  stray.push(`unhandled: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`),
);
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
process.on('disconnect', () => process.exit(0));

const tell = (message: FuzzMessage): void => {
  process.send?.(message);
};

async function work({ from, to }: FuzzOrder): Promise<void> {
  const file = join(packageFolder(), 'chaos-plans', 'rehearsal.topology.json');
  const world = {
    folder,
    server: await startLyingServer(),
    catalogue: await loadCatalogue(),
    topology: parseTopologyFile(readFileSync(file, 'utf8'), file),
    plans: bundledPlans().map(({ path }) => readFileSync(path, 'utf8')),
  };
  for (let number = from; number < to; number++) {
    tell({ begun: number });
    const result = await runFuzzCase(number, world);
    tell({ number, result, stray: stray.splice(0) });
  }
  await world.server.close();
  // In kilobytes on Linux and macOS, as Node documents it.
  tell({ done: true, mostMiB: process.resourceUsage().maxRSS / 1024 });
  process.disconnect();
}

process.once('message', (order: FuzzOrder) => {
  work(order).catch((error: unknown) => {
    stray.push(String(error));
    throw error;
  });
});
