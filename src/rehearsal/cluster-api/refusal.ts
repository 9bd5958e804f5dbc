import type { Json } from './json.ts';
import { fullName, type Resource } from './resources.ts';

const CODES = {
  BadRequest: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  AlreadyExists: 409,
  Conflict: 409,
  Expired: 410,
  UnsupportedMediaType: 415,
  Invalid: 422,
  TooManyRequests: 429,
  InternalError: 500,
} as const;

type Reason = keyof typeof CODES;

/** What an API server answers when it says no: a Status object, with the HTTP status of its reason. */
export class Refusal extends Error {
  readonly code: number;
  readonly status: Json;

  constructor(reason: Reason, message: string, details?: Json) {
    super(message);
    this.code = CODES[reason];
    const { code } = this;
    this.status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, message, details, code };
  }
}

const about = (reason: Reason, resource: Resource, name: string, says: string): Refusal =>
  new Refusal(reason, says, { name, group: resource.group, kind: resource.plural });

export const notFound = (of: Resource, name: string): Refusal =>
  about('NotFound', of, name, `${fullName(of)} "${name}" not found`);

export const alreadyExists = (of: Resource, name: string): Refusal =>
  about('AlreadyExists', of, name, `${fullName(of)} "${name}" already exists`);

export const forbidden = (of: Resource, name: string, why: string): Refusal =>
  about('Forbidden', of, name, `${fullName(of)} "${name}" is forbidden: ${why}`);

export const conflict = (of: Resource, name: string): Refusal =>
  about(
    'Conflict',
    of,
    name,
    `Operation cannot be fulfilled on ${fullName(of)} "${name}": it has been modified`,
  );
