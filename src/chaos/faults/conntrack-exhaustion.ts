import { HarnessError } from '../../model/errors.ts';
import type { Fault } from '../fault.ts';
import { mayKeepAddress, silentMember } from '../fault-timers.ts';
import { pressing } from '../press-targets.ts';
import { numberOf } from '../read-parameters.ts';
import { windowOf } from '../read-timers.ts';

/** Fills the table in which the kernel of a node keeps connections: what is open goes on, what is new is dropped. */
export const conntrackExhaustion: Fault = {
  name: 'conntrack-exhaustion',
  version: 1,
  summary:
    'Fills the table of connections of nodes, so that their kernel drops new ones, and empties it after a while.',
  acts: 'node',
  parameters: {
    share: {
      type: 'percent',
      describe:
        'How much of what is free in the table is taken; with 100% also what becomes free while it lasts, so that no new connection is let through.',
      default: '100%',
    },
  },
  needs: ['pressure-conntrack'],
  refuses: ({ share }) => (share === 0 ? 'a share of nothing would show nothing.' : undefined),
  patience: () => ({ inject: { ms: 20_000 } }),
  predict(timers, context) {
    const silent = silentMember(timers, mayKeepAddress(context));
    return windowOf({
      outage: [0, context.duration.ms + Math.max(1000, silent.max)],
      redundancy: [0, context.duration.ms + Math.max(silent.max, 5000)],
      because: [
        ...silent.because,
        'connections that are open go on, and new ones through the node are dropped while it lasts',
        'a client that was dropped asks again after one second at first, and then after twice as long each time (RFC 6298)',
      ],
    });
  },
  ...pressing({
    kind: 'conntrack',
    what: () => ({ kind: 'conntrack' }),
    amountOf({ left, total, works }, name, parameters) {
      const share = numberOf(parameters, 'share') ?? 1;
      if (!works || left < 1)
        throw new HarnessError(
          'SQ_INJECT_FAILED',
          `The table of connections of ${name} is full as it is, so filling it would show nothing.`,
        );
      return share === 1 ? total : Math.max(1, Math.floor(share * left));
    },
    shows: (now, { felt, amount }, parameters) =>
      (numberOf(parameters, 'share') ?? 1) === 1 ? !now.works : now.left <= felt.left - amount / 2,
    say: ({ left, total, works }) =>
      `${left} of ${total} places for connections left, and ${works ? 'gets' : 'does not get'} one`,
  }),
};
