import { HarnessError, type ErrorCode } from '../model/errors.ts';

const TRUTHS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['yes', true],
  ['false', false],
  ['0', false],
  ['no', false],
  ['', false],
]);

/**
 * What is given for an option that is there or not. The parser takes every text but `true` for a no, so that `SQUALL_DRY_RUN=1`
 * would hurt for real.
 * @param shown how it was given, for the message: `--dry-run` or `SQUALL_DRY_RUN`.
 * @throws the code that is given, for a text that is neither yes nor no.
 */
export function readTruth(value: string, shown: string, code: ErrorCode): boolean {
  const truth = TRUTHS.get(value.trim().toLowerCase());
  if (truth !== undefined) return truth;
  throw new HarnessError(code, `\`${shown}\` cannot be ${JSON.stringify(value)}: it is true or false.`, {
    remedy: 'Write true or false; 1 and 0, yes and no are taken as well.',
  });
}

/**
 * The command line with each `--option=text` of such an option written as the parser understands it.
 * @param isTruth whether an option, by its long or short name, is there or not.
 * @throws SQ_USAGE
 */
export function withTruths(typed: readonly string[], isTruth: (name: string) => boolean): readonly string[] {
  const end = typed.indexOf('--');
  return typed.map((each, index) => {
    const [, dashes = '', name = '', value = ''] = /^(--?)([\w-]+)=(.*)$/s.exec(each) ?? [];
    if (name === '' || !isTruth(name) || (end !== -1 && index > end)) return each;
    return `${dashes}${name}=${String(readTruth(value, `${dashes}${name}`, 'SQ_USAGE'))}`;
  });
}
