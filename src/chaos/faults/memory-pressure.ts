import { HarnessError } from '../../model/errors.ts';
import type { Felt } from '../../ports/lab.ts';
import type { Fault } from '../fault.ts';
import { containerRestarted, mayKeepAddress, silentMember } from '../fault-timers.ts';
import {
  feelBefore,
  feelPressed,
  feelRelieved,
  findPressed,
  pressAll,
  relieveAll,
  sayBytes,
} from '../press-targets.ts';
import { numberOf } from '../read-parameters.ts';
import { windowOf } from '../read-timers.ts';

const WHAT = { kind: 'memory' } as const;
const MEGABYTE = 1e6;
const DEFAULT_MEGABYTES = 1000;

/** A node without any memory would be another fault, and the kernel would choose whom it kills. */
const KEPT_SHARE = 0.05;

const say = ({ left, total }: Felt): string => `${sayBytes(left)} of ${sayBytes(total)} of memory left`;

/** Holds memory of nodes, within what each may take; where none is left, the kernel takes it back from whoever holds it first. */
export const memoryPressure: Fault = {
  name: 'memory-pressure',
  version: 1,
  summary:
    'Takes memory away from nodes, within what each of them may take, and gives it back after a while.',
  acts: 'node',
  lasts: true,
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
  expiryHolder: 'target',
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
  before: ({ targets, parameters }, tools) =>
    feelBefore(
      targets,
      () => WHAT,
      tools,
      ({ left, total }, name) => {
        const amount = (numberOf(parameters, 'megabytes') ?? DEFAULT_MEGABYTES) * MEGABYTE;
        const most = left - KEPT_SHARE * total;
        if (amount <= most) return amount;
        throw new HarnessError(
          'SQ_INJECT_FAILED',
          `${sayBytes(amount)} of memory cannot be taken on ${name}: it has ${sayBytes(left)} of ${sayBytes(total)} left, and ${sayBytes(KEPT_SHARE * total)} must stay.`,
        );
      },
    ),
  inject: (entry, tools) => pressAll(entry, () => WHAT, tools),
  verify: (entry, tools) =>
    // What others take or give meanwhile is less than half of it, or it is too small to be told.
    feelPressed(
      entry,
      () => WHAT,
      tools,
      (now, { felt, amount }) => now.left <= felt.left - amount / 2,
      say,
    ),
  findMarks: (tools) => findPressed(tools, WHAT.kind),
  heal: (entry, tools) => relieveAll(entry, WHAT.kind, tools),
  verifyHealed: (entry, tools) => feelRelieved(entry, () => WHAT, tools, say),
};
