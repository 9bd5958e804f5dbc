import { Secret } from '../model/secret.ts';
import type { OpenStackApi, UserInProject } from '../ports/openstack.ts';
import type { Maker } from './maker.ts';
import { talk } from './service-talk.ts';
import { roles } from './shapes/identity.ts';

export interface Namer {
  fresh(what: string): string;
}

/** What of a case's context making one takes. */
export interface PersonaTools {
  readonly make: Maker;
  readonly names: Namer;
  readonly administrator: () => Promise<OpenStackApi>;
}

/** The roles that Keystone makes by itself, each of which may do what those after it may. */
export type DefaultRole = 'admin' | 'manager' | 'member' | 'reader';

/** Whether the user has the role `admin` where it is. */
export async function isAdministrator(api: OpenStackApi, signal?: AbortSignal): Promise<boolean> {
  return (await api.user(signal)).roles.includes('admin');
}

/**
 * A new user of a case, in one role of a project; `openstack.as` gives its client.
 * @param projectId default: a new project.
 */
export async function makePersona(
  context: PersonaTools,
  role: DefaultRole,
  projectId?: string,
): Promise<UserInProject> {
  return makeUser(context.make, await context.administrator(), context.names, role, projectId);
}

/** A new user in the domain `default` who has `role` in a project, which is new too where none is named. */
export async function makeUser(
  make: Maker,
  administrator: OpenStackApi,
  names: Namer,
  role: DefaultRole,
  projectId?: string,
): Promise<UserInProject> {
  const keystone = talk(administrator, 'identity');
  const create = async (kind: 'project' | 'user', more: object): Promise<string> => {
    const body = { name: names.fresh(kind), domain_id: 'default', ...more };
    const order = { type: 'identity', path: `/${kind}s`, key: kind, body } as const;
    return (await make.resource({ ...order, as: administrator, by: 'administrator' })).id;
  };
  const inside = projectId ?? (await create('project', {}));
  if (projectId === undefined)
    make.undone((cleaning) => removeDefaultGroups(cleaning, inside), 'administrator');
  const password = names.fresh('P');
  const userId = await create('user', { password, default_project_id: inside });
  const found = await keystone.get(`/roles?name=${role}`, roles);
  await keystone.put(204, `/projects/${inside}/users/${userId}/roles/${found.roles[0]?.id ?? ''}`, undefined);
  return { userId, projectId: inside, password: new Secret(password) };
}

/** Neutron makes a group for each project that asks it anything, and keeps it when Keystone's project goes. */
async function removeDefaultGroups(administrator: OpenStackApi, project: string): Promise<void> {
  const network = administrator.service('network');
  const { body } = await network.request<{ security_groups?: readonly { id: string }[] }>({
    method: 'GET',
    path: '/security-groups',
    query: { project_id: project, fields: 'id' },
  });
  for (const { id } of body.security_groups ?? [])
    await network.request({ method: 'DELETE', path: `/security-groups/${id}` });
}
