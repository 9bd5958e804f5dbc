import { ApiFault, isRecord } from './call.ts';
import type { Json } from './call.ts';

/** Reads one field of a body: its value, the default where it is missing or null, or else 400. */
export type Field<T> = (given: unknown, name: string) => T;

export type Fields = Readonly<Record<string, Field<unknown>>>;

/** What a declaration of fields reads. */
export type Read<F extends Fields> = { readonly [Name in keyof F]: ReturnType<F[Name]> };

const field =
  <T>(isRight: (value: unknown) => boolean, says: string, or?: T): Field<T> =>
  (given, name) => {
    if (or !== undefined && (given ?? or) === or) return or;
    if (isRight(given)) return given as T;
    const why = given === undefined ? 'is a required property' : says;
    throw new ApiFault(400, `Invalid input for '${name}': ${JSON.stringify(given)?.slice(0, 80)} ${why}.`);
  };

const isText = (value: unknown, most: number): boolean =>
  typeof value === 'string' && value.trim() !== '' && value.length <= most;

/** Its most characters are 255 where no other number is given. Without a default it is required. */
export const text = (or?: string, most = 255): Field<string> =>
  field((value) => isText(value, most), `is no string of 1 to ${most} characters`, or);

export const oneOf = (values: string, or?: string): Field<string> =>
  field((value) => values.split(' ').includes(value as string), `is not one of ${values}`, or);

export const whole = (least: number, or?: number): Field<number> =>
  field((value) => Number.isInteger(value) && Number(value) >= least, `is no integer from ${least} on`, or);

export const flag = (or: boolean): Field<boolean> =>
  field((value) => typeof value === 'boolean', 'cannot be converted to boolean', or);

export const listOf = <T>(isRight: (one: unknown) => boolean): Field<readonly T[]> =>
  field((value) => Array.isArray(value) && value.every(isRight), 'is not a list of what belongs there', []);

export const texts = listOf<string>((one) => isText(one, 255));

export const metadata = field<Readonly<Record<string, string>>>(
  (value) =>
    isRecord(value) &&
    Object.entries(value)
      .flat()
      .every((one) => isText(one, 255)),
  'has a key or value that is no string of 1 to 255 characters',
  {},
);

export const optional =
  <T>(inner: Field<T>): Field<T | null> =>
  (given, name) =>
    (given ?? null) === null ? null : inner(given, name);

/** What the service sets itself, whatever is given. */
export const set =
  <T>(value: T): Field<T> =>
  () =>
    value;

export const readFields = <F extends Fields>(fields: F, given: Json): Read<F> =>
  Object.fromEntries(
    Object.entries(fields).map(([name, read]) => [name, read(given[name], name)]),
  ) as Read<F>;
