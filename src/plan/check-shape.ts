import { Lexer } from 'yaml';

/** A plan is written by people: the largest of ours has 5 KiB. */
export const MOST_BYTES = 1_048_576;
/** About ten for each line that people write. The parser needs about a kilobyte for each, and more for each mistake. */
const MOST_TOKENS = 50_000;
/** Of one value. A quoted one may hold a mistake at every second character. */
const LONGEST_TOKEN = 20_000;
/** Brackets inside brackets, or list marks in one line. The parser is recursive. */
const DEEPEST = 60;

/** Why a text cannot be a plan, and where (in characters from the start). */
export interface ShapeTrouble {
  readonly offset: number;
  readonly says: string;
}

/**
 * Refuses what no plan looks like, before the parser proper sees it: its time and memory grow with the number of tokens and of
 * errors, and a megabyte of brackets costs it seconds and a gigabyte.
 */
export function checkShape(text: string): ShapeTrouble | undefined {
  const bytes = Buffer.byteLength(text);
  if (bytes > MOST_BYTES) {
    return {
      offset: 0,
      says: `the file has ${(bytes / MOST_BYTES).toFixed(1)} MiB, and a plan may have 1 MiB at most`,
    };
  }
  const strange = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffd]/.exec(text);
  if (strange) {
    const code = strange[0].charCodeAt(0);
    const what =
      code === 0xfffd
        ? 'bytes that are not UTF-8'
        : `the control character 0x${code.toString(16).padStart(2, '0')}`;
    return { offset: strange.index, says: `the file is not text: it holds ${what}` };
  }
  return checkTokens(text);
}

function checkTokens(text: string): ShapeTrouble | undefined {
  let offset = 0;
  let tokens = 0;
  let depth = 0;
  let marksInLine = 0;
  for (const token of new Lexer().lex(text)) {
    // The lexer marks documents and scalars with tokens of one character that are not in the text.
    if (token === '\u0002' || token === '\u001f' || token === '\u0018') continue;
    // The parser makes an error of each bad escape, so escapes count too.
    tokens += token.split('\\').length;
    if (tokens > MOST_TOKENS) return { offset, says: 'the file is far longer than any plan' };
    if (token.length > LONGEST_TOKEN)
      return { offset, says: `one value has more than ${LONGEST_TOKEN} characters` };
    if (token === '[' || token === '{') depth += 1;
    else if (token === ']' || token === '}') depth -= 1;
    else if (token === '-' || token === '?') marksInLine += 1;
    else if (token.includes('\n')) marksInLine = 0;
    if (Math.max(depth, marksInLine) > DEEPEST)
      return { offset, says: `values are nested deeper than ${DEEPEST} levels` };
    offset += token.length;
  }
  return undefined;
}
