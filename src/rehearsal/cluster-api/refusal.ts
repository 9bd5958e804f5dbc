import type { Json } from './json.ts';
import type { Resource } from './resources.ts';

/** What an API server answers when it says no: a Status object, with its HTTP status. */
export class Refusal extends Error {
  readonly code: number;
  readonly status: Json;

  constructor(code: number, reason: string, message: string, details?: Json) {
    super(message);
    this.code = code;
    this.status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, message, details, code };
  }
}

export const badRequest = (says: string): Refusal => new Refusal(400, 'BadRequest', says);

const about = (code: number, reason: string, of: Resource, name: string, says: string): Refusal => {
  const { plural, group } = of;
  const what = `${group === '' ? plural : `${plural}.${group}`} "${name}"`;
  return new Refusal(code, reason, says.replace('$', what), { name, group, kind: plural });
};

export const notFound = (of: Resource, name: string): Refusal =>
  about(404, 'NotFound', of, name, '$ not found');
export const alreadyExists = (of: Resource, name: string): Refusal =>
  about(409, 'AlreadyExists', of, name, '$ already exists');
export const conflict = (of: Resource, name: string): Refusal =>
  about(409, 'Conflict', of, name, 'Operation cannot be fulfilled on $: the object has been modified');
export const forbidden = (of: Resource, name: string, why: string): Refusal =>
  about(403, 'Forbidden', of, name, `$ is forbidden: ${why}`);
