import type { ReplicaContext } from '../replica.ts';
import {
  ApiFault,
  bodyOf,
  filtered,
  isAdmin,
  isRecord,
  nothing,
  ok,
  pageOf,
  projectOf,
  stamp,
  textOf,
  uuid,
  wordsOf,
} from './call.ts';
import type { Answer, Call, Json } from './call.ts';
import { agentIsUp, computeTables } from './compute-tables.ts';
import type { FlavorRow, ServerRow, ServerTask } from './compute-tables.ts';
import { imageRecords } from './glance.ts';
import { createPort, networkTables, releasePorts } from './network-tables.ts';
import type { NetworkRow, PortRow } from './network-tables.ts';

/** Nova's default quotas of a project. */
export const QUOTA = { instances: 10, cores: 20, ram: 51_200, metadata: 128 } as const;

const rootOf = (call: Call): string => `${call.context.frontUrl('nova')}/v2.1`;
const linksOf = (call: Call, kind: string, id: string): object[] => [
  { rel: 'self', href: `${rootOf(call)}/${kind}/${id}` },
  { rel: 'bookmark', href: `${call.context.frontUrl('nova')}/${kind}/${id}` },
];

const POWER: Readonly<Record<ServerRow['status'], number>> = {
  ACTIVE: 1,
  REBOOT: 1,
  SHUTOFF: 4,
  BUILD: 0,
  ERROR: 0,
};
const VM_STATE = {
  ACTIVE: 'active',
  REBOOT: 'active',
  SHUTOFF: 'stopped',
  BUILD: 'building',
  ERROR: 'error',
} as const;

function addressesOf(server: ServerRow, ports: readonly PortRow[], networks: readonly NetworkRow[]): Json {
  const byNetwork: Record<string, object[]> = {};
  for (const port of ports.filter((row) => row.device_id === server.id)) {
    const name = networks.find((row) => row.id === port.network_id)?.name ?? port.network_id;
    for (const ip of port.fixed_ips)
      (byNetwork[name] ??= []).push({
        version: 4,
        addr: ip.ip_address,
        'OS-EXT-IPS:type': 'fixed',
        'OS-EXT-IPS-MAC:mac_addr': port.mac_address,
      });
  }
  return byNetwork;
}

function flavorView(call: Call, { id, name, ...size }: FlavorRow): Json {
  if (call.minor < 47) return { id, links: linksOf(call, 'flavors', id).slice(1) };
  return {
    original_name: name,
    vcpus: size.vcpus,
    ram: size.ram,
    disk: size.disk,
    ephemeral: 0,
    swap: 0,
    extra_specs: {},
  };
}

function view(call: Call, row: ServerRow, addresses: Json): Json {
  const host = row.host ?? '';
  return {
    id: row.id,
    name: row.name,
    status: row.status,
    tenant_id: row.project,
    user_id: row.user,
    hostId: host && seededHostId(row),
    metadata: row.metadata,
    image: row.image === '' ? '' : { id: row.image, links: linksOf(call, 'images', row.image).slice(1) },
    flavor: flavorView(call, row.flavor),
    created: stamp(row.createdMs),
    updated: stamp(row.changedMs),
    addresses: row.status === 'BUILD' ? {} : addresses,
    accessIPv4: '',
    accessIPv6: '',
    links: linksOf(call, 'servers', row.id),
    'OS-DCF:diskConfig': 'MANUAL',
    ...(['ACTIVE', 'SHUTOFF', 'REBOOT'].includes(row.status) ? { progress: 0 } : {}),
    'OS-EXT-AZ:availability_zone': host && 'nova',
    config_drive: '',
    key_name: row.keyName,
    'OS-SRV-USG:launched_at': row.launchedMs === null ? null : stamp(row.launchedMs).replace('Z', '.000000'),
    'OS-SRV-USG:terminated_at': null,
    security_groups: row.groups.map((name) => ({ name })),
    'OS-EXT-STS:task_state': row.task,
    'OS-EXT-STS:vm_state': VM_STATE[row.status],
    'OS-EXT-STS:power_state': POWER[row.status],
    'os-extended-volumes:volumes_attached': [],
    ...(row.fault === null
      ? {}
      : { fault: { code: 500, created: stamp(row.changedMs), message: row.fault } }),
    ...(call.minor >= 9 && { locked: false }),
    ...(call.minor >= 19 && { description: row.description }),
    ...(call.minor >= 26 && { tags: [] }),
    ...(isAdmin(call) && {
      'OS-EXT-SRV-ATTR:host': row.host,
      'OS-EXT-SRV-ATTR:hypervisor_hostname': row.host,
      'OS-EXT-SRV-ATTR:instance_name': `instance-${row.id.slice(0, 8)}`,
    }),
  };
}

