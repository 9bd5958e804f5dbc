import { HarnessError } from '../../model/errors.ts';
import type { ParameterValues } from '../../model/catalogue.ts';
import type { Fault } from '../fault.ts';
import { containerRestarted, mayKeepAddress, silentMember } from '../fault-timers.ts';
import { pressing, sayBytes } from '../press-targets.ts';
import { numberOf } from '../read-parameters.ts';
import { windowOf } from '../read-timers.ts';

const DEFAULT_PATH = '/var';
/** So little is no room that anybody would miss. */
const LEAST_BYTES = 16e6;

const shareOf = (parameters: ParameterValues): number => numberOf(parameters, 'share') ?? 1;

/** Reserves what is free on a volume of nodes, by a file without a name: nothing is written, and nothing stays. */
export const diskFill: Fault = {
  name: 'disk-fill',
  version: 1,
  summary:
    'Fills a volume of nodes within its own limit, never the disk of their host, and empties it after a while.',
  acts: 'node',
  parameters: {
    path: {
      type: 'string',
      describe: 'A folder on the volume that is meant, by its absolute path on the node.',
      default: DEFAULT_PATH,
    },
    share: {
      type: 'percent',
      describe:
        'How much of what is free is taken; with 100% also what others give back while it lasts, so that nothing can be written.',
      default: '100%',
    },
  },
  needs: ['pressure-disk'],
  refuses({ path, share }) {
    if (typeof path === 'string' && !/^\/[A-Za-z0-9_./-]*$/.test(path))
      return `${JSON.stringify(path)} is not the absolute path of a folder.`;
    return share === 0 ? 'a share of nothing would show nothing.' : undefined;
  },
  patience: () => ({ inject: { ms: 10_000 } }),
  predict(timers, context) {
    const silent = silentMember(timers, mayKeepAddress(context));
    const restarted = containerRestarted(timers);
    return windowOf({
      outage: [0, context.duration.ms + Math.max(1000, silent.max)],
      redundancy: [0, context.duration.ms + Math.max(silent.max, restarted.max)],
      because: [
        'who cannot write may answer with errors while it lasts, or end; a container that ended is started again',
        ...silent.because,
        ...restarted.because,
      ],
    });
  },
  ...pressing({
    kind: 'disk',
    what: (_, { path }) => ({ kind: 'disk', path: typeof path === 'string' ? path : DEFAULT_PATH }),
    amountOf({ left, total, works }, name, parameters) {
      if (!works || left < LEAST_BYTES)
        throw new HarnessError(
          'SQ_INJECT_FAILED',
          `The volume of ${name} has ${sayBytes(left)} left as it is, so filling it would show nothing.`,
        );
      return shareOf(parameters) === 1 ? total : Math.floor(shareOf(parameters) * left);
    },
    shows: (now, { felt, amount }, parameters) =>
      shareOf(parameters) === 1 ? !now.works : now.left <= felt.left - amount / 2,
    say: ({ left, total, works }) =>
      `${sayBytes(left)} of ${sayBytes(total)} left, where ${works ? 'something' : 'nothing'} can be written`,
  }),
};
