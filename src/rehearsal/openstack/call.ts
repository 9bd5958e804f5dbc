import type { ReplicaContext } from '../replica.ts';
import type { Token } from './tokens.ts';

export type Json = Record<string, unknown>;

/** One request, read and authenticated. */
export interface Call {
  readonly context: ReplicaContext;
  readonly method: string;
  /** Path and query as they came. */
  readonly url: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly requestId: string;
  readonly bytes: Buffer;
  /** Whose request it is; `NOBODY` on public routes. */
  readonly token: Token;
  /** The minor part of the microversion that was agreed on, 0 where the service has none. */
  readonly minor: number;
}

export interface Answer {
  readonly status: number;
  /** Sent as JSON, bytes as they are. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer other than success; each service writes it in its own shape. */
export class ApiFault extends Error {
  readonly status: number;
  /** The name of the error, where the service's body carries one. */
  readonly type: string;

  constructor(status: number, message: string, type = '') {
    super(message);
    this.status = status;
    this.type = type;
  }
}

export const ok = (body: unknown, status = 200): Answer => ({ status, body });
export const nothing = (status = 204): Answer => ({ status });

export const isAdmin = (call: Call): boolean => call.token.roles.includes('admin');

/** The project of the token; empty for other scopes, which own nothing. */
export const projectOf = (call: Call): string => call.token.project?.id ?? '';

export const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Any JSON value as text: a string as it is, nothing as an empty one. */
export const wordsOf = (value: unknown): string => {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? '' : JSON.stringify(value);
};

/** The JSON object of the body, or what it holds under `key`. */
export function bodyOf(call: Call, key?: string): Json {
  let parsed: unknown;
  try {
    parsed = JSON.parse(call.bytes.toString('utf8'));
  } catch {
    throw new ApiFault(
      400,
      'The server could not comply with the request since it is malformed: its body is not JSON.',
    );
  }
  const wanted = key === undefined || !isRecord(parsed) ? parsed : parsed[key];
  if (!isRecord(wanted))
    throw new ApiFault(400, `Invalid input: '${key ?? 'object'}' is a required property`);
  return wanted;
}

export interface TextRule {
  readonly least?: number;
  readonly most?: number;
  readonly fallback?: string;
}

/** A string field; 400 in the words of the field's schema checkers when it is missing, of another type or of a wrong length. */
export function textOf(from: Json, field: string, rule: TextRule = {}): string {
  const value = from[field] ?? rule.fallback;
  if (value === undefined) throw new ApiFault(400, `Invalid input: '${field}' is a required property`);
  const shown = JSON.stringify(value).slice(0, 80);
  const refuse = (why: string): ApiFault =>
    new ApiFault(400, `Invalid input for field/attribute ${field}. Value: ${shown}. ${shown} ${why}`);
  if (typeof value !== 'string') throw refuse("is not of type 'string'");
  if (value.trim().length < (rule.least ?? 0)) throw refuse('is too short');
  if (value.length > (rule.most ?? 255)) throw refuse('is too long');
  return value;
}

/** A whole number not below `least`; given as a number or as its decimal text, as the field's services take both. */
export function numberOf(from: Json, field: string, least: number, fallback?: number): number {
  const value = from[field] ?? fallback;
  if (value === undefined) throw new ApiFault(400, `Invalid input: '${field}' is a required property`);
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  if (typeof number === 'number' && Number.isInteger(number) && number >= least) return number;
  const shown = JSON.stringify(value).slice(0, 80);
  throw new ApiFault(
    400,
    `Invalid input for field/attribute ${field}. Value: ${shown}. ${shown} is less than the minimum of ${least} or not an integer`,
  );
}

/** One page of a list by `limit` and `marker`; `next` is the query of the page after it. */
export function pageOf<Row extends { readonly id: string }>(
  call: Call,
  rows: readonly Row[],
): { readonly page: readonly Row[]; readonly next?: string } {
  const limitText = call.query.get('limit');
  if (limitText !== null && !/^\d+$/.test(limitText))
    throw new ApiFault(
      400,
      `Invalid input for query parameters limit. Value: ${limitText.slice(0, 80)} must be an integer >= 0`,
    );
  const marker = call.query.get('marker');
  const at = marker === null ? -1 : rows.findIndex((row) => row.id === marker);
  if (marker !== null && at < 0) throw new ApiFault(400, `marker [${marker.slice(0, 80)}] not found`);
  const limit = Math.min(Number(limitText ?? 0) || 1000, 1000);
  const page = rows.slice(at + 1, at + 1 + limit);
  const last = page.at(-1);
  if (last === undefined || at + 1 + limit >= rows.length) return { page };
  const query = new URLSearchParams(call.query);
  query.set('marker', last.id);
  return { page, next: query.toString() };
}

/** Keeps the rows whose fields equal the query's filters of the same names; Python clients write `True` for true. */
export function filtered<Row extends object>(
  call: Call,
  rows: readonly Row[],
  fields: readonly string[],
): Row[] {
  const same = (value: unknown, wanted: string): boolean =>
    typeof value === 'boolean' ? wanted.toLowerCase() === String(value) : wordsOf(value) === wanted;
  return rows.filter((row) =>
    fields.every((field) => {
      const wanted = call.query.getAll(field);
      return wanted.length === 0 || wanted.some((one) => same((row as Json)[field], one));
    }),
  );
}

/** `2026-11-21T09:15:47Z`; with microseconds where the service writes them. */
export const stamp = (ms: number, fraction = false): string =>
  new Date(ms).toISOString().replace(/\.(\d{3})Z$/, fraction ? '.$1000Z' : 'Z');

/** A random UUID in the usual writing. */
export function uuid(context: ReplicaContext): string {
  const digits = context.token(32);
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-a${digits.slice(17, 20)}-${digits.slice(20)}`;
}
