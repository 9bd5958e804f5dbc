import { readFile } from 'node:fs/promises';
import { median, probeInProcess, sleep } from './probing.ts';
import { Target } from './target.ts';

const RATE = 1000;
const LOOK_EVERY_MS = 1000;

export interface Memory {
  readonly seconds: number;
  readonly rate: number;
  readonly beginMb: number;
  readonly endMb: number;
  readonly peakMb: number;
  readonly grownMb: number;
}

async function residentMb(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(text)?.[1]) / 1024;
}

/**
 * What the prober's process holds in memory at a steady rate. The first quarter is not counted: the engine grows its heap until
 * it knows how much it needs. Begin is the median of the second quarter, end that of the last.
 */
export async function memory(seconds: number): Promise<Memory> {
  const target = await Target.start();
  const looks: number[] = [];
  try {
    await probeInProcess({ url: target.url, rate: RATE, everyMs: 10 }, async (pid) => {
      for (let i = 0; i < (seconds * 1000) / LOOK_EVERY_MS; i++) {
        await sleep(LOOK_EVERY_MS);
        looks.push(await residentMb(pid));
      }
    });
  } finally {
    await target.stop();
  }
  const quarter = Math.floor(looks.length / 4);
  const beginMb = median(looks.slice(quarter, 2 * quarter));
  const endMb = median(looks.slice(3 * quarter));
  return { seconds, rate: RATE, beginMb, endMb, peakMb: Math.max(...looks), grownMb: endMb - beginMb };
}
