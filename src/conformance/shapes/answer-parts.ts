import * as z from 'zod';

/** An object with one key. */
type Under<K extends string, T extends z.ZodType> = z.ZodObject<Record<K, T>, z.core.$strict>;

/** What has a list under one key, and where it has pages the links to the others. */
type Listed<K extends string, T extends z.ZodType> = z.ZodType<
  Record<K, z.output<T>[]> & Partial<Record<`${K}_links`, z.output<typeof links>>>
>;

/** Ids of services that make them with and without dashes. */
export const id = z.string().regex(/^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/, 'an id');

/** A time in UTC as the services write it, with or without a fraction and a zone. */
export const time = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$/, 'a time');

export const url = z.string().regex(/^https?:\/\//, 'a URL');

export const links = z.array(z.strictObject({ rel: z.string(), href: url, type: z.string().optional() }));

/** Keys and values that users choose. */
export const texts = z.record(z.string(), z.string());

/** @returns the answer's wrapper: nothing but `value` under `key`. */
export const under = <K extends string, T extends z.ZodType>(key: K, value: T): Under<K, T> =>
  z.strictObject({ [key]: value } as Record<K, T>);

/** A list, and its links to other pages. */
export const listed = <K extends string, T extends z.ZodType>(key: K, value: T): Listed<K, T> =>
  z.strictObject({ [key]: z.array(value), [`${key}_links`]: links.optional() }) as unknown as Listed<K, T>;
