import { cleanText } from '../report/clean-input.ts';

const MASK = '***';

/**
 * How this program was called, for the record of a run: as typed, without the word of a protected context, which whoever reads a report
 * must not learn, and without what has the shape of a credential.
 * @param argv what followed the name of the program.
 */
export function ownCommandLine(argv: readonly string[]): readonly string[] {
  const options = argv.includes('--') ? argv.indexOf('--') : argv.length;
  const masked = argv.map((each, n) => {
    if (n > 0 && n < options && argv[n - 1] === '--word') return MASK;
    return n < options && each.startsWith('--word=') ? `--word=${MASK}` : cleanText(each);
  });
  return ['squall', ...masked];
}
