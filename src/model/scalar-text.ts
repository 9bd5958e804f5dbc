/**
 * What came from outside, as text: of a text, number, true or false. Anything else is empty, for the `toString` of an object that
 * somebody else wrote may be no function.
 */
export const scalarText = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
