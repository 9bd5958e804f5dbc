import { HarnessError } from '../model/errors.ts';
import { didYouMean, probablyMeant } from '../plan/did-you-mean.ts';

/** What was typed and given, and what might have been meant. */
export interface CommandLine {
  /** Everything that was typed without a dash before it, in order. */
  readonly words: readonly string[];
  readonly commands: readonly string[];
  /** The command in the parser's syntax, such as `plan <plan>`; absent where none was recognised. */
  readonly usage?: string;
  /** What may be given there, by its long name and without dashes: options, and words by what they are. */
  readonly options: readonly string[];
  /** What came from the environment: the option that it would be, and the variable. */
  readonly variables: ReadonlyMap<string, string>;
}

/**
 * The parser's refusal as a sentence that names what was typed: a command, an option or a word as such, a variable of the
 * environment by its own name, a missing word by what it is.
 * @returns SQ_CONFIG_INVALID where a variable is to blame, otherwise SQ_USAGE.
 */
export function explainCommandLine(message: string, line: CommandLine): HarnessError {
  const unknown = /^Unknown arguments?: (.*)$/s.exec(message)?.[1];
  if (unknown !== undefined) return explainUnknown(namesIn(unknown), line);
  const says = (text: string): HarnessError =>
    new HarnessError('SQ_USAGE', text, { remedy: remedyFor(line) });
  if (message.startsWith('Not enough non-option arguments'))
    return says(`A word is missing: the command is \`squall ${line.usage ?? ''}\`.`);
  const empty = /^Not enough arguments following: (.*)$/.exec(message)?.[1];
  if (empty !== undefined) return says(`\`${dashed(empty)}\` has no value.`);
  if (message.startsWith('Invalid values:')) return explainValues(message, line);
  return says(message);
}

const remedyFor = ({ usage }: CommandLine): string =>
  usage === undefined
    ? '`squall --help` says what each command does.'
    : `See \`squall ${commandOf(usage)} --help\`.`;

const commandOf = (usage: string): string => usage.split(' ')[0] ?? '';

/** The parser names an option of several words a second time, without the dashes between them. */
function namesIn(list: string): readonly string[] {
  const names = list.split(', ');
  return names.filter((name) => !names.some((other) => other.includes('-') && camelCase(other) === name));
}

const camelCase = (name: string): string =>
  name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

const dashed = (name: string): string => (name.length === 1 ? `-${name}` : `--${name}`);

function explainUnknown(names: readonly string[], line: CommandLine): HarnessError {
  const [word] = line.words;
  if (line.usage === undefined && word !== undefined && names.includes(word))
    return new HarnessError(
      'SQ_USAGE',
      sentence(`There is no command \`${word}\`: ${didYouMean(word, line.commands)}`),
      { remedy: remedyFor(line) },
    );
  const variables = names.filter((name) => line.variables.has(name) && !line.words.includes(name));
  if (variables.length > 0)
    return new HarnessError(
      'SQ_CONFIG_INVALID',
      variables.map((name) => explainVariable(name, line)).join('\n'),
      { remedy: 'Unset it, or name an option: SQUALL_OUTPUT_DIR stands for `--output-dir`.' },
    );
  return new HarnessError('SQ_USAGE', names.map((name) => explainName(name, line)).join('\n'), {
    remedy: remedyFor(line),
  });
}

function explainVariable(name: string, { variables, options }: CommandLine): string {
  const says = `The variable ${variables.get(name) ?? name} stands for no option`;
  const meant = probablyMeant(name, options);
  return meant === undefined
    ? `${says}.`
    : `${says}: did you mean SQUALL_${meant.toUpperCase().replaceAll('-', '_')}?`;
}

function explainName(name: string, { usage, options, words }: CommandLine): string {
  const command = usage === undefined ? '`squall`' : `\`squall ${usage}\``;
  if (words.includes(name)) return `\`${name}\` is a word too many: the command is ${command}.`;
  return sentence(`${command} has no option \`${dashed(name)}\`: ${didYouMean(name, options)}`);
}

function explainValues(message: string, line: CommandLine): HarnessError {
  const wrong = [...message.matchAll(/Argument: ([\w-]+), Given: (.*?), Choices: (.*)/g)];
  const given = wrong.map(([, name = '', value = '', choices = '']) => {
    const variable = line.words.includes(unquoted(value)) ? undefined : line.variables.get(name);
    const isWord = new RegExp(`[<[]${name}\\b`).test(line.usage ?? '');
    const shown = variable ?? (isWord ? `<${name}>` : dashed(name));
    return { variable, says: `\`${shown}\` cannot be ${value}: known are ${choices.replaceAll('"', '')}.` };
  });
  const code = given.some(({ variable }) => variable !== undefined) ? 'SQ_CONFIG_INVALID' : 'SQ_USAGE';
  return new HarnessError(code, given.map(({ says }) => says).join('\n'), { remedy: remedyFor(line) });
}

const unquoted = (value: string): string => value.replaceAll('"', '');

const sentence = (text: string): string => (text.endsWith('?') ? text : `${text}.`);
