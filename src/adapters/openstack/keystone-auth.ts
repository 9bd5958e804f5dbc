import { HarnessError } from '../../model/errors.ts';
import { maskSecrets, Secret } from '../../model/secret.ts';
import type { ApiResponse } from '../../ports/api-client.ts';
import type { CatalogueService } from '../../ports/openstack.ts';
import { isTree } from './cloud-files.ts';
import type { CloudConfig } from './resolve-cloud.ts';
import { plainUrl } from './translate-failure.ts';

/** A token, and what Keystone said with it. */
export interface Session {
  readonly token: Secret;
  readonly userId: string;
  readonly projectId?: string;
  /** Names. */
  readonly roles: readonly string[];
  readonly catalogue: readonly CatalogueService[];
  /** How long it is good for, from when it was asked for; by Keystone's own two times, so no clock of ours is involved. */
  readonly lifeMs: number;
}

type Plain = Readonly<Record<string, string>>;

/** As the password plugin of keystoneauth: an id counts before a name, be it only the default one. */
const domainOf = (auth: Plain, whose: 'user' | 'project'): object => {
  const id = auth[`${whose}_domain_id`] ?? auth['default_domain_id'];
  if (id !== undefined) return { id };
  const name = auth[`${whose}_domain_name`] ?? auth['default_domain_name'];
  // Keystone refuses a name without a domain; this is the one that it makes itself.
  return name === undefined ? { id: 'default' } : { name };
};

const userOf = (auth: Plain): object =>
  auth['user_id'] === undefined
    ? { name: auth['username'], domain: domainOf(auth, 'user') }
    : { id: auth['user_id'] };

function scopeOf(auth: Plain): object | undefined {
  if (auth['project_id'] !== undefined) return { project: { id: auth['project_id'] } };
  if (auth['project_name'] !== undefined)
    return { project: { name: auth['project_name'], domain: domainOf(auth, 'project') } };
  if (auth['domain_id'] !== undefined) return { domain: { id: auth['domain_id'] } };
  if (auth['domain_name'] !== undefined) return { domain: { name: auth['domain_name'] } };
  return auth['system_scope'] === undefined ? undefined : { system: { all: true } };
}

/** The body of `POST /auth/tokens`. It holds the secrets in the open: for the wire only. */
export function authRequest({ authType, auth, secrets }: CloudConfig): object {
  const scope = scopeOf(auth);
  const scoped = scope === undefined ? {} : { scope };
  if (authType === 'token')
    return { auth: { identity: { methods: ['token'], token: { id: secrets.token?.reveal() } }, ...scoped } };
  if (authType === 'application_credential') {
    const id = auth['application_credential_id'];
    const who = id === undefined ? { name: auth['application_credential_name'], user: userOf(auth) } : { id };
    const credential = { ...who, secret: secrets.application_credential_secret?.reveal() };
    // An application credential has its scope in itself; Keystone refuses another one.
    return {
      auth: { identity: { methods: ['application_credential'], application_credential: credential } },
    };
  }
  const user = { ...userOf(auth), password: secrets.password?.reveal() };
  return { auth: { identity: { methods: ['password'], password: { user } }, ...scoped } };
}

const textAt = (value: unknown, key: string): string => {
  const text = isTree(value) ? value[key] : undefined;
  return typeof text === 'string' ? text : '';
};

function catalogueOf(value: unknown): CatalogueService[] {
  if (!Array.isArray(value)) return [];
  return value.map((service: unknown) => {
    const ends =
      isTree(service) && Array.isArray(service['endpoints']) ? (service['endpoints'] as unknown[]) : [];
    return {
      type: textAt(service, 'type'),
      name: textAt(service, 'name'),
      endpoints: ends.map((end) => ({
        interface: textAt(end, 'interface'),
        region: textAt(end, 'region_id') || textAt(end, 'region'),
        url: textAt(end, 'url'),
      })),
    };
  });
}

const rolesOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.map((role: unknown) => textAt(role, 'name')) : [];

/** The words of an error body, whichever of the services' shapes it has; at most 300 characters. */
export function faultText(body: unknown): string {
  if (typeof body === 'string')
    return body
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' ')
      .trim()
      .slice(0, 300);
  if (!isTree(body)) return '';
  const inner = textAt(body, 'message') === '' ? Object.values(body).find(isTree) : body;
  return textAt(inner, 'message').replace(/\s+/g, ' ').slice(0, 300);
}

/**
 * Reads Keystone's answer to `authRequest`.
 * @throws SQ_AUTH when it refuses the credentials, SQ_BAD_ANSWER when it is anything but a token.
 */
export function readSession(config: CloudConfig, answer: ApiResponse): Session {
  const { status, requestId } = answer;
  const id = requestId === undefined ? '' : ` (${requestId})`;
  const facts = { status, requestId, url: plainUrl(answer.url), cloud: config.cloud };
  const words = maskSecrets(faultText(answer.body), Object.values(config.secrets));
  const quoted = words === '' ? '' : `: ${words}`;
  if ([400, 401, 403, 404].includes(status)) {
    const says = `Keystone at ${plainUrl(answer.url)} did not accept the credentials of cloud "${config.cloud}", ${status}${quoted}${id}`;
    throw new HarnessError('SQ_AUTH', `${says.replace(/\.$/, '')}.`, { facts });
  }
  const token = answer.headers['x-subject-token'];
  const body = isTree(answer.body) ? answer.body['token'] : undefined;
  if (status >= 300 || token === undefined || !isTree(body)) {
    const says = `Keystone at ${plainUrl(answer.url)} gave no token but status ${status}${quoted}${id}`;
    throw new HarnessError('SQ_BAD_ANSWER', `${says.replace(/\.$/, '')}.`, { facts, definite: false });
  }
  const lifeMs = Date.parse(textAt(body, 'expires_at')) - Date.parse(textAt(body, 'issued_at'));
  const projectId = textAt(body['project'], 'id');
  return {
    token: new Secret(token),
    userId: textAt(body['user'], 'id'),
    ...(projectId === '' ? {} : { projectId }),
    roles: rolesOf(body['roles']),
    catalogue: catalogueOf(body['catalog']),
    lifeMs: Number.isFinite(lifeMs) ? lifeMs : Number.POSITIVE_INFINITY,
  };
}
