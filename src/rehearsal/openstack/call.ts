import type { ReplicaContext } from '../replica.ts';
import type { Token } from './tokens.ts';

export type Json = Readonly<Record<string, unknown>>;

/** One request, read and authenticated. */
export interface Call {
  readonly context: ReplicaContext;
  readonly path: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
  /** Whose request it is, except on public routes. */
  readonly token: Token | undefined;
  /** The minor part of the microversion that was agreed on, 0 where the service has none. */
  readonly minor: number;
}

export interface Answer {
  readonly status: number;
  /** Sent as JSON, bytes as they are. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export const ok = (body: unknown, status = 200): Answer => ({ status, body });

/** An answer other than success; each service writes it in its own shape, some with the name of the error. */
export class ApiFault extends Error {
  readonly status: number;
  readonly type: string;

  constructor(status: number, message: string, type = '') {
    super(message);
    this.status = status;
    this.type = type;
  }
}

export const isAdmin = ({ token }: Call): boolean => token?.roles.includes('admin') ?? false;

/** The project of the token; empty without a scope, which owns nothing. */
export const projectOf = ({ token }: Call): string => token?.project?.id ?? '';

export const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The object that `from` holds under `key`; 400 where it holds none. */
export function objectAt(from: unknown, key: string): Json {
  const value = isRecord(from) ? from[key] : undefined;
  if (isRecord(value)) return value;
  throw new ApiFault(400, `Invalid input: '${key}' is a required property`);
}

/** What the body holds under the key; with an empty key the body itself. */
export function bodyOf({ bytes }: Call, key: string): Json {
  let body: unknown;
  try {
    body = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new ApiFault(400, 'The body of the request is not JSON.');
  }
  return objectAt(key === '' ? { '': body } : body, key);
}

/** `2026-11-21T09:15:47Z` */
export const stamp = (ms: number): string => new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');

/** Digits in the usual writing of a UUID. */
export const dashed = (digits: string): string =>
  digits.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-4$3-a$4-$5');
