const MASK = '***';

/** A value that no output may show. It prints as `***` in templates, JSON and `console.log`; `reveal` is for the wire only. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return MASK;
  }
}

/** Replaces every occurrence of a secret, raw or percent-encoded, in a text that is about to leave the process. */
export function maskSecrets(text: string, secrets: Iterable<Secret>): string {
  let masked = text;
  for (const secret of secrets) {
    const value = secret.reveal();
    // A very short secret would blank out half of any text; it protects nothing either.
    if (value.length < 4) continue;
    masked = masked.replaceAll(value, MASK).replaceAll(encodeURIComponent(value), MASK);
  }
  return masked;
}
