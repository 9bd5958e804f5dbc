import { Agent } from 'node:http';
import { sample, type Noted, type Timing } from './sampler-loops.ts';

/**
 * The loops of others by their timing, each read in their sources: OpenShift's disruption sampler (`disruption_backend_sampler.go`:
 * a request each second, ten seconds to answer, stamped at the request) and the health checks of krkn
 * (`http_health_check_plugin.py`: one thread asks all in turn, three seconds to answer, then sleeps for two; the wall clock at the
 * verdict). The third has krkn's loop at the rate of our own prober.
 */
const TIMINGS = {
  'sampler-1s': { timeoutMs: 10_000, loop: 'tick', everyMs: 1000, stamp: 'request', inTurn: false },
  krkn: { timeoutMs: 3000, loop: 'sleep', everyMs: 2000, stamp: 'verdict', inTurn: true },
  'krkn-at-our-rate': { timeoutMs: 1000, loop: 'sleep', everyMs: 10, stamp: 'verdict', inTurn: false },
} as const satisfies Readonly<Record<string, Timing>>;

export type Rival = keyof typeof TIMINGS;
export type SeenByRivals = Readonly<Record<Rival, readonly (readonly Noted[])[]>>;

/** At our own rate only so many targets, so that the machine is not the one that is measured. */
const AT_OUR_RATE = 2;

/** A process of its own: started with the ports, ends when it is told and prints what it saw. */
async function main(ports: readonly number[]): Promise<void> {
  const stopping = new AbortController();
  process.once('message', () => stopping.abort());
  process.once('disconnect', () => process.exit());
  const kept = new Agent({ keepAlive: true });
  const names = Object.keys(TIMINGS) as Rival[];
  const running = names.map((name) => {
    const some = name === 'krkn-at-our-rate' ? ports.slice(0, AT_OUR_RATE) : ports;
    return sample(some, TIMINGS[name], stopping.signal, name === 'krkn-at-our-rate' ? kept : undefined);
  });
  process.send?.('asking');
  const seen = await Promise.all(running);
  process.send?.(Object.fromEntries(names.map((name, index) => [name, seen[index]])), () => process.exit());
}

if (process.argv[2] !== undefined) await main(JSON.parse(process.argv[2]) as number[]);
