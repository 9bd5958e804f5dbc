import { ApiFault, isRecord, type Json } from './call.ts';

/** Reads one field of a body: its value, the default where it is missing or null, or else 400. */
export type Field<T> = (given: unknown, name: string) => T;

export type Fields = Readonly<Record<string, Field<unknown>>>;

/** What a declaration of fields reads. */
export type Read<F extends Fields> = { readonly [Name in keyof F]: ReturnType<F[Name]> };

type Check = (value: unknown) => boolean;

function field<T>(isRight: Check, says: string, or?: T): Field<T> {
  return (given, name) => {
    if (or !== undefined && (given ?? or) === or) return or;
    if (isRight(given)) return given as T;
    const why = given === undefined ? 'is a required property' : says;
    throw new ApiFault(400, `Invalid input for '${name}': ${JSON.stringify(given)?.slice(0, 80)} ${why}.`);
  };
}

const isText: Check = (value) => typeof value === 'string' && value.trim() !== '' && value.length <= 255;

/** Without a default it is required. */
export const text = (or?: string): Field<string> => field(isText, 'is no string of 1 to 255 characters', or);

export const oneOf = (values: string, or?: string): Field<string> =>
  field((value) => values.split(' ').includes(value as string), `is not one of ${values}`, or);

export const whole = (least: number, or?: number): Field<number> =>
  field((value) => Number.isInteger(value) && Number(value) >= least, `is no integer from ${least} on`, or);

export const flag = (or: boolean): Field<boolean> =>
  field((value) => typeof value === 'boolean', 'cannot be converted to boolean', or);

export const listOf = <T>(isRight: Check): Field<readonly T[]> =>
  field((value) => Array.isArray(value) && value.every(isRight), 'is not a list of what belongs there', []);

export const texts = listOf<string>(isText);

const areTexts: Check = (value) => isRecord(value) && Object.entries(value).flat().every(isText);

export const metadata = field<Json>(areTexts, 'is no object of strings of 1 to 255 characters', {});

export function optional<T>(inner: Field<T>): Field<T | null> {
  return (given, name) => ((given ?? null) === null ? null : inner(given, name));
}

/** What the service sets itself, whatever is given. */
export function set<T>(value: T): Field<T> {
  return () => value;
}

export function readFields<F extends Fields>(fields: F, given: Json): Read<F> {
  const read = Object.entries(fields).map(([name, read]) => [name, read(given[name], name)]);
  return Object.fromEntries(read) as Read<F>;
}
