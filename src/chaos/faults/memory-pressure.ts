import { HarnessError } from '../../model/errors.ts';
import type { Fault } from '../fault.ts';
import { containerRestarted, mayKeepAddress, silentMember } from '../fault-timers.ts';
import { pressing, sayBytes } from '../press-targets.ts';
import { numberOf } from '../read-parameters.ts';
import { windowOf } from '../read-timers.ts';

const MEGABYTE = 1e6;
const DEFAULT_MEGABYTES = 1000;

/** A node without any memory would be another fault, and the kernel would choose whom it kills. */
const KEPT_SHARE = 0.05;

/** Holds memory of nodes, within what each may take; where none is left, the kernel takes it back from whoever holds it first. */
export const memoryPressure: Fault = {
  name: 'memory-pressure',
  version: 1,
  summary:
    'Takes memory away from nodes, within what each of them may take, and gives it back after a while.',
  acts: 'node',
  parameters: {
    megabytes: {
      type: 'integer',
      describe:
        'How much is taken on each node, in millions of bytes; refused where the node, or whoever shares its host, would be left with too little.',
      default: DEFAULT_MEGABYTES,
      minimum: 64,
      maximum: 1_000_000,
    },
  },
  needs: ['pressure-memory'],
  patience: () => ({ inject: { ms: 10_000 } }),
  predict(timers, context) {
    const silent = silentMember(timers, mayKeepAddress(context));
    const restarted = containerRestarted(timers);
    return windowOf({
      outage: [0, Math.max(1000, silent.max)],
      redundancy: [0, context.duration.ms + restarted.max],
      because: [
        'files that were kept in memory are read again; a container that the kernel ends for want of memory is started again',
        ...silent.because,
        ...restarted.because,
      ],
    });
  },
  ...pressing({
    kind: 'memory',
    what: () => ({ kind: 'memory' }),
    amountOf({ left, total }, name, parameters) {
      const amount = (numberOf(parameters, 'megabytes') ?? DEFAULT_MEGABYTES) * MEGABYTE;
      const most = left - KEPT_SHARE * total;
      if (amount <= most) return amount;
      throw new HarnessError(
        'SQ_INJECT_FAILED',
        `${sayBytes(amount)} of memory cannot be taken on ${name}: it has ${sayBytes(left)} of ${sayBytes(total)} left, and ${sayBytes(KEPT_SHARE * total)} must stay.`,
      );
    },
    // What others take or give meanwhile is less than half of it, or it is too small to be told.
    shows: (now, { felt, amount }) => now.left <= felt.left - amount / 2,
    say: ({ left, total }) => `${sayBytes(left)} of ${sayBytes(total)} of memory left`,
  }),
};
