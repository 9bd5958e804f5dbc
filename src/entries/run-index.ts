import { appendFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { RunFolderOnDisk } from '../adapters/system/run-folder-on-disk.ts';
import type { RunSummary } from '../model/comparison.ts';
import type { RunIndex } from '../run/history.ts';

/** Beside the run folders, one line for each; deleted, it is made again. */
const FILE = 'index.ndjson';

/** The run folders below an output folder. */
export function runFoldersIn(outputDir: string): readonly RunFolderOnDisk[] {
  if (!existsSync(outputDir)) return [];
  return readdirSync(outputDir)
    .filter((name) => existsSync(join(outputDir, name, 'run.json')))
    .map((name) => new RunFolderOnDisk(join(outputDir, name)));
}

/** Lines that cannot be read are left out, and a file that cannot be written is none: it is a cache. */
export function openRunIndex(outputDir: string): RunIndex {
  const file = join(outputDir, FILE);
  const known = new Map<string, RunSummary>();
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  for (const line of lines.filter((one) => one !== '')) {
    try {
      const { folder, summary } = JSON.parse(line) as { folder: string; summary: RunSummary };
      if (summary.schemaVersion === 1) known.set(folder, summary);
    } catch {
      continue;
    }
  }
  return {
    get: (path) => known.get(basename(path)),
    add(path, summary) {
      known.set(basename(path), summary);
      try {
        appendFileSync(file, `${JSON.stringify({ folder: basename(path), summary })}\n`);
      } catch {
        return;
      }
    },
  };
}
