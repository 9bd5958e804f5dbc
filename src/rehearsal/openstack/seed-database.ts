import type { DocumentStore, ReplicaContext } from '../replica.ts';
import type { Json } from './call.ts';
import type { Fields } from './field.ts';
import { images } from './glance.ts';
import { projects, users } from './keystone.ts';
import { newRow, type Kind, type Owner } from './kind.ts';
import { networks } from './neutron.ts';
import { flavors } from './nova.ts';
import { seededId, seededUuid } from './table.ts';

/**
 * Writes what a fresh installation has: flavors, an image, and two projects with a user and a network each. What is there
 * already stays as it is, so several nodes may do it at once, and again after a restart.
 */
export async function seedDatabase(database: DocumentStore, context: ReplicaContext): Promise<void> {
  async function seed<F extends Fields>(kind: Kind<F>, owner: Owner, given: Json, more = {}): Promise<void> {
    const row = newRow(kind.fields, context.nowMs(), owner, given);
    await kind.table({ database }).put(owner.id, { ...row, ...more }, 'absent');
  }
  const admin = seededId('project admin');
  await seed(flavors, { id: '1', project: admin }, { name: 'm1.tiny', vcpus: 1, ram: 512, disk: 1 });
  await seed(flavors, { id: '2', project: admin }, { name: 'm1.small', vcpus: 1, ram: 2048, disk: 20 });
  await seed(flavors, { id: '3', project: admin }, { name: 'm1.medium', vcpus: 2, ram: 4096, disk: 40 });
  const cirros = { name: 'cirros', visibility: 'public', disk_format: 'qcow2', container_format: 'bare' };
  const image = { id: seededUuid('image cirros'), project: admin };
  await seed(images, image, { ...cirros, protected: true }, { status: 'active' });
  for (const [name, password, roles] of [
    ['admin', context.adminPassword, ['admin', 'member', 'reader']],
    ['demo', context.demoPassword, ['member', 'reader']],
  ] as const) {
    const project = seededId(`project ${name}`);
    await seed(projects, { id: project, project }, { name });
    const user = { id: seededId(`user ${name}`), project };
    await seed(users, user, { name, password }, { roles: { [project]: roles } });
    await seed(networks, { id: seededUuid(`network ${name}`), project }, { name: `${name}-net` });
  }
}
