import { HarnessError } from '../../model/errors.ts';
import type { ParameterValues } from '../../model/catalogue.ts';
import type { HealingEntry } from '../../model/injection.ts';
import type { Felt, PressureTarget } from '../../ports/lab.ts';
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

const DEFAULT_PATH = '/var';
/** So little is no room that anybody would miss. */
const LEAST_BYTES = 16e6;

const whatOf = ({ path }: ParameterValues): PressureTarget => ({
  kind: 'disk',
  path: typeof path === 'string' ? path : DEFAULT_PATH,
});
const meant =
  ({ parameters }: Pick<HealingEntry, 'parameters'>) =>
  (): PressureTarget =>
    whatOf(parameters);
const shareOf = (parameters: ParameterValues): number => numberOf(parameters, 'share') ?? 1;

const say = ({ left, total, works }: Felt): string =>
  `${sayBytes(left)} of ${sayBytes(total)} left, where ${works ? 'something' : 'nothing'} can be written`;

/** Reserves what is free on a volume of nodes, by a file without a name: nothing is written, and nothing stays. */
export const diskFill: Fault = {
  name: 'disk-fill',
  version: 1,
  summary:
    'Fills a volume of nodes within its own limit, never the disk of their host, and empties it after a while.',
  acts: 'node',
  lasts: true,
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
  expiryHolder: 'target',
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
  before: ({ targets, parameters }, tools) =>
    feelBefore(
      targets,
      () => whatOf(parameters),
      tools,
      ({ left, total, works }, name) => {
        if (!works || left < LEAST_BYTES)
          throw new HarnessError(
            'SQ_INJECT_FAILED',
            `The volume of ${name} has ${sayBytes(left)} left as it is, so filling it would show nothing.`,
          );
        return shareOf(parameters) === 1 ? total : Math.floor(shareOf(parameters) * left);
      },
    ),
  inject: (entry, tools) => pressAll(entry, meant(entry), tools),
  verify: (entry, tools) =>
    feelPressed(
      entry,
      meant(entry),
      tools,
      (now, { felt, amount }) =>
        shareOf(entry.parameters) === 1 ? !now.works : now.left <= felt.left - amount / 2,
      say,
    ),
  findMarks: (tools) => findPressed(tools, 'disk'),
  heal: (entry, tools) => relieveAll(entry, 'disk', tools),
  verifyHealed: (entry, tools) => feelRelieved(entry, meant(entry), tools, say),
};
