import type { Json } from './json.ts';

export interface Cause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

/** What an API server answers when it says no: a Status object with its HTTP status. */
export class Refusal extends Error {
  readonly code: number;
  readonly reason: string;
  readonly details: Json;

  constructor(code: number, reason: string, message: string, details: Json = {}) {
    super(message);
    this.name = 'Refusal';
    this.code = code;
    this.reason = reason;
    this.details = details;
  }
}

export const failureStatus = ({ code, reason, message, details }: Refusal): Json => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message,
  reason,
  ...(Object.keys(details).length === 0 ? {} : { details }),
  code,
});

export const successStatus = (details: Json): Json => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Success',
  details,
});

/** Which resource a refusal is about, such as `pods` or `deployments.apps`. */
export interface About {
  readonly plural: string;
  readonly group: string;
  readonly kind: string;
}

const fullName = ({ plural, group }: About): string => (group === '' ? plural : `${plural}.${group}`);

const detailsOf = (about: About, name: string): Json => ({
  name,
  ...(about.group === '' ? {} : { group: about.group }),
  kind: about.plural,
});

export const notFound = (about: About, name: string): Refusal =>
  new Refusal(404, 'NotFound', `${fullName(about)} "${name}" not found`, detailsOf(about, name));

export const alreadyExists = (about: About, name: string): Refusal =>
  new Refusal(409, 'AlreadyExists', `${fullName(about)} "${name}" already exists`, detailsOf(about, name));

export const conflict = (about: About, name: string, says?: string): Refusal => {
  const why =
    says ?? 'the object has been modified; please apply your changes to the latest version and try again';
  const message = `Operation cannot be fulfilled on ${fullName(about)} "${name}": ${why}`;
  return new Refusal(409, 'Conflict', message, detailsOf(about, name));
};

export const invalid = (about: About, name: string, causes: readonly Cause[]): Refusal => {
  const said = causes.map(({ field, message }) => `${field}: ${message}`);
  const all = said.length === 1 ? said[0] : `[${said.join(', ')}]`;
  const kind = about.group === '' ? about.kind : `${about.kind}.${about.group}`;
  const details = {
    name,
    ...(about.group === '' ? {} : { group: about.group }),
    kind: about.kind,
    causes: causes.map(({ reason, message, field }) => ({ reason, message, field })),
  };
  return new Refusal(422, 'Invalid', `${kind} "${name}" is invalid: ${all}`, details);
};

export const badRequest = (says: string): Refusal => new Refusal(400, 'BadRequest', says);

export const unauthorized = (): Refusal => new Refusal(401, 'Unauthorized', 'Unauthorized');

export const forbidden = (about: About, name: string, says: string, causes?: readonly Cause[]): Refusal => {
  const details = { ...detailsOf(about, name), ...(causes === undefined ? {} : { causes }) };
  return new Refusal(
    403,
    'Forbidden',
    `${fullName(about)}${name === '' ? '' : ` "${name}"`} is forbidden: ${says}`,
    details,
  );
};

export const methodNotAllowed = (): Refusal =>
  new Refusal(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource');

export const unsupportedMediaType = (accepted: readonly string[]): Refusal =>
  new Refusal(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  );

export const expired = (says: string): Refusal => new Refusal(410, 'Expired', says);

/** etcd did not answer with a majority; whether a write happened is not known. */
export const storeSilent = (): Refusal =>
  new Refusal(500, 'InternalError', 'etcdserver: request timed out', {
    causes: [{ message: 'etcdserver: request timed out' }],
  });
