import type { Ask, Slots, WireAccess } from '../ports/prober.ts';

/** A request with everything worked out that does not change from sample to sample. */
export interface PreparedAsk {
  readonly method: string;
  readonly path: (n: number) => string;
  readonly headers: Record<string, string>;
  readonly body: (n: number) => string | null;
  readonly expect: ReadonlySet<number>;
  /** undefined: any body is good. */
  readonly holds: ((n: number) => string) | undefined;
  /** Whether the body is handed on. Default false. */
  readonly keepBody?: boolean;
}

/** Joins a question with the access of its endpoint: base path in front, credentials beside the question's own headers. */
export function prepareAsk(ask: Ask, access: WireAccess, slots: Slots = 1): PreparedAsk {
  const numbered = (text: string): ((n: number) => string) => fillIn(text, slots);
  const base = new URL(access.url).pathname.replace(/\/+$/, '');
  const { body, holds } = ask;
  return {
    method: ask.method,
    path: numbered(base + ask.path),
    headers: { ...access.headers, ...ask.headers },
    body: body === undefined ? () => null : numbered(body),
    expect: new Set(ask.expect),
    holds: holds === undefined ? undefined : numbered(holds),
  };
}

/** A text in which `{n}` stands for the number of the sample, and `{slot}` for the slot that it uses. */
function fillIn(text: string, slots: Slots): (n: number) => string {
  if (!/\{(n|slot)\}/.test(text)) return () => text;
  const slot = (n: number): string =>
    typeof slots === 'number' ? String(n % slots) : (slots[n % slots.length] ?? '');
  return (n) => text.replaceAll('{n}', String(n)).replaceAll('{slot}', slot(n));
}
