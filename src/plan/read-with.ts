import type { z } from 'zod';
import { didYouMean } from './did-you-mean.ts';
import { shown, type Finding, type Path } from './problem.ts';

/** What the types of a schema are called in a message. */
const EXPECTED: Readonly<Record<string, string>> = {
  string: 'text; put it in quotes',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
};

/** The part of zod's raw issue that messages are made from. */
interface RawIssue {
  readonly code?: string | undefined;
  readonly input?: unknown;
  readonly inst?: unknown;
  readonly [fact: string]: unknown;
}

/**
 * Reads a value with a schema and adds a finding for each mistake.
 * @param refused keys that are known elsewhere, with the reason why they have no place here.
 * @returns undefined when there was a mistake.
 */
export function readWith<T>(
  schema: z.ZodType<T>,
  value: unknown,
  path: Path,
  findings: Finding[],
  refused: Readonly<Record<string, string>> = {},
): T | undefined {
  const result = schema.safeParse(value, { error: explain });
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    const at = [...path, ...issue.path.map((part) => (typeof part === 'number' ? part : String(part)))];
    if (issue.code !== 'unrecognized_keys') {
      findings.push({ path: at, at: 'value', says: issue.message });
      continue;
    }
    const known = issue.message === '' ? [] : issue.message.split(',');
    for (const key of issue.keys) {
      const reason = Object.hasOwn(refused, key) ? refused[key] : undefined;
      const says = reason ?? `is not a known key; ${didYouMean(key, known)}`;
      findings.push({ path: [...at, key], at: 'key', says });
    }
  }
  return undefined;
}

function explain(issue: RawIssue): string {
  // Only here is the schema at hand that knows its keys; the message carries them to `readWith`, which makes the sentence.
  if (issue.code === 'unrecognized_keys') return knownKeys(issue.inst).join(',');
  if (issue.input === undefined) return 'is required';
  const input = shown(issue.input);
  if (issue.code === 'invalid_type') {
    const expected = isWhole(issue.inst) ? 'int' : String(issue['expected']);
    return `${input} is not ${EXPECTED[expected] ?? expected}`;
  }
  if (issue.code === 'invalid_value') return explainChoice(issue, input);
  if (issue.code === 'too_small' || issue.code === 'too_big') return explainSize(issue, input);
  return `${input} is not allowed here`;
}

function explainChoice(issue: RawIssue, input: string): string {
  const values = (issue['values'] as readonly unknown[]).map(String);
  if (values.length === 1) return `${input} is not ${shown(values[0])}`;
  const hint =
    typeof issue.input === 'string' ? didYouMean(issue.input, values) : `known are ${values.join(', ')}`;
  return `${input} is not one of its values; ${hint}`;
}

function explainSize(issue: RawIssue, input: string): string {
  const small = issue.code === 'too_small';
  const bound = String(small ? issue['minimum'] : issue['maximum']);
  if (issue['origin'] === 'array') return small ? `needs at least ${bound}` : `has more than ${bound}`;
  if (issue['origin'] === 'string') return explainLength(small, bound);
  if (issue['inclusive'] === false) return `${input} is not ${small ? 'more' : 'less'} than ${bound}`;
  return `${input} is ${small ? 'less' : 'more'} than ${bound}`;
}

function explainLength(small: boolean, bound: string): string {
  if (!small) return `is longer than ${bound} characters`;
  return bound === '1' ? 'is empty' : `has fewer than ${bound} characters`;
}

/** For text, zod says that a number was expected where it means a whole one. */
function isWhole(schema: unknown): boolean {
  return (schema as { _zod?: { def?: { format?: string } } } | undefined)?._zod?.def?.format === 'safeint';
}

function knownKeys(schema: unknown): readonly string[] {
  const shape = (schema as { _zod?: { def?: { shape?: object } } } | undefined)?._zod?.def?.shape;
  return shape ? Object.keys(shape) : [];
}
