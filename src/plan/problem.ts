import { HarnessError } from '../model/errors.ts';

/** A way into the written plan: keys and positions in lists, from the top. */
export type Path = readonly (string | number)[];

/** A mistake whose place in the file is still to be found. `at` says whether the key or the value is to blame. */
export interface Finding {
  readonly path: Path;
  readonly at: 'key' | 'value';
  readonly says: string;
}

/** One mistake of a plan. Lines and columns count from 1; `path` reads like `method[1].duration`. */
export interface Problem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly path: string;
  readonly says: string;
}

/** More than these help nobody, and a file of nothing but mistakes must not become a message of megabytes. */
const MOST_PROBLEMS = 100;

/** Writes a path as people do: `method[1].selector.labels["a.b"]`; the whole file is `plan`. */
export function writePath(path: Path): string {
  let written = '';
  for (const part of path) {
    if (typeof part === 'number') written += `[${part}]`;
    else if (/^[\w$-]+$/.test(part)) written += written === '' ? part : `.${part}`;
    else written += `[${shown(part)}]`;
  }
  return written === '' ? 'plan' : written;
}

/** The value as a message shows it: in JSON, and cut where it is long. */
export function shown(value: unknown): string {
  if (value !== null && typeof value === 'object') return Array.isArray(value) ? 'a list' : 'a mapping';
  const text = typeof value === 'string' ? JSON.stringify(value.slice(0, 100)) : String(value);
  return text.length > 60 ? `${text.slice(0, 57)}..."` : text;
}

/** All problems in one error, sorted by their places, one line each. */
export function planInvalid(problems: readonly Problem[]): HarnessError {
  const sorted = [...problems].sort(
    (a, b) =>
      a.line - b.line || a.column - b.column || compareText(a.path, b.path) || compareText(a.says, b.says),
  );
  const listed = sorted.slice(0, MOST_PROBLEMS);
  const lines = listed.map((p) => `${p.file}:${p.line}:${p.column} ${p.path}: ${p.says}`);
  if (sorted.length > listed.length) lines.push(`and ${sorted.length - listed.length} more problems`);
  return new HarnessError('SQ_PLAN_INVALID', lines.join('\n'), { facts: { problems: listed } });
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
