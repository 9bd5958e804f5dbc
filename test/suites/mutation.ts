/** One way to spoil the answers to one kind of request. */
export type Mutation = { readonly method: string; readonly template: string } & (
  | { readonly kind: 'drop'; readonly field: string }
  | { readonly kind: 'status'; readonly from: number; readonly status: number }
  | { readonly kind: 'stale' }
);

/** As the table shows it; `parseMutation` reads it back. */
export function describeMutation(mutation: Mutation): string {
  const where = `${mutation.method} ${mutation.template}`;
  if (mutation.kind === 'drop') return `without ${mutation.field}: ${where}`;
  if (mutation.kind === 'status') return `${mutation.from} as ${mutation.status}: ${where}`;
  return `stale: ${where}`;
}

export function parseMutation(text: string): Mutation | undefined {
  const [, what = '', method = '', template = ''] =
    /^(without \S+|\d+ as \d+|stale): (\w+) (.+)$/.exec(text) ?? [];
  if (what === '') return undefined;
  const [first = '', second = '', third = ''] = what.split(' ');
  if (first === 'without') return { method, template, kind: 'drop', field: second };
  if (second === 'as')
    return { method, template, kind: 'status', from: Number(first), status: Number(third) };
  return { method, template, kind: 'stale' };
}

/** A copy without the field, a path whose parts are separated by slashes; an asterisk stands for every element of a list. */
export function dropField(body: unknown, field: string): unknown {
  const copy = structuredClone(body);
  drop(copy, field.split('/'));
  return copy;
}

function drop(at: unknown, [first = '', ...rest]: readonly string[]): void {
  if (typeof at !== 'object' || at === null) return;
  if (first === '*') {
    for (const one of Object.values(at)) drop(one, rest);
  } else if (rest.length === 0) Reflect.deleteProperty(at, first);
  else drop((at as Record<string, unknown>)[first], rest);
}

const DEEPEST = 6;

/** Every field of a body, leaves before what holds them; elements of a list count as one. */
export function fieldsOf(body: unknown): readonly string[] {
  const leaves = new Set<string>();
  const holders = new Set<string>();
  const walk = (at: unknown, path: readonly string[]): void => {
    const isHolder = typeof at === 'object' && at !== null && Object.keys(at).length > 0;
    if (path.length > 0 && path.at(-1) !== '*') (isHolder ? holders : leaves).add(path.join('/'));
    if (!isHolder || path.length >= DEEPEST) return;
    for (const [key, value] of Object.entries(at)) {
      if (!key.includes(' ')) walk(value, [...path, Array.isArray(at) ? '*' : key]);
    }
  };
  walk(body, []);
  return [...leaves, ...[...holders].toReversed()];
}
