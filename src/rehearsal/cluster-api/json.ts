import { isDeepStrictEqual } from 'node:util';

/** Any JSON object: what came from a client, or is stored. */
export type Json = Readonly<Record<string, unknown>>;

type Path = readonly (string | number)[];

/** The value at a path; undefined where anything on the way is missing. */
export const at = (from: unknown, ...path: Path): unknown =>
  path.reduce<unknown>((here, key) => (here as Record<string | number, unknown> | null)?.[key], from);

/** Reads what is of one type at a path, and gives `otherwise` where it is not. */
const reader =
  <T, Otherwise>(is: (value: unknown) => value is T, otherwise: Otherwise) =>
  (from: unknown, ...path: Path): T | Otherwise => {
    const value = at(from, ...path);
    return is(value) ? value : otherwise;
  };

export const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const textAt = reader((value) => typeof value === 'string', undefined);
export const numberAt = reader((value) => typeof value === 'number', undefined);
export const listAt = reader((value): value is readonly unknown[] => Array.isArray(value), []);
export const objectAt = reader<Json, Json>(isJson, {});

/** The same whatever the order of the keys is, and whether what is undefined is named. */
export const sameJson = (a: unknown, b: unknown): boolean => isDeepStrictEqual(plain(a), plain(b));

const plain = (value: unknown): unknown => (value === undefined ? value : JSON.parse(JSON.stringify(value)));
