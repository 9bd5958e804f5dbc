import type { Options } from 'yargs';
import { LISTS, SCHEMAS } from './lists.ts';
import type { SharedArguments } from './shared-arguments.ts';

/** One command: what the parser needs to know, and how to load the rest when it is called. */
export interface Command {
  /** In the parser's syntax: `<required>`, `[optional]`, `[several..]`. */
  readonly usage: string;
  readonly summary: string;
  readonly options: Readonly<Record<string, Options>>;
  /** @returns the exit code. */
  run(argv: SharedArguments): Promise<number>;
}

const PLAN: Options = {
  type: 'string',
  describe: 'a plan file, or the name of a plan that comes with Squall',
};
const LANES: Options = {
  type: 'number',
  describe: 'lanes of the suites (default: one for each processor, at most 4)',
};
const RUN: Options = { type: 'string', describe: 'a run folder, or the id of a run' };

/** The parser has checked what it hands on against `options`, so this is the one place that takes its word for the type. */
function command<A extends SharedArguments>(
  known: Omit<Command, 'run'> & { readonly load: () => Promise<(argv: A) => Promise<number>> },
): Command {
  const { load, ...rest } = known;
  return { ...rest, run: async (argv) => (await load())(argv as A) };
}

export const COMMANDS: readonly Command[] = [
  command({
    usage: 'run [plan]',
    summary: 'prove steady, hurt while measuring, heal, prove steady again, judge',
    options: {
      plan: { ...PLAN, default: 'first-run' },
      resume: {
        type: 'string',
        describe: 'go on with this run, which was cut short; its own plan counts',
      },
      repeat: { type: 'number', describe: 'so many runs, one after the other', default: 1 },
      subject: {
        type: 'string',
        array: true,
        nargs: 1,
        describe:
          'name=value of what is tested: commit, chart (name@version), image, values (a file), or your own',
      },
      lanes: LANES,
    },
    load: async () => (await import('./commands/run.ts')).runCommand,
  }),
  command({
    usage: 'plan <plan>',
    summary: 'print schedule, targets, blast radius and predicted windows; touches nothing',
    options: {
      plan: PLAN,
      topology: { type: 'string', describe: 'a topology.json instead of the one that is found' },
    },
    load: async () => (await import('./commands/plan.ts')).planCommand,
  }),
  command({
    usage: 'test [suite..]',
    summary:
      'run suites alone: names, patterns such as kubernetes/*, or files of your own; or the real Tempest',
    options: {
      suite: { type: 'string', array: true },
      tag: { type: 'string', array: true, describe: 'only cases with one of these tags' },
      grep: { type: 'string', describe: 'only cases whose id matches this pattern' },
      lanes: LANES,
      'case-timeout': {
        type: 'string',
        describe: 'how long a case may take on a slow system, such as 3m (default 60s)',
      },
      list: { type: 'boolean', describe: 'list the cases and run none' },
      engine: {
        choices: ['squall', 'tempest', 'both'] as const,
        describe: 'our own cases (default), the real Tempest for them, or both side by side',
      },
      match: {
        type: 'string',
        describe: 'of Tempest, the tests that match this pattern, whether or not a case of ours covers them',
      },
      python: { type: 'string', describe: 'the Python that Tempest is installed with (default python3)' },
    },
    load: async () => (await import('./commands/test.ts')).testCommand,
  }),
  command({
    usage: 'lab <action> [node]',
    summary: 'up, status or down of the lab; logs of it, a shell on a node, or its kubeconfig',
    options: {
      action: { choices: ['up', 'status', 'down', 'logs', 'shell', 'kubeconfig'] as const },
      node: { type: 'string', describe: 'the node of `logs` and `shell`' },
      without: {
        array: true,
        choices: ['openstack'] as const,
        describe: 'what `up` leaves out of the reference lab, which is up in a fifth of the time then',
      },
    },
    load: async () => (await import('./commands/lab.ts')).labCommand,
  }),
  command({
    usage: 'judge <run>',
    summary: 'judge a stored run again; no cloud is needed',
    options: { run: RUN },
    load: async () => (await import('./commands/judge.ts')).judgeCommand,
  }),
  command({
    usage: 'report <run>',
    summary: 'write the reports of a stored run again; no cloud is needed',
    options: {
      run: RUN,
      parquet: { type: 'boolean', describe: 'also write every sample as Parquet, for DuckDB or pandas' },
    },
    load: async () => (await import('./commands/report.ts')).reportCommand,
  }),
  command({
    usage: 'compare [run..]',
    summary: 'is the changed subject slower than the baseline, over repeats of one plan? no cloud is needed',
    options: {
      run: { type: 'string', array: true, describe: 'run folders, or ids of runs' },
      baseline: {
        type: 'string',
        array: true,
        nargs: 1,
        describe: 'a run of the baseline (default: those of the subject that was tested first)',
      },
      slowdown: { type: 'number', describe: 'the factor that must be found (default 1.5)' },
      markdown: { type: 'string', describe: 'also append the comparison to this file, as Markdown' },
    },
    load: async () => (await import('./commands/compare.ts')).compareCommand,
  }),
  command({
    usage: 'history [run]',
    summary: 'the last runs of the same plan and subject, with their spread (default: like the newest)',
    options: { run: RUN },
    load: async () => (await import('./commands/history.ts')).historyCommand,
  }),
  command({
    usage: 'heal [run]',
    summary: 'heal what a run left open, or all runs; safe to repeat',
    options: { run: { type: 'string', describe: 'the id of a run' } },
    load: async () => (await import('./commands/heal.ts')).healCommand,
  }),
  command({
    usage: 'stop',
    summary: 'heal everything and let no run start, on all machines that reach the cluster, until `allow`',
    options: { why: { type: 'string', describe: 'told to whoever is stopped or refused' } },
    load: async () => (await import('./commands/stop.ts')).stopCommand,
  }),
  command({
    usage: 'allow',
    summary: 'let runs start again after `stop`',
    options: {},
    load: async () => (await import('./commands/allow.ts')).allowCommand,
  }),
  command({
    usage: 'doctor',
    summary: 'what this machine and this cloud allow, each refusal with its remedy',
    options: {},
    load: async () => (await import('./commands/doctor.ts')).doctorCommand,
  }),
  command({
    usage: 'list <what>',
    summary: `list ${LISTS.join(', ')}`,
    options: { what: { choices: LISTS } },
    load: async () => (await import('./commands/list.ts')).listCommand,
  }),
  command({
    usage: 'init [file]',
    summary: 'write a commented starter plan, to a file or to stdout',
    options: { file: { type: 'string' } },
    load: async () => (await import('./commands/init.ts')).initCommand,
  }),
  command({
    usage: 'schema [of]',
    summary: 'print the JSON Schema (draft-07) of plans, for editors, or of report.json',
    options: { of: { choices: SCHEMAS, default: 'plan' } },
    load: async () => (await import('./commands/schema.ts')).schemaCommand,
  }),
];
