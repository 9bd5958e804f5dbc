import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { EntryPath } from './entry-path.ts';

/**
 * Starts an entry of Squall as a worker thread. `--import` of a loader has no effect in a worker thread of Node 20, so there
 * TypeScript's loader is brought in by hand.
 */
export function startWorkerThread({ path }: EntryPath, workerData?: unknown): Worker {
  if (!path.endsWith('.ts')) return new Worker(path, { workerData, execArgv: [] });
  // Asked for by name from here, it would be found as CommonJS, which cannot bring its ES modules along.
  const loader = new URL('./api/index.mjs', pathToFileURL(createRequire(import.meta.url).resolve('tsx/esm')))
    .href;
  const load = `import(${JSON.stringify(loader)}).then(({ register }) => {
    register();
    return import(${JSON.stringify(pathToFileURL(path).href)});
  });`;
  return new Worker(load, { workerData, execArgv: [], eval: true });
}
