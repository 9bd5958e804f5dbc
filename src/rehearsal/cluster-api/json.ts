import { isDeepStrictEqual } from 'node:util';

/** Any JSON object: what came from a client, or is stored. */
export type Json = Readonly<Record<string, unknown>>;

type Path = readonly (string | number)[];

export const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value at a path; undefined where anything on the way is missing. */
export const at = (from: unknown, ...path: Path): unknown =>
  path.reduce<unknown>((here, key) => (here as Record<string | number, unknown> | null)?.[key], from);

export function textAt(from: unknown, ...path: Path): string | undefined {
  const value = at(from, ...path);
  return typeof value === 'string' ? value : undefined;
}

export function numberAt(from: unknown, ...path: Path): number | undefined {
  const value = at(from, ...path);
  return typeof value === 'number' ? value : undefined;
}

/** An empty list where there is none. */
export function listAt(from: unknown, ...path: Path): readonly unknown[] {
  const value = at(from, ...path);
  return Array.isArray(value) ? value : [];
}

/** An empty object where there is none. */
export function objectAt(from: unknown, ...path: Path): Json {
  const value = at(from, ...path);
  return isJson(value) ? value : {};
}

/** The same whatever the order of the keys is, and whether what is undefined is named. */
export const sameJson = (a: unknown, b: unknown): boolean => isDeepStrictEqual(plain(a), plain(b));

const plain = (value: unknown): unknown => (value === undefined ? value : JSON.parse(JSON.stringify(value)));
