/** Any JSON object: what came from a client, or is stored. */
export type Json = Readonly<Record<string, unknown>>;

export const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value at a path; undefined where anything on the way is missing. */
export function at(from: unknown, ...path: readonly (string | number)[]): unknown {
  let here: unknown = from;
  for (const key of path) {
    if (typeof here !== 'object' || here === null) return undefined;
    here = (here as Record<string | number, unknown>)[key];
  }
  return here;
}

export function textAt(from: unknown, ...path: readonly (string | number)[]): string | undefined {
  const value = at(from, ...path);
  return typeof value === 'string' ? value : undefined;
}

export function numberAt(from: unknown, ...path: readonly (string | number)[]): number | undefined {
  const value = at(from, ...path);
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

export function listAt(from: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const value = at(from, ...path);
  return Array.isArray(value) ? value : [];
}

/** An empty object where there is none. */
export function objectAt(from: unknown, ...path: readonly (string | number)[]): Json {
  const value = at(from, ...path);
  return isJson(value) ? value : {};
}

/** Only the entries that are texts, as labels are. */
export const textsAt = (
  from: unknown,
  ...path: readonly (string | number)[]
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(objectAt(from, ...path)).filter((entry): entry is [string, string] => {
      return typeof entry[1] === 'string';
    }),
  );

/** The same whatever the order of the keys is. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((value, index) => sameJson(value, b[index]));
  }
  if (!isJson(a) || !isJson(b)) return false;
  const keys = Object.keys(a).filter((key) => a[key] !== undefined);
  const others = Object.keys(b).filter((key) => b[key] !== undefined);
  return keys.length === others.length && keys.every((key) => sameJson(a[key], b[key]));
}
