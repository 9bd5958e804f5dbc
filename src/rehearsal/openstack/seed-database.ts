import type { DocumentStore, ReplicaContext } from '../replica.ts';
import type { Json } from './call.ts';
import type { Fields } from './field.ts';
import { contents, filled, images } from './glance.ts';
import { projects, users } from './keystone.ts';
import { newRow, type Kind } from './kind.ts';
import { flavors } from './nova.ts';
import { seededId, seededUuid } from './table.ts';

/** What the image of the model holds: a text, since nothing boots from it. */
const CONTENT = Buffer.from('This is not a disk: servers of the rehearsal are rows in a database.\n');

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
  for (const [name, password, role] of [
    ['admin', context.adminPassword, 'admin'],
    ['demo', context.demoPassword, 'member'],
  ] as const) {
    const project = seededId(`project ${name}`);
    await seed(projects, project, project, { name });
    await seed(users, seededId(`user ${name}`), project, { name, password }, { roles: { [project]: role } });
  }
  await seed(flavors, '1', admin, { name: 'm1.tiny', vcpus: 1, ram: 512, disk: 1 });
  await seed(flavors, '2', admin, { name: 'm1.small', vcpus: 1, ram: 2048, disk: 20 });
  await seed(flavors, '3', admin, { name: 'm1.medium', vcpus: 2, ram: 4096, disk: 40 });

  const id = seededUuid('image cirros');
  const image = { name: 'cirros', visibility: 'public', disk_format: 'qcow2', container_format: 'bare' };
  await contents({ database }).put(id, { base64: CONTENT.toString('base64') }, 'absent');
  await seed(images, id, admin, { ...image, protected: true }, filled(CONTENT));
}