// Hosts are hidden from tenants behind a digest of host and project; here any stable text will do.
const seededHostId = (row: ServerRow): string =>
  Buffer.from(`${row.project.slice(0, 12)}${row.host}`).toString('hex');

async function viewOf(call: Call, rows: readonly ServerRow[]): Promise<Json[]> {
  const tables = networkTables(call.context);
  const [ports, networks] = [await tables.ports.all(), await tables.networks.all()];
  return rows.map((row) => view(call, row, addressesOf(row, ports, networks)));
}

/** The server of the path, if the caller may see it. */
export async function serverOf(call: Call): Promise<ServerRow> {
  const { id = '' } = call.parameters;
  const row = await computeTables(call.context).servers.find(id);
  if (row === undefined || (row.project !== projectOf(call) && !isAdmin(call)))
    throw new ApiFault(404, `Instance ${id} could not be found.`);
  return row;
}

export async function listServers(call: Call, detail: boolean): Promise<Answer> {
  const everyone = isAdmin(call) && ['1', 'true', 'True'].includes(call.query.get('all_tenants') ?? '');
  const all = (await computeTables(call.context).servers.all()).filter(
    (row) => everyone || row.project === projectOf(call),
  );
  const name = call.query.get('name');
  const rows = filtered(call, all, ['status', 'host'])
    .filter((row) => name === null || row.name.includes(name.replace(/^\^|\$$/g, '')))
    .sort((a, b) => b.createdMs - a.createdMs || (a.id < b.id ? -1 : 1));
  const { page, next } = pageOf(call, rows);
  const path = detail ? '/servers/detail' : '/servers';
  const brief = (row: ServerRow): Json => ({
    id: row.id,
    name: row.name,
    links: linksOf(call, 'servers', row.id),
  });
  return ok({
    servers: detail ? await viewOf(call, page) : page.map(brief),
    ...(next && { servers_links: [{ rel: 'next', href: `${rootOf(call)}${path}?${next}` }] }),
  });
}

async function checkQuota(call: Call, flavor: FlavorRow): Promise<void> {
  const own = (await computeTables(call.context).servers.all()).filter(
    (row) => row.project === projectOf(call),
  );
  const sum = (pick: (size: FlavorRow) => number): number =>
    own.reduce((total, row) => total + pick(row.flavor), 0);
  const uses = [
    ['instances', 1, own.length],
    ['cores', flavor.vcpus, sum((size) => size.vcpus)],
    ['ram', flavor.ram, sum((size) => size.ram)],
  ] as const;
  const over = uses.find(([name, more, used]) => used + more > QUOTA[name]);
  if (over === undefined) return;
  const [name, more, used] = over;
  throw new ApiFault(
    403,
    `Quota exceeded for ${name}: Requested ${more}, but already used ${used} of ${QUOTA[name]} ${name}`,
  );
}

