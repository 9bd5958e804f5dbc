import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Analysis } from '../../src/model/analysis.ts';
import type { Range } from '../../src/model/comparison.ts';

/** A run whose prober was held up for more of its samples than this measured the host, and not the cloud. */
const MOST_IMPAIRED = 0.05;

/** The outages of all kept runs, a round each: the model is the same before every one of them. */
export function readPool(folder: string, kind: string): readonly Range[] {
  const kept = join(folder, kind, 'runs');
  if (!existsSync(kept)) return [];
  return readdirSync(kept).flatMap((id) => {
    try {
      const analysis = JSON.parse(readFileSync(join(kept, id, 'analysis.json'), 'utf8')) as Analysis;
      if (analysis.probes.some(({ impairedRatio }) => impairedRatio > MOST_IMPAIRED)) return [];
      return analysis.recoveries.map(({ outage: { min, max } }) => ({ min, max }));
    } catch {
      return [];
    }
  });
}
