import type { DocumentStore, ReplicaContext } from '../replica.ts';
import type { Json } from './call.ts';
import type { Fields } from './field.ts';
import { images } from './glance.ts';
import { projects, users } from './keystone.ts';
import { newRow, type Kind } from './kind.ts';
import { flavors } from './nova.ts';
import { seededId, seededUuid } from './table.ts';

/**
 * Writes what a fresh installation has: two projects with a user each, flavors and an image. What is there already
 * stays as it is, so several nodes may do it at once, and again after a restart.
 */
export async function seedDatabase(database: DocumentStore, context: ReplicaContext): Promise<void> {
  const seed = async <F extends Fields>(
    kind: Kind<F>,
    id: string,
    project: string,
    given: Json,
    more?: object,
  ): Promise<void> => {
    const row = newRow(kind.fields, context.nowMs(), { id, project }, given);
    await kind.table({ database }).put(id, { ...row, ...more }, 'absent');
  };
  const admin = seededId('project admin');
  for (const [name, password, roles] of [
    ['admin', context.adminPassword, ['admin', 'member', 'reader']],
    ['demo', context.demoPassword, ['member', 'reader']],
  ] as const) {
    const project = seededId(`project ${name}`);
    await seed(projects, project, project, { name });
    await seed(users, seededId(`user ${name}`), project, { name, password }, { roles: { [project]: roles } });
  }
  await seed(flavors, '1', admin, { name: 'm1.tiny', vcpus: 1, ram: 512, disk: 1 });
  await seed(flavors, '2', admin, { name: 'm1.small', vcpus: 1, ram: 2048, disk: 20 });
  await seed(flavors, '3', admin, { name: 'm1.medium', vcpus: 2, ram: 4096, disk: 40 });

  const image = { name: 'cirros', visibility: 'public', disk_format: 'qcow2', container_format: 'bare' };
  await seed(images, seededUuid('image cirros'), admin, { ...image, protected: true }, { status: 'active' });
}
