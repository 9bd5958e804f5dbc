import { HarnessError } from '../../model/errors.ts';
import type { Fault } from '../fault.ts';
import { mayKeepAddress, shortestPatience, silentMember } from '../fault-timers.ts';
import { pressing } from '../press-targets.ts';
import { numberOf } from '../read-parameters.ts';
import { windowOf } from '../read-timers.ts';

/** With more, a node of a small host is too slow for whoever wants to look at it. */
const DEFAULT_THREADS = 2;

/** Has threads on nodes compute all the while, so that everything else there waits for a processor. */
export const cpuPressure: Fault = {
  name: 'cpu-pressure',
  version: 1,
  summary:
    'Takes processors away from nodes: so many threads for each of them always have something to compute.',
  acts: 'node',
  parameters: {
    threads: {
      type: 'integer',
      describe:
        'Threads for each processor that compute all the while, at the priority of ordinary services: what else computes there takes about as many times longer.',
      default: DEFAULT_THREADS,
      minimum: 1,
      maximum: 64,
    },
  },
  needs: ['pressure-cpu'],
  patience: () => ({ verify: { ms: 20_000 } }),
  predict(timers, context) {
    const threads = numberOf(context.parameters, 'threads') ?? DEFAULT_THREADS;
    const patience = shortestPatience(timers);
    const silent = silentMember(timers, mayKeepAddress(context));
    return windowOf({
      // Whoever waits for a processor may be too late for its clients all the while, and given up for it.
      outage: [0, context.duration.ms + Math.max(1000, silent.max)],
      redundancy: [0, context.duration.ms + Math.max(silent.max, 5000)],
      because: [
        `what is computed there takes up to ${threads + 1} times as long while it lasts`,
        patience.because,
        ...silent.because,
      ],
    });
  },
  ...pressing({
    kind: 'cpu',
    what: () => ({ kind: 'cpu' }),
    amountOf({ left }, name, parameters) {
      const threads = numberOf(parameters, 'threads') ?? DEFAULT_THREADS;
      // With less than as many again as wait there already, it could not be told from them.
      if (left * threads >= 1) return threads;
      throw new HarnessError(
        'SQ_INJECT_FAILED',
        `Whoever computes on ${name} gets ${(100 * left).toFixed(1)} % of a processor as it is, so ${threads} threads more would show nothing.`,
      );
    },
    // Each thread makes a computation longer by what it takes alone; half of that is enough to know it.
    shows: (now, { felt, amount }) => now.left <= 1 / (1 / felt.left + amount / 2),
    say: ({ left }) => `${(100 * left).toFixed(1)} % of a processor for whoever computes`,
  }),
};
