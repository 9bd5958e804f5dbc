#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import yargs, { type Argv, type Options, type PositionalOptions } from 'yargs';
import { EXIT, EXIT_MEANINGS } from '../model/exit-code.ts';
import { HarnessError } from '../model/errors.ts';
import { COMMANDS, type Command } from './command-table.ts';
import type { CommandLine } from './explain-command-line.ts';
import { NotTaken } from './not-taken.ts';
import { packageFolder } from './places.ts';
import { readTruth, withTruths } from './read-truth.ts';
import type { SharedArguments } from './shared-arguments.ts';
import { SHARED_GROUP, SHARED_OPTIONS } from './shared-options.ts';

/** Its types leave out what it takes: the program, and the command whose lines they are. */
interface PrintsCompletion {
  showCompletionScript(program: string, command: string): unknown;
}

/** Started often and by everyone, so this file loads the parser and the table of commands; a command loads the rest. */
async function main(): Promise<number> {
  let exitCode: number = EXIT.pass;
  const parser = withCommonOptions(yargs([...withTruths(process.argv.slice(2), isTruth)]));
  for (const command of COMMANDS) {
    const { usage, summary, options } = command;
    const withOwn = (own: Argv): Argv =>
      withWords(own, command).config(givenFor((name) => Object.hasOwn(options, name)));
    parser.command(usage, summary, withOwn, async (argv) => {
      exitCode = await command.run(argv as unknown as SharedArguments);
    });
  }
  // The parser's own has a name that nobody writes: after printing it goes on, and takes that name for an argument too many.
  parser.command('completion', 'print a completion script for bash or zsh', {}, () => {
    (parser as unknown as PrintsCompletion).showCompletionScript('squall', 'completion');
  });
  parser.command('*', false, {}, () => {
    parser.showHelp('log');
  });
  await parser.parseAsync();
  return exitCode;
}

/** The words of a command are told apart from its options, which come before those of every command. */
function withWords(own: Argv, { usage, options }: Command): Argv {
  const words = new Set([...usage.matchAll(/[<[](\w+)/g)].map(([, word]) => word));
  for (const [name, option] of Object.entries(options)) {
    if (words.has(name)) own.positional(name, option as PositionalOptions);
    else own.option(name, withValue({ ...option, group: `For \`squall ${commandOf(usage)}\`:` }));
  }
  return own;
}

/** An option that takes a value is refused without one: it would be taken for an empty text. */
const withValue = (option: Options): Options =>
  option.type === 'boolean'
    ? option
    : { ...option, ...(option.array === true ? { nargs: 1 } : { requiresArg: true }) };

function ownVersion(): string {
  const { version } = JSON.parse(readFileSync(join(packageFolder(), 'package.json'), 'utf8')) as {
    readonly version: string;
  };
  return version;
}

const commandOf = (usage: string): string => usage.split(' ')[0] ?? '';

function withCommonOptions(parser: Argv): Argv {
  return parser
    .scriptName('squall')
    .locale('en')
    .config(givenFor((name) => !OF_SOME_COMMAND.has(name)))
    .parserConfiguration({ 'strip-aliased': true })
    .middleware(lastOfEach, true)
    .options(
      Object.fromEntries(Object.entries(SHARED_OPTIONS).map(([name, option]) => [name, withValue(option)])),
    )
    .group(['help', 'version'], SHARED_GROUP)
    .completion('print-completion', false)
    .help()
    .alias('help', 'h')
    .describe('help', 'print this')
    .version('version', 'print the version', ownVersion())
    .epilogue(EPILOGUE)
    .strict()
    .recommendCommands()
    .exitProcess(false)
    .showHelpOnFail(false)
    .fail((message: string | null, error: Error | undefined) => {
      if (error !== undefined && error.name !== 'YError') throw error;
      throw new NotTaken(message ?? error?.message ?? 'The command line was not understood.');
    });
}

/** What every help ends with. */
const EPILOGUE = `Each option may come from the environment as well: SQUALL_OUTPUT_DIR stands for --output-dir.

Exit codes:
${EXIT_MEANINGS.map(([code, meaning]) => `${String(code).padStart(4)}  ${meaning}`).join('\n')}`;

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

/** `SQUALL_OUTPUT_DIR` for `--output-dir`, and so on; one that is no option of any command is refused by its name. */
function given(): readonly { readonly name: string; readonly variable: string; readonly value: string }[] {
  return Object.entries(process.env)
    .filter(([variable]) => variable.startsWith(PREFIX) && !PLACES.has(variable.slice(PREFIX.length)))
    .map(([variable, value = '']) => ({
      name: variable.slice(PREFIX.length).toLowerCase().replaceAll('_', '-'),
      variable,
      value,
    }));
}

/** Options that are there or not, by all names that they may be given by. */
const TRUTHS = new Set(
  [
    SHARED_OPTIONS,
    ...COMMANDS.map(({ options }) => options),
    { help: { type: 'boolean' }, version: { type: 'boolean' } } as const,
  ]
    .flatMap((options) => Object.entries<Options>(options))
    .flatMap(([name, { type, alias }]) => (type === 'boolean' ? [name, ...[alias ?? []].flat()] : [])),
);

const isTruth = (name: string): boolean => TRUTHS.has(name);

const givenFor = (takes: (name: string) => boolean): Record<string, string | boolean> =>
  Object.fromEntries(
    given()
      .filter(({ name }) => takes(name))
      .map(({ name, variable, value }) => [
        name,
        isTruth(name) ? readTruth(value, variable, 'SQ_CONFIG_INVALID') : value,
      ]),
  );

/** What was typed and given, for whoever explains why it was not taken. */
function commandLine(): CommandLine {
  const words = process.argv.slice(2).filter((word) => !word.startsWith('-'));
  const command = COMMANDS.find(({ usage }) => commandOf(usage) === words[0]);
  return {
    words,
    commands: [...COMMANDS.map(({ usage }) => commandOf(usage)), 'completion'],
    ...(command === undefined ? {} : { usage: command.usage }),
    options: [...Object.keys(SHARED_OPTIONS), ...Object.keys(command?.options ?? {})],
    variables: new Map(given().map(({ name, variable }) => [name, variable])),
  };
}

async function explained(error: unknown): Promise<unknown> {
  if (!(error instanceof NotTaken)) return error;
  const { explainCommandLine } = await import('./explain-command-line.ts');
  return explainCommandLine(error.message, commandLine());
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

main().then(leave, async (error: unknown) => leave(complain(await explained(error))));
