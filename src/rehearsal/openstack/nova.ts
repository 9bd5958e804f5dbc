import { createHash, generateKeyPairSync } from 'node:crypto';
import { route } from './api-service.ts';
import type { ApiService, Route } from './api-service.ts';
import {
  ApiFault,
  bodyOf,
  isAdmin,
  nothing,
  numberOf,
  ok,
  pageOf,
  projectOf,
  stamp,
  textOf,
} from './call.ts';
import type { Answer, Call, Json } from './call.ts';
import { agentIsUp, computeTables } from './compute-tables.ts';
import type { AgentRow, FlavorRow, KeypairRow } from './compute-tables.ts';
import {
  actOnServer,
  createServer,
  deleteServer,
  listServers,
  metadataOf,
  QUOTA,
  renameServer,
  serverOf,
  showServer,
} from './nova-servers.ts';

const versionOf = (call: Call): object => ({
  id: 'v2.1',
  status: 'CURRENT',
  version: '2.96',
  min_version: '2.1',
  updated: '2013-07-23T11:33:21Z',
  links: [{ rel: 'self', href: `${call.context.frontUrl('nova')}/v2.1/` }],
});

const flavorView = (call: Call, row: FlavorRow, detail: boolean): Json => {
  const href = `${call.context.frontUrl('nova')}/v2.1/flavors/${row.id}`;
  const brief = { id: row.id, name: row.name, links: [{ rel: 'self', href }] };
  if (!detail) return brief;
  return {
    ...brief,
    vcpus: row.vcpus,
    ram: row.ram,
    disk: row.disk,
    swap: call.minor >= 75 ? 0 : '',
    rxtx_factor: 1,
    'OS-FLV-EXT-DATA:ephemeral': 0,
    'OS-FLV-DISABLED:disabled': false,
    'os-flavor-access:is_public': row.public,
    ...(call.minor >= 55 && { description: null }),
    ...(call.minor >= 61 && { extra_specs: {} }),
  };
};

async function listFlavors(call: Call, detail: boolean): Promise<Answer> {
  const rows = (await computeTables(call.context).flavors.all()).filter((row) => row.public || isAdmin(call));
  const { page, next } = pageOf(call, rows);
  const href = `${call.context.frontUrl('nova')}/v2.1/flavors${detail ? '/detail' : ''}?${next}`;
  return ok({
    flavors: page.map((row) => flavorView(call, row, detail)),
    ...(next && { flavors_links: [{ rel: 'next', href }] }),
  });
}

async function flavorOf(call: Call): Promise<FlavorRow> {
  const { id = '' } = call.parameters;
  const row = await computeTables(call.context).flavors.find(id);
  if (row === undefined) throw new ApiFault(404, `Flavor ${id} could not be found.`);
  return row;
}

async function createFlavor(call: Call): Promise<Answer> {
  const given = bodyOf(call, 'flavor');
  const { flavors } = computeTables(call.context);
  const asked = textOf(given, 'id', { fallback: 'auto' });
  const row: FlavorRow = {
    id: asked === 'auto' ? call.context.token(32) : asked,
    name: textOf(given, 'name', { least: 1 }),
    vcpus: numberOf(given, 'vcpus', 1),
    ram: numberOf(given, 'ram', 1),
    disk: numberOf(given, 'disk', 0, 0),
    public: given['os-flavor-access:is_public'] !== false,
  };
  if ((await flavors.all()).some((one) => one.name === row.name))
    throw new ApiFault(409, `Flavor with name ${row.name} already exists.`);
  if (!(await flavors.insert(row.id, row)))
    throw new ApiFault(409, `Flavor with ID ${row.id} already exists.`);
  return ok({ flavor: flavorView(call, row, true) });
}

const ed25519Blob = (): { text: string; privateKey: string } => {
  const pair = generateKeyPairSync('ed25519');
  const raw = Buffer.from(pair.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  const field = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes]);
  const text = Buffer.concat([field(Buffer.from('ssh-ed25519')), field(raw)]).toString('base64');
  return { text, privateKey: String(pair.privateKey.export({ format: 'pem', type: 'pkcs8' })) };
};

async function createKeypair(call: Call): Promise<Answer> {
  const given = bodyOf(call, 'keypair');
  const name = textOf(given, 'name', { least: 1 });
  if (!/^[\w .@-]+$/.test(name))
    throw new ApiFault(400, 'Keypair data is invalid: Keypair name contains unsafe characters');
  const made = given['public_key'] === undefined && call.minor < 92 ? ed25519Blob() : undefined;
  const publicKey =
    made === undefined
      ? textOf(given, 'public_key', { most: 16_384 })
      : `ssh-ed25519 ${made.text} Generated-by-Nova`;
  const [, blob = ''] = /^(?:ssh-\S+|ecdsa-\S+) ([A-Za-z0-9+/]{40,}={0,2})( .*)?\s*$/.exec(publicKey) ?? [];
  if (blob === '') throw new ApiFault(400, 'Keypair data is invalid: failed to generate fingerprint');
  const digest = createHash('md5').update(Buffer.from(blob, 'base64')).digest('hex');
  const row: KeypairRow = {
    id: name,
    name,
    user: call.token.user.id,
    public_key: publicKey,
    fingerprint: (digest.match(/../g) ?? []).join(':'),
  };
  if (!(await computeTables(call.context).keypairs.insert(`${row.user}/${name}`, row)))
    throw new ApiFault(409, `Key pair '${name}' already exists.`);
  const shown = {
    ...keypairView(call, row),
    user_id: row.user,
    ...(made && { private_key: made.privateKey }),
  };
  return ok({ keypair: shown }, call.minor >= 2 ? 201 : 200);
}

