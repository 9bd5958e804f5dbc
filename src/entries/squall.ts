#!/usr/bin/env node
import yargs, { type Argv } from 'yargs';
import { EXIT } from '../model/exit-code.ts';
import { HarnessError } from '../model/errors.ts';
import { COMMANDS } from './command-table.ts';
import { LABS } from './labs.ts';
import type { SharedArguments } from './shared-arguments.ts';

/** Its types leave out what it takes: the program, and the command whose lines they are. */
interface PrintsCompletion {
  showCompletionScript(program: string, command: string): unknown;
}

/** Started often and by everyone, so this file loads the parser and the table of commands; a command loads the rest. */
async function main(): Promise<number> {
  let exitCode: number = EXIT.pass;
  const parser = withCommonOptions(yargs(process.argv.slice(2)));
  for (const command of COMMANDS) {
    const { usage, summary, options } = command;
    const withOwn = (own: Argv): Argv =>
      own.options(options).config(givenFor((name) => Object.hasOwn(options, name)));
    parser.command(usage, summary, withOwn, async (argv) => {
      exitCode = await command.run(argv as unknown as SharedArguments);
    });
  }
  // The parser's own has a name that nobody writes: after printing it goes on, and takes that name for an argument too many.
  parser.command('completion', 'print a completion script for bash or zsh', {}, () => {
    (parser as unknown as PrintsCompletion).showCompletionScript('squall', 'completion');
  });
  parser.command('*', false, {}, (argv) => {
    const [word] = argv._;
    if (word !== undefined) throw new HarnessError('SQ_USAGE', `There is no command \`${String(word)}\`.`);
    parser.showHelp('log');
  });
  await parser.parseAsync();
  return exitCode;
}

function withCommonOptions(parser: Argv): Argv {
  return parser
    .scriptName('squall')
    .locale('en')
    .config(givenFor((name) => !OF_SOME_COMMAND.has(name)))
    .parserConfiguration({ 'strip-aliased': true })
    .middleware(lastOfEach, true)
    .options({
      lab: {
        type: 'string',
        describe: `what to run against: ${LABS.map(({ name }) => name).join(', ')}`,
        group: 'Common:',
      },
      seed: { type: 'string', describe: 'draws the same targets again', group: 'Common:' },
      set: {
        type: 'string',
        array: true,
        nargs: 1,
        describe: 'key=value: a parameter of the plan',
        group: 'Common:',
      },
      'output-dir': { type: 'string', describe: 'where run folders go (default reports)', group: 'Common:' },
      'dry-run': { type: 'boolean', describe: 'say what would happen and touch nothing', group: 'Common:' },
      yes: { type: 'boolean', alias: 'y', describe: 'do not ask', group: 'Common:' },
      output: {
        type: 'string',
        alias: 'o',
        choices: ['table', 'json'],
        describe: 'form of data on stdout',
        group: 'Common:',
      },
      kubeconfig: { type: 'string', describe: 'kubeconfig of an existing cluster', group: 'Common:' },
      context: { type: 'string', describe: 'context in the kubeconfig', group: 'Common:' },
      'os-cloud': { type: 'string', describe: 'cloud in clouds.yaml', group: 'Common:' },
      word: {
        type: 'string',
        describe: 'the word of a protected context or cloud; only on the command line',
        group: 'Common:',
      },
      'log-level': {
        type: 'string',
        choices: ['silent', 'warn', 'info', 'debug'],
        describe: 'what is told on stderr (default info)',
        group: 'Common:',
      },
    })
    .completion('print-completion', false)
    .help()
    .alias('help', 'h')
    .version(false)
    .option('version', { type: 'boolean', describe: 'print the version' })
    .strict()
    .recommendCommands()
    .exitProcess(false)
    .showHelpOnFail(false)
    .fail((message: string | null, error: Error | undefined) => {
      throw error ?? new HarnessError('SQ_USAGE', message ?? 'The command line was not understood.');
    });
}

/** Flags that may be given several times, and words of which there may be many; of every other flag the last one counts. */
const SEVERAL = new Set([
  'set',
  ...COMMANDS.flatMap(({ options }) =>
    Object.entries(options).flatMap(([name, { array }]) => (array === true ? [name] : [])),
  ),
]);

function lastOfEach(argv: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(argv))
    if (Array.isArray(value) && name !== '_' && !SEVERAL.has(name)) argv[name] = value.at(-1) as unknown;
}

const PREFIX = 'SQUALL_';

/** Variables that are no options: what is given there is read where it is needed. */
const PLACES = new Set(['PARTS', 'NODE_NAME', 'POD_NAME', 'POD_NAMESPACE']);

/** A variable may stand for all calls: it counts where the command has such an option, and is no mistake where it has none. */
const OF_SOME_COMMAND = new Set(COMMANDS.flatMap(({ options }) => Object.keys(options)));

/** `SQUALL_OUTPUT_DIR` for `--output-dir`, and so on; one that is no option of any command is refused as an unknown argument. */
function givenFor(takes: (name: string) => boolean): Record<string, string> {
  const given: Record<string, string> = {};
  for (const [variable, value = ''] of Object.entries(process.env)) {
    if (!variable.startsWith(PREFIX) || PLACES.has(variable.slice(PREFIX.length))) continue;
    const name = variable.slice(PREFIX.length).toLowerCase().replaceAll('_', '-');
    if (takes(name)) given[name] = value;
  }
  return given;
}

function complain(error: unknown): number {
  const known = error instanceof HarnessError ? error : undefined;
  const code = known?.code ?? 'SQ_INTERNAL';
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(
    `squall: ${message}\n  ${code}: ${known?.remedy ?? 'this is a mistake of Squall’s own; please report it'}\n`,
  );
  if (known === undefined && error instanceof Error && error.stack !== undefined)
    process.stderr.write(`${error.stack}\n`);
  return known?.exitCode ?? EXIT.internal;
}

/** What was written must be out before the end: a pipe takes its time. */
function leave(exitCode: number): void {
  process.stdout.write('', () => process.stderr.write('', () => process.exit(exitCode)));
}

// Whoever read has gone, as in `squall run | head`: a run owes its healing and its reports all the same.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

main().then(leave, (error: unknown) => leave(complain(error)));
