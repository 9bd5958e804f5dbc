import type { Options } from 'yargs';
import { LABS } from './labs.ts';

/** The heading above them in every help. */
export const SHARED_GROUP = 'For every command:';

const group = SHARED_GROUP;

/** What every command understands, as the parser wants it. Each says what happens where it is not given. */
export const SHARED_OPTIONS: Readonly<Record<string, Options>> = {
  lab: {
    type: 'string',
    describe: `what to run against: ${LABS.map(({ name }) => name).join(', ')} (default rehearsal)`,
    group,
  },
  seed: {
    type: 'string',
    describe: 'any text; the same one draws the same targets (default: a new one for each run)',
    group,
  },
  set: {
    type: 'string',
    array: true,
    describe: 'name=value: a parameter of the plan; may be given several times',
    group,
  },
  'output-dir': { type: 'string', describe: 'where run folders go (default reports)', group },
  'dry-run': { type: 'boolean', describe: 'say what would happen and touch nothing', group },
  yes: {
    type: 'boolean',
    alias: 'y',
    describe: 'do not ask before acting on a lab that Squall does not own',
    group,
  },
  output: {
    type: 'string',
    alias: 'o',
    choices: ['table', 'json'],
    describe: 'form of data on stdout (default table)',
    group,
  },
  kubeconfig: {
    type: 'string',
    describe: 'kubeconfig of an existing cluster (default: KUBECONFIG, or ~/.kube/config)',
    group,
  },
  context: { type: 'string', describe: 'context in the kubeconfig (default: its current one)', group },
  'os-cloud': {
    type: 'string',
    describe: 'cloud in clouds.yaml (default: OS_CLOUD, or the only one)',
    group,
  },
  word: {
    type: 'string',
    describe: 'the word of a protected context or cloud; only on the command line',
    group,
  },
  'log-level': {
    type: 'string',
    choices: ['silent', 'warn', 'info', 'debug'],
    describe: 'what is told on stderr (default info)',
    group,
  },
};