const keypairView = (call: Call, { name, public_key, fingerprint }: KeypairRow): Json => ({
  name,
  public_key,
  fingerprint,
  ...(call.minor >= 2 && { type: 'ssh' }),
});

async function keypairOf(call: Call): Promise<KeypairRow> {
  const { name = '' } = call.parameters;
  const row = await computeTables(call.context).keypairs.find(`${call.token.user.id}/${name}`);
  if (row === undefined) throw new ApiFault(404, `Keypair ${name} not found for user ${call.token.user.id}`);
  return row;
}

const agentView = (call: Call, row: AgentRow): Json => ({
  id: call.minor >= 53 ? row.id : parseInt(row.id.slice(0, 6), 16),
  binary: 'nova-compute',
  host: row.host,
  zone: 'nova',
  status: row.disabled ? 'disabled' : 'enabled',
  disabled_reason: row.reason,
  state: agentIsUp(call.context, row) ? 'up' : 'down',
  updated_at: stamp(row.seenMs).replace('Z', '.000000'),
  ...(call.minor >= 11 && { forced_down: false }),
});

async function changeAgent(call: Call): Promise<Answer> {
  const { agents } = computeTables(call.context);
  const { id = '' } = call.parameters;
  const row = (await agents.all()).find((one) => one.id === id);
  if (row === undefined) throw new ApiFault(404, `Compute service ${id} could not be found.`);
  const given = bodyOf(call);
  const disabled =
    textOf(given, 'status', { fallback: row.disabled ? 'disabled' : 'enabled' }) === 'disabled';
  const reason = disabled && typeof given['disabled_reason'] === 'string' ? given['disabled_reason'] : null;
  const after = await agents.change(row.host, (now) => ({ ...now, disabled, reason }));
  return ok({ service: agentView(call, after ?? row) });
}

async function listHypervisors(call: Call, detail: boolean): Promise<Answer> {
  const rows = await computeTables(call.context).agents.all();
  const view = (row: AgentRow): Json => {
    const { id, state, status, disabled_reason } = agentView(call, row);
    const brief = { id, hypervisor_hostname: row.host, state, status };
    return detail
      ? {
          ...brief,
          hypervisor_type: 'QEMU',
          hypervisor_version: 8_002_002,
          host_ip: '127.0.0.1',
          service: { id, host: row.host, disabled_reason },
        }
      : brief;
  };
  return ok({ hypervisors: rows.map(view) });
}

async function limits(call: Call): Promise<Answer> {
  const own = (await computeTables(call.context).servers.all()).filter(
    (row) => row.project === projectOf(call),
  );
  const absolute = {
    maxTotalInstances: QUOTA.instances,
    maxTotalCores: QUOTA.cores,
    maxTotalRAMSize: QUOTA.ram,
    maxServerMeta: QUOTA.metadata,
    maxTotalKeypairs: 100,
    totalInstancesUsed: own.length,
    totalCoresUsed: own.reduce((sum, row) => sum + row.flavor.vcpus, 0),
    totalRAMUsed: own.reduce((sum, row) => sum + row.flavor.ram, 0),
  };
  return ok({ limits: { rate: [], absolute } });
}

async function changeMetadata(call: Call): Promise<Answer> {
  const server = await serverOf(call);
  const given = metadataOf(bodyOf(call)['metadata']);
  const after = await computeTables(call.context).servers.change(server.id, (row) => ({
    ...row,
    metadata: call.method === 'PUT' ? given : { ...row.metadata, ...given },
  }));
  return ok({ metadata: after?.metadata ?? given });
}

const V = '/v2.1';
const P = 'os_compute_api';

const serverRoutes: readonly Route[] = [
  route('GET', `${V}/servers`, 'reader', `${P}:servers:index`, (call) => listServers(call, false)),
  route('GET', `${V}/servers/detail`, 'reader', `${P}:servers:detail`, (call) => listServers(call, true)),
  route('POST', `${V}/servers`, 'member', `${P}:servers:create`, createServer),
  route('GET', `${V}/servers/:id`, 'reader', `${P}:servers:show`, showServer),
  route('PUT', `${V}/servers/:id`, 'member', `${P}:servers:update`, renameServer),
  route('DELETE', `${V}/servers/:id`, 'member', `${P}:servers:delete`, deleteServer),
  route('POST', `${V}/servers/:id/action`, 'member', `${P}:servers:action`, actOnServer),
  route('GET', `${V}/servers/:id/metadata`, 'reader', `${P}:server-metadata:index`, async (call) =>
    ok({ metadata: (await serverOf(call)).metadata }),
  ),
  route('POST', `${V}/servers/:id/metadata`, 'member', `${P}:server-metadata:create`, changeMetadata),
  route('PUT', `${V}/servers/:id/metadata`, 'member', `${P}:server-metadata:update_all`, changeMetadata),
];

