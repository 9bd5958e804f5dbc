import type { DocumentStore, ReplicaContext } from '../replica.ts';
import { stamp } from './call.ts';
import { computeTables } from './compute-tables.ts';
import { hashesOf, imageData, imageRecords } from './glance.ts';
import type { ImageRow } from './glance.ts';
import { assignmentId, hashSecret, identityTables } from './identity-tables.ts';
import { networkTables } from './network-tables.ts';
import { seededId, seededUuid } from './records.ts';

/** What the image of the model holds: a text, since nothing boots from it. */
const IMAGE_BYTES = Buffer.from('This is not a disk: servers of the rehearsal are rows in a database.\n');

async function seedIdentity(context: ReplicaContext): Promise<void> {
  const tables = identityTables(context);
  await tables.domains.insert('default', {
    id: 'default',
    name: 'Default',
    description: 'The default domain',
    enabled: true,
  });
  for (const name of ['admin', 'manager', 'member', 'reader', 'service'])
    await tables.roles.insert(seededId(`role ${name}`), { id: seededId(`role ${name}`), name });
  for (const name of ['admin', 'demo', 'service']) {
    const id = seededId(`project ${name}`);
    const about = { description: '', enabled: true, parent_id: 'default', is_domain: false, tags: [] };
    await tables.projects.insert(id, { id, name, domain_id: 'default', ...about });
    await tables.names.insert(`project/default/${name}`, { id });
  }
  for (const [name, password] of [
    ['admin', context.adminPassword],
    ['demo', context.demoPassword],
  ] as const) {
    const id = seededId(`user ${name}`);
    const passwordHash = hashSecret(id, password);
    await tables.users.insert(id, { id, name, domain_id: 'default', enabled: true, passwordHash, extra: {} });
    await tables.names.insert(`user/default/${name}`, { id });
  }
  for (const [name, role, target] of [
    ['admin', 'admin', `project/${seededId('project admin')}`],
    ['admin', 'admin', 'domain/default'],
    ['admin', 'admin', 'system/all'],
    ['demo', 'member', `project/${seededId('project demo')}`],
  ] as const) {
    const row = { user: seededId(`user ${name}`), role: seededId(`role ${role}`), target };
    await tables.assignments.insert(assignmentId(row), row);
  }
}

async function seedCompute(context: ReplicaContext): Promise<void> {
  const { flavors } = computeTables(context);
  for (const [id, name, vcpus, ram, disk] of [
    ['1', 'm1.tiny', 1, 512, 1],
    ['2', 'm1.small', 1, 2048, 20],
    ['3', 'm1.medium', 2, 4096, 40],
  ] as const)
    await flavors.insert(id, { id, name, vcpus, ram, disk, public: true });
}

async function seedImage(context: ReplicaContext): Promise<void> {
  const id = seededUuid('image cirros');
  const now = stamp(context.nowMs());
  const row: ImageRow = {
    id,
    name: 'cirros',
    status: 'active',
    visibility: 'public',
    owner: seededId('project admin'),
    protected: true,
    disk_format: 'qcow2',
    container_format: 'bare',
    min_disk: 0,
    min_ram: 0,
    ...hashesOf(IMAGE_BYTES),
    tags: [],
    created_at: now,
    updated_at: now,
    properties: {},
  };
  await imageData(context).insert(id, { base64: IMAGE_BYTES.toString('base64') });
  await imageRecords(context).insert(id, row);
}

async function seedNetwork(context: ReplicaContext): Promise<void> {
  const { networks, subnets } = networkTables(context);
  const now = stamp(context.nowMs());
  for (const [name, project, cidr] of [
    ['public', 'admin', '172.24.4.0/24'],
    ['demo-net', 'demo', '192.168.233.0/24'],
  ] as const) {
    const base = {
      project_id: seededId(`project ${project}`),
      description: '',
      created_at: now,
      updated_at: now,
      revision_number: 1,
    };
    const id = seededUuid(`network ${name}`);
    const kind = { admin_state_up: true, shared: false, 'router:external': name === 'public', mtu: 1450 };
    await networks.insert(id, { ...base, id, name, ...kind });
    const subnet = {
      id: seededUuid(`subnet ${name}`),
      name: `${name}-subnet`,
      network_id: id,
      cidr,
      dns_nameservers: [],
    };
    const gateway_ip = cidr.replace('.0/24', '.1');
    await subnets.insert(subnet.id, { ...base, ...subnet, ip_version: 4, gateway_ip, enable_dhcp: true });
  }
}

/**
 * Writes what a fresh installation has: roles, projects, users, flavors, an image and two networks. What is there already
 * stays as it is, so several nodes may do it at once, and again after a restart.
 */
export async function seedDatabase(database: DocumentStore, context: ReplicaContext): Promise<void> {
  const own: ReplicaContext = { ...context, database };
  await seedIdentity(own);
  await seedCompute(own);
  await seedImage(own);
  await seedNetwork(own);
}