async function networksWished(call: Call, wish: unknown): Promise<string[]> {
  const all = await networkTables(call.context).networks.all();
  const usable = all.filter((row) => row.project_id === projectOf(call) || row.shared);
  if (wish === 'none') return [];
  if (wish === undefined && call.minor >= 37)
    throw new ApiFault(400, "Invalid input: 'networks' is a required property");
  if (!Array.isArray(wish)) {
    const own = usable.filter((row) => !row['router:external']);
    if (own.length > 1)
      throw new ApiFault(409, 'Multiple possible networks found, use a Network ID to be more specific.');
    return own.map((row) => row.id);
  }
  return wish.map((one: unknown) => {
    const id = isRecord(one) ? wordsOf(one['uuid']) : '';
    if (usable.some((row) => row.id === id) || (isAdmin(call) && all.some((row) => row.id === id))) return id;
    throw new ApiFault(400, `Network ${id} could not be found.`);
  });
}

/** The living host with the fewest servers; null when there is none. */
async function placeOn(context: ReplicaContext): Promise<string | null> {
  const { agents, servers } = computeTables(context);
  const placed = await servers.all();
  const load = (host: string): number => placed.filter((row) => row.host === host).length;
  const hosts = (await agents.all())
    .filter((row) => agentIsUp(context, row) && !row.disabled)
    .map((row) => row.host);
  return hosts.sort((a, b) => load(a) - load(b) || (a < b ? -1 : 1))[0] ?? null;
}

export function metadataOf(value: unknown): Record<string, string> {
  const refuse = (): ApiFault =>
    new ApiFault(
      400,
      'Invalid input for field/attribute metadata: keys and values must be strings of at most 255 characters.',
    );
  if (!isRecord(value)) throw refuse();
  for (const [key, text] of Object.entries(value))
    if (key === '' || key.length > 255 || typeof text !== 'string' || text.length > 255) throw refuse();
  const count = Object.keys(value).length;
  if (count > QUOTA.metadata)
    throw new ApiFault(
      403,
      `Quota exceeded for metadata_items: Requested ${count}, but the limit is ${QUOTA.metadata}`,
    );
  return value as Record<string, string>;
}