const routes: readonly Route[] = [
  route('GET', '/', 'public', '', (call) => ok({ versions: [versionOf(call)] })),
  route('GET', V, 'public', '', (call) => ok({ version: versionOf(call) })),
  ...serverRoutes,
  route('GET', `${V}/flavors`, 'reader', `${P}:flavors`, (call) => listFlavors(call, false)),
  route('GET', `${V}/flavors/detail`, 'reader', `${P}:flavors`, (call) => listFlavors(call, true)),
  route('GET', `${V}/flavors/:id`, 'reader', `${P}:flavors`, async (call) =>
    ok({ flavor: flavorView(call, await flavorOf(call), true) }),
  ),
  route(
    'GET',
    `${V}/flavors/:id/os-extra_specs`,
    'reader',
    `${P}:os-flavor-extra-specs:index`,
    async (call) => ok({ extra_specs: (await flavorOf(call)) && {} }),
  ),
  route('POST', `${V}/flavors`, 'admin', `${P}:os-flavor-manage:create`, createFlavor),
  route('DELETE', `${V}/flavors/:id`, 'admin', `${P}:os-flavor-manage:delete`, async (call) => {
    await computeTables(call.context).flavors.remove((await flavorOf(call)).id);
    return nothing(202);
  }),
  route('GET', `${V}/os-keypairs`, 'reader', `${P}:os-keypairs:index`, async (call) => {
    const own = (await computeTables(call.context).keypairs.all()).filter(
      (row) => row.user === call.token.user.id,
    );
    return ok({ keypairs: pageOf(call, own).page.map((row) => ({ keypair: keypairView(call, row) })) });
  }),
  route('POST', `${V}/os-keypairs`, 'reader', `${P}:os-keypairs:create`, createKeypair),
  route('GET', `${V}/os-keypairs/:name`, 'reader', `${P}:os-keypairs:show`, async (call) =>
    ok({ keypair: keypairView(call, await keypairOf(call)) }),
  ),
  route('DELETE', `${V}/os-keypairs/:name`, 'reader', `${P}:os-keypairs:delete`, async (call) => {
    await computeTables(call.context).keypairs.remove(
      `${call.token.user.id}/${(await keypairOf(call)).name}`,
    );
    return nothing(call.minor >= 2 ? 204 : 202);
  }),
  route('GET', `${V}/os-services`, 'admin', `${P}:os-services:list`, async (call) => {
    const host = call.query.get('host');
    const rows = (await computeTables(call.context).agents.all()).filter(
      (row) => host === null || row.host === host,
    );
    return ok({ services: rows.map((row) => agentView(call, row)) });
  }),
  route('PUT', `${V}/os-services/:id`, 'admin', `${P}:os-services:update`, changeAgent),
  route('GET', `${V}/os-hypervisors`, 'admin', `${P}:os-hypervisors:list`, (call) =>
    listHypervisors(call, false),
  ),
  route('GET', `${V}/os-hypervisors/detail`, 'admin', `${P}:os-hypervisors:list-detail`, (call) =>
    listHypervisors(call, true),
  ),
  route('GET', `${V}/limits`, 'reader', `${P}:limits`, limits),
  route('GET', `${V}/os-availability-zone`, 'reader', `${P}:os-availability-zone:list`, () =>
    ok({ availabilityZoneInfo: [{ zoneName: 'nova', zoneState: { available: true }, hosts: null }] }),
  ),
];

const NAMES: Readonly<Record<number, string>> = {
  400: 'badRequest',
  403: 'forbidden',
  404: 'itemNotFound',
  405: 'badMethod',
  409: 'conflictingRequest',
  413: 'overLimit',
};

export const nova: ApiService = {
  name: 'nova',
  routes,
  guarded: V,
  microversions: { name: 'compute', major: 2, least: 1, most: 96, oldHeader: 'x-openstack-nova-api-version' },
  internal:
    'Unexpected API Error. Please report this at http://bugs.launchpad.net/nova/ and attach the Nova API log if possible.',
  refusal: (rule) => `Policy doesn't allow ${rule} to be performed.`,
  fault: ({ status, message, type }, call) => ({
    status,
    body: {
      [NAMES[status] ?? 'computeFault']: {
        code: status,
        message: status === 500 ? `${message}\n<class '${type}'>` : message,
      },
    },
    headers: { 'x-compute-request-id': call.requestId },
  }),
};
