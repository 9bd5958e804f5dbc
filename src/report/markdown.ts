import { shorten } from './wording.ts';

/** Rows of one table; a comment on GitHub may have 65,536 characters, and people read the first few. */
export const MOST_ROWS = 20;

export const SENTENCE_LENGTH = 400;

/** A sentence as plain text: no mark-up, no link, no mention, no reference, whatever it holds. */
export function plain(text: string): string {
  return shorten(text, SENTENCE_LENGTH)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[\\`*_{}[\]|~$!]/g, '\\$&')
    .replace(/:(?=\/\/)/g, '\\:')
    .replace(/\bwww\./gi, '$&\u2060')
    .replace(/([@#])(?=\w)/g, '$1\u2060')
    .replace(/^([-+=#]|\d+[.)])/, '\\$1');
}

/** A name as code, where nothing but the backtick and, in tables, the bar means anything. */
export function code(text: string, length = 80): string {
  const safe = shorten(text, length).replaceAll('`', '´').replaceAll('|', '¦');
  return safe === '' ? '(empty)' : `\`${safe}\``;
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const more = rows.length - MOST_ROWS;
  return [
    line(head),
    line(head.map(() => '---')),
    ...rows.slice(0, MOST_ROWS).map(line),
    ...(more > 0 ? ['', `and ${more} more in report.json`] : []),
    '',
  ];
}
