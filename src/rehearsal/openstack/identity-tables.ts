import { createHash } from 'node:crypto';
import type { OpenStackService, ReplicaContext } from '../replica.ts';
import { recordsOf, seededId } from './records.ts';
import type { Records } from './records.ts';

export interface DomainRow {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly enabled: boolean;
}

export interface ProjectRow extends DomainRow {
  readonly domain_id: string;
  readonly parent_id: string;
  readonly is_domain: boolean;
  readonly tags: readonly string[];
}

export interface UserRow {
  readonly id: string;
  readonly name: string;
  readonly domain_id: string;
  readonly enabled: boolean;
  readonly passwordHash: string;
  readonly extra: Readonly<Record<string, unknown>>;
}

export interface RoleRow {
  readonly id: string;
  readonly name: string;
}

export interface AssignmentRow {
  readonly user: string;
  readonly role: string;
  /** `project/<id>`, `domain/<id>` or `system/all`. */
  readonly target: string;
}

export interface ApplicationCredentialRow {
  readonly id: string;
  readonly name: string;
  readonly user: string;
  readonly project: string;
  readonly roles: readonly string[];
  readonly secretHash: string;
  readonly description: string | null;
  readonly expires_at: string | null;
  readonly unrestricted: boolean;
}

/** Keystone's tables. */
export interface IdentityTables {
  readonly domains: Records<DomainRow>;
  readonly projects: Records<ProjectRow>;
  readonly users: Records<UserRow>;
  readonly roles: Records<RoleRow>;
  readonly assignments: Records<AssignmentRow>;
  readonly credentials: Records<ApplicationCredentialRow>;
  readonly revoked: Records<{ expiresMs: number }>;
  /** Who has a name that must be unique: `<kind>/<domain>/<name>`. */
  readonly names: Records<{ id: string }>;
}

export const identityTables = ({ database }: Pick<ReplicaContext, 'database'>): IdentityTables => ({
  domains: recordsOf<DomainRow>(database, 'keystone/domains'),
  projects: recordsOf<ProjectRow>(database, 'keystone/projects'),
  users: recordsOf<UserRow>(database, 'keystone/users'),
  roles: recordsOf<RoleRow>(database, 'keystone/roles'),
  assignments: recordsOf<AssignmentRow>(database, 'keystone/assignments'),
  credentials: recordsOf<ApplicationCredentialRow>(database, 'keystone/application-credentials'),
  revoked: recordsOf<{ expiresMs: number }>(database, 'keystone/revoked'),
  names: recordsOf<{ id: string }>(database, 'keystone/names'),
});

export const assignmentId = (row: AssignmentRow): string => `${row.user}:${row.target}:${row.role}`;

/** Enough for a model, whose passwords are its own; a real Keystone uses bcrypt. */
export const hashSecret = (id: string, secret: string): string =>
  createHash('sha256').update(`${id}:${secret}`).digest('hex');

const IMPLIED: Readonly<Record<string, readonly string[]>> = {
  admin: ['admin', 'member', 'reader'],
  member: ['member', 'reader'],
};

/** A role with those that it implies, as Keystone's bootstrap sets them up. */
export const withImplied = (roles: readonly string[]): string[] => [
  ...new Set(roles.flatMap((name) => IMPLIED[name] ?? [name])),
];

const CATALOGUE: readonly (readonly [OpenStackService, string, (project: string) => string])[] = [
  ['keystone', 'identity', () => '/v3'],
  ['nova', 'compute', () => '/v2.1'],
  ['neutron', 'network', () => ''],
  ['glance', 'image', () => ''],
  ['cinder', 'volumev3', (project) => `/v3/${project}`],
  ['placement', 'placement', () => ''],
];

export const REGION = 'RegionOne';

/** The catalogue as a token carries it; the paths are those that OpenStack-Helm registers. */
export function catalogueOf(context: ReplicaContext, project: string): object[] {
  return CATALOGUE.map(([name, type, path]) => ({
    id: seededId(`service ${name}`),
    name,
    type,
    endpoints: ['admin', 'internal', 'public'].map((door) => ({
      id: seededId(`endpoint ${name} ${door}`),
      interface: door,
      region: REGION,
      region_id: REGION,
      url: context.frontUrl(name) + path(project),
    })),
  }));
}
