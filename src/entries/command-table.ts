import type { Options } from 'yargs';
import type { CommonArguments } from './common-arguments.ts';

/** One command: what the parser needs to know, and how to load the rest when it is called. */
export interface Command {
  /** In the parser's syntax: `<required>`, `[optional]`, `[several..]`. */
  readonly usage: string;
  readonly summary: string;
  readonly options: Readonly<Record<string, Options>>;
  /** @returns the exit code. */
  run(argv: CommonArguments): Promise<number>;
}

/** What `squall list` can list. */
export const LISTS = [
  'faults',
  'probes',
  'watchers',
  'objectives',
  'suites',
  'plans',
  'labs',
  'errors',
] as const;

const PLAN: Options = {
  type: 'string',
  describe: 'a plan file, or the name of a plan that comes with Squall',
};
const LANES: Options = {
  type: 'number',
  describe: 'lanes of the suites (default: one for each processor, at most 4)',
};
const RUN: Options = { type: 'string', describe: 'a run folder, or the id of a run' };

export const COMMANDS: readonly Command[] = [
  {
    usage: 'run [plan]',
    summary: 'prove steady, hurt while measuring, heal, prove steady again, judge',
    options: {
      plan: { ...PLAN, default: 'first-run' },
      repeat: { type: 'number', describe: 'so many runs, one after the other', default: 1 },
      lanes: LANES,
    },
    run: async (argv) => (await import('./commands/run.ts')).runCommand(argv as never),
  },
  {
    usage: 'plan <plan>',
    summary: 'print schedule, targets, blast radius and predicted windows; touches nothing',
    options: {
      plan: PLAN,
      topology: { type: 'string', describe: 'a topology.json instead of the one that is found' },
    },
    run: async (argv) => (await import('./commands/plan.ts')).planCommand(argv as never),
  },
  {
    usage: 'test [suite..]',
    summary: 'run suites alone: names, patterns such as kubernetes/*, or files of your own',
    options: {
      suite: { type: 'string', array: true },
      tag: { type: 'string', array: true, describe: 'only cases with one of these tags' },
      grep: { type: 'string', describe: 'only cases whose id matches this pattern' },
      lanes: LANES,
      list: { type: 'boolean', describe: 'list the cases and run none' },
    },
    run: async (argv) => (await import('./commands/test.ts')).testCommand(argv as never),
  },
  {
    usage: 'lab <action>',
    summary: 'up, status or down of the lab',
    options: { action: { choices: ['up', 'status', 'down'] as const } },
    run: async (argv) => (await import('./commands/lab.ts')).labCommand(argv as never),
  },
  {
    usage: 'judge <run>',
    summary: 'judge a stored run again; no cloud is needed',
    options: { run: RUN },
    run: async (argv) => (await import('./commands/judge.ts')).judgeCommand(argv as never),
  },
  {
    usage: 'report <run>',
    summary: 'write the reports of a stored run again; no cloud is needed',
    options: { run: RUN },
    run: async (argv) => (await import('./commands/report.ts')).reportCommand(argv as never),
  },
  {
    usage: 'heal [run]',
    summary: 'heal what a run left open, or all runs; safe to repeat',
    options: { run: { type: 'string', describe: 'the id of a run' } },
    run: async (argv) => (await import('./commands/heal.ts')).healCommand(argv as never),
  },
  {
    usage: 'doctor',
    summary: 'what this machine and this cloud allow, each refusal with its remedy',
    options: {},
    run: async (argv) => (await import('./commands/doctor.ts')).doctorCommand(argv),
  },
  {
    usage: 'list <what>',
    summary: `list ${LISTS.join(', ')}`,
    options: { what: { choices: LISTS } },
    run: async (argv) => (await import('./commands/list.ts')).listCommand(argv as never),
  },
  {
    usage: 'init [file]',
    summary: 'write a commented starter plan, to a file or to stdout',
    options: { file: { type: 'string' } },
    run: async (argv) => (await import('./commands/init.ts')).initCommand(argv as never),
  },
  {
    usage: 'schema',
    summary: 'print the JSON Schema (draft-07) of plans, for editors',
    options: {},
    run: async () => (await import('./commands/schema.ts')).schemaCommand(),
  },
];