async function checkedWish(
  call: Call,
  given: Json,
): Promise<{ flavor: FlavorRow; image: string; keyName: string | null }> {
  const tables = computeTables(call.context);
  const flavorRef = textOf(given, 'flavorRef', { least: 1 }).replace(/^.*\//, '');
  const flavor = await tables.flavors.find(flavorRef);
  if (flavor === undefined) throw new ApiFault(400, `Flavor ${flavorRef} could not be found.`);
  const imageRef = textOf(given, 'imageRef', { least: 1 }).replace(/^.*\//, '');
  const image = await imageRecords(call.context).find(imageRef);
  if (image === undefined) throw new ApiFault(400, 'Can not find requested image');
  if (image.status !== 'active') throw new ApiFault(400, `Image ${imageRef} is not active.`);
  const keyName = given['key_name'] === undefined ? null : textOf(given, 'key_name');
  if (keyName !== null && !(await tables.keypairs.find(`${call.token.user.id}/${keyName}`)))
    throw new ApiFault(400, 'Invalid key_name provided.');
  return { flavor, image: image.id, keyName };
}

export async function createServer(call: Call): Promise<Answer> {
  const given = bodyOf(call, 'server');
  const name = textOf(given, 'name', { least: 1 });
  const { flavor, image, keyName } = await checkedWish(call, given);
  const metadata = metadataOf(given['metadata'] ?? {});
  const networks = await networksWished(call, given['networks']);
  await checkQuota(call, flavor);
  const { context } = call;
  const host = await placeOn(context);
  const nowMs = context.nowMs();
  const groups = Array.isArray(given['security_groups'])
    ? (given['security_groups'] as Json[])
    : [{ name: 'default' }];
  const row: ServerRow = {
    id: uuid(context),
    name,
    description: given['description'] === undefined ? null : textOf(given, 'description'),
    project: projectOf(call),
    user: call.token.user.id,
    flavor,
    image,
    keyName,
    metadata,
    groups: groups.map((group) => String(group['name'])),
    status: host === null ? 'ERROR' : 'BUILD',
    task: host === null ? null : 'spawning',
    changedMs: nowMs,
    createdMs: nowMs,
    launchedMs: null,
    host,
    fault: host === null ? 'No valid host was found. There are not enough hosts available.' : null,
  };
  // The row first: a port whose server is not there would never be given back.
  await computeTables(context).servers.put(row.id, row);
  if (host !== null)
    for (const network of networks)
      await createPort(context, row.project, network, { deviceId: row.id, deviceOwner: 'compute:nova' });
  const links = linksOf(call, 'servers', row.id);
  const shown = {
    id: row.id,
    links,
    'OS-DCF:diskConfig': 'MANUAL',
    security_groups: groups,
    adminPass: context.token(12),
  };
  return { status: 202, body: { server: shown }, headers: { Location: `${rootOf(call)}/servers/${row.id}` } };
}

export async function showServer(call: Call): Promise<Answer> {
  return ok({ server: (await viewOf(call, [await serverOf(call)]))[0] });
}

export async function renameServer(call: Call): Promise<Answer> {
  const before = await serverOf(call);
  const given = bodyOf(call, 'server');
  const name = textOf(given, 'name', { least: 1, fallback: before.name });
  const description = given['description'] === undefined ? before.description : textOf(given, 'description');
  const after = await computeTables(call.context).servers.change(before.id, (row) => ({
    ...row,
    name,
    description,
  }));
  return ok({ server: (await viewOf(call, [after ?? before]))[0] });
}

export async function deleteServer(call: Call): Promise<Answer> {
  const { context } = call;
  const { servers, agents } = computeTables(context);
  const row = await serverOf(call);
  const agent = row.host === null ? undefined : await agents.find(row.host);
  if (agent === undefined || !agentIsUp(context, agent)) {
    // Nova deletes by itself what lies on a host that is down.
    await releasePorts(context, row.id);
    await servers.remove(row.id);
    return nothing();
  }
  const changedMs = context.nowMs();
  await servers.change(row.id, (now) =>
    now.task === 'deleting' ? now : { ...now, task: 'deleting', changedMs },
  );
  return nothing();
}

const ACTIONS: Readonly<Record<string, { readonly from: readonly string[]; readonly task: ServerTask }>> = {
  reboot: { from: ['ACTIVE', 'SHUTOFF'], task: 'rebooting' },
  'os-stop': { from: ['ACTIVE'], task: 'powering-off' },
  'os-start': { from: ['SHUTOFF'], task: 'powering-on' },
};

export async function actOnServer(call: Call): Promise<Answer> {
  const row = await serverOf(call);
  const [verb = ''] = Object.keys(bodyOf(call));
  const action = ACTIONS[verb];
  if (action === undefined) throw new ApiFault(400, `There is no such action: ${verb.slice(0, 80)}`);
  if (verb === 'reboot' && !['SOFT', 'HARD'].includes(String(bodyOf(call, 'reboot')['type'])))
    throw new ApiFault(
      400,
      "Invalid input for field/attribute type. It is not one of ['HARD', 'Hard', 'hard', 'SOFT', 'Soft', 'soft']",
    );
  const changedMs = call.context.nowMs();
  await computeTables(call.context).servers.change(row.id, (now) => {
    if (now.task !== null || !action.from.includes(now.status)) {
      const where = now.task === null ? `vm_state ${VM_STATE[now.status]}` : `task_state ${now.task}`;
      throw new ApiFault(
        409,
        `Cannot '${verb.replace('os-', '')}' instance ${row.id} while it is in ${where}`,
      );
    }
    return { ...now, task: action.task, changedMs, status: verb === 'reboot' ? 'REBOOT' : now.status };
  });
  return nothing(202);
}
