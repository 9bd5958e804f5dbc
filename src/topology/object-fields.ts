/** The value at a path inside an object that came from outside; undefined where anything on the way is missing. */
export function field(from: unknown, ...path: readonly (string | number)[]): unknown {
  let here: unknown = from;
  for (const key of path) {
    if (typeof here !== 'object' || here === null) return undefined;
    here = (here as Record<string | number, unknown>)[key];
  }
  return here;
}

export function textAt(from: unknown, ...path: readonly (string | number)[]): string | undefined {
  const value = field(from, ...path);
  return typeof value === 'string' ? value : undefined;
}

export function numberAt(from: unknown, ...path: readonly (string | number)[]): number | undefined {
  const value = field(from, ...path);
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

export function listAt(from: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const value = field(from, ...path);
  return Array.isArray(value) ? value : [];
}

/** Only the entries that are texts, as labels and annotations are. */
export function textsAt(
  from: unknown,
  ...path: readonly (string | number)[]
): Readonly<Record<string, string>> {
  const value = field(from, ...path);
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

/** The status of a condition such as `Ready`; undefined when it is not there. */
export function conditionOf(object: unknown, type: string): string | undefined {
  const found = listAt(object, 'status', 'conditions').find((each) => field(each, 'type') === type);
  return textAt(found, 'status');
}

/** Order of names as everywhere in a topology: by code unit, so that no machine's locale changes it. */
export const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
