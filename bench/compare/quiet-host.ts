import { loadavg } from 'node:os';
import { setTimeout } from 'node:timers/promises';

/** Waits until fewer processes than `below` wait for a processor: on a busy host a rehearsal is as slow as its host. */
export async function quietHost(below: number, goesOn: () => boolean): Promise<void> {
  while ((loadavg()[0] ?? 0) >= below && goesOn()) await setTimeout(5000);
}
