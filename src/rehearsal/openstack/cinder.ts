import type { ReplicaContext } from '../replica.ts';
import { route } from './api-service.ts';
import type { Allowed, ApiService, Route } from './api-service.ts';
import {
  ApiFault,
  bodyOf,
  filtered,
  isAdmin,
  nothing,
  numberOf,
  ok,
  pageOf,
  projectOf,
  stamp,
  textOf,
  uuid,
  wordsOf,
} from './call.ts';
import type { Answer, Call, Json } from './call.ts';
import { imageRecords } from './glance.ts';
import { recordsOf, seededUuid } from './records.ts';
import type { Records } from './records.ts';

/** A volume or a snapshot. What it is right now follows from when its last change began: no agent is modelled. */
interface StoredRow {
  readonly id: string;
  readonly name: string | null;
  readonly description: string | null;
  readonly size: number;
  readonly project: string;
  readonly user: string;
  readonly metadata: unknown;
  readonly createdMs: number;
  readonly deletedMs: number | null;
}

interface VolumeRow extends StoredRow {
  readonly snapshot: string | null;
  readonly image: string | null;
}

interface SnapshotRow extends StoredRow {
  readonly volume: string;
}

/** Cinder's default quotas of a project. */
const QUOTA = { volumes: 10, gigabytes: 1000 } as const;

const TYPE = {
  id: seededUuid('volume type'),
  name: '__DEFAULT__',
  description: 'Default Volume Type',
  is_public: true,
  extra_specs: {},
};

interface CinderTables {
  readonly volumes: Records<VolumeRow>;
  readonly snapshots: Records<SnapshotRow>;
}

const tables = ({ database }: Pick<ReplicaContext, 'database'>): CinderTables => ({
  volumes: recordsOf<VolumeRow>(database, 'cinder/volumes'),
  snapshots: recordsOf<SnapshotRow>(database, 'cinder/snapshots'),
});

function statusOf({ context }: Call, row: StoredRow): 'creating' | 'available' | 'deleting' | 'gone' {
  const takesMs = context.timers.volumeBuildMs;
  if (row.deletedMs !== null) return context.nowMs() - row.deletedMs < takesMs ? 'deleting' : 'gone';
  return context.nowMs() - row.createdMs < takesMs ? 'creating' : 'available';
}

async function living<Row extends StoredRow>(call: Call, records: Records<Row>): Promise<Row[]> {
  const rows = await records.all();
  for (const row of rows) if (statusOf(call, row) === 'gone') await records.remove(row.id);
  return rows
    .filter((row) => statusOf(call, row) !== 'gone')
    .sort((a, b) => b.createdMs - a.createdMs || (a.id < b.id ? -1 : 1));
}

async function found<Row extends StoredRow>(
  call: Call,
  records: Records<Row>,
  kind: string,
  id: string,
): Promise<Row> {
  const row = await records.find(id);
  const mine = row?.project === projectOf(call) || isAdmin(call);
  if (row === undefined || !mine || statusOf(call, row) === 'gone')
    throw new ApiFault(404, `${kind} ${id} could not be found.`);
  return row;
}

const timeOf = (ms: number): string => stamp(ms).replace('Z', '.000000');

const volumeView = (call: Call, row: VolumeRow): Json => ({
  id: row.id,
  name: row.name,
  description: row.description,
  size: row.size,
  status: statusOf(call, row),
  metadata: row.metadata,
  user_id: row.user,
  'os-vol-tenant-attr:tenant_id': row.project,
  volume_type: TYPE.name,
  snapshot_id: row.snapshot,
  source_volid: null,
  bootable: row.image === null ? 'false' : 'true',
  encrypted: false,
  multiattach: false,
  attachments: [],
  availability_zone: 'nova',
  replication_status: null,
  consistencygroup_id: null,
  created_at: timeOf(row.createdMs),
  updated_at: timeOf(row.createdMs),
  links: [{ rel: 'self', href: `${call.context.frontUrl('cinder')}/v3/${row.project}/volumes/${row.id}` }],
});

const snapshotView = (call: Call, row: SnapshotRow): Json => ({
  id: row.id,
  name: row.name,
  description: row.description,
  size: row.size,
  status: statusOf(call, row),
  metadata: row.metadata,
  volume_id: row.volume,
  created_at: timeOf(row.createdMs),
  updated_at: timeOf(row.createdMs),
});

function base(call: Call, given: Json): Omit<StoredRow, 'size'> {
  return {
    id: uuid(call.context),
    name: given['name'] === undefined || given['name'] === null ? null : textOf(given, 'name'),
    description:
      given['description'] === undefined || given['description'] === null
        ? null
        : textOf(given, 'description'),
    project: projectOf(call),
    user: call.token.user.id,
    metadata: given['metadata'] ?? {},
    createdMs: call.context.nowMs(),
    deletedMs: null,
  };
}

async function createVolume(call: Call): Promise<Answer> {
  const given = bodyOf(call, 'volume');
  const { volumes, snapshots } = tables(call.context);
  const snapshot = given['snapshot_id']
    ? await found(call, snapshots, 'Snapshot', wordsOf(given['snapshot_id']))
    : null;
  const image = given['imageRef'] ? await imageRecords(call.context).find(wordsOf(given['imageRef'])) : null;
  if (image === undefined)
    throw new ApiFault(400, 'Invalid image identifier or unable to access requested image.');
  const size = numberOf(given, 'size', 1, snapshot?.size);
  if (![undefined, null, TYPE.name, TYPE.id].includes(given['volume_type'] as string | undefined))
    throw new ApiFault(404, `Volume type with name ${wordsOf(given['volume_type'])} could not be found.`);
  const own = (await living(call, volumes)).filter((row) => row.project === projectOf(call));
  if (own.length >= QUOTA.volumes)
    throw new ApiFault(
      413,
      `VolumeLimitExceeded: Maximum number of volumes allowed (${QUOTA.volumes}) exceeded for quota 'volumes'.`,
    );
  const used = own.reduce((sum, row) => sum + row.size, 0);
  if (used + size > QUOTA.gigabytes)
    throw new ApiFault(
      413,
      `VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota. Requested ${size}G, quota is ${QUOTA.gigabytes}G and ${used}G has been consumed.`,
    );
  const row: VolumeRow = {
    ...base(call, given),
    size,
    snapshot: snapshot?.id ?? null,
    image: image?.id ?? null,
  };
  await volumes.put(row.id, row);
  return ok({ volume: volumeView(call, row) }, 202);
}

async function createSnapshot(call: Call): Promise<Answer> {
  const given = bodyOf(call, 'snapshot');
  const { volumes, snapshots } = tables(call.context);
  const volume = await found(call, volumes, 'Volume', textOf(given, 'volume_id'));
  if (statusOf(call, volume) !== 'available')
    throw new ApiFault(
      400,
      `Invalid volume: Volume ${volume.id} status must be available, but current status is: ${statusOf(call, volume)}.`,
    );
  const row: SnapshotRow = { ...base(call, given), size: volume.size, volume: volume.id };
  await snapshots.put(row.id, row);
  return ok({ snapshot: snapshotView(call, row) }, 202);
}

/** Everything that volumes and snapshots share: list, detail, show, update, delete. */
function routesOf<Row extends StoredRow>(
  plural: 'volumes' | 'snapshots',
  pick: (call: Call) => Records<Row>,
  view: (call: Call, row: Row) => Json,
  mayGo: (call: Call, row: Row) => Promise<void>,
): Route[] {
  const singular = plural.slice(0, -1);
  const kind = singular === 'volume' ? 'Volume' : 'Snapshot';
  const one = (call: Call): Promise<Row> => found(call, pick(call), kind, call.parameters['id'] ?? '');
  const list = async (call: Call, detail: boolean): Promise<Answer> => {
    const everyone = isAdmin(call) && ['1', 'true', 'True'].includes(call.query.get('all_tenants') ?? '');
    const own = (await living(call, pick(call))).filter((row) => everyone || row.project === projectOf(call));
    const { page, next } = pageOf(
      call,
      filtered(call, own, ['name']).filter(
        (row) => (call.query.get('status') ?? statusOf(call, row)) === statusOf(call, row),
      ),
    );
    const shown = page.map((row) =>
      detail ? view(call, row) : { id: row.id, name: row.name, links: view(call, row)['links'] ?? [] },
    );
    const href = `${call.context.frontUrl('cinder')}${call.url.split('?')[0]}?${next}`;
    return ok({ [plural]: shown, ...(next && { [`${plural}_links`]: [{ rel: 'next', href }] }) });
  };
  return [
    scoped('GET', `/${plural}`, 'reader', `volume:get_all`, (call) => list(call, false)),
    scoped('GET', `/${plural}/detail`, 'reader', `volume:get_all`, (call) => list(call, true)),
    scoped('GET', `/${plural}/:id`, 'reader', 'volume:get', async (call) =>
      ok({ [singular]: view(call, await one(call)) }),
    ),
    scoped('PUT', `/${plural}/:id`, 'member', 'volume:update', async (call) => {
      const given = bodyOf(call, singular);
      const { id } = await one(call);
      const after = await pick(call).change(id, (row) => ({
        ...row,
        name: given['name'] === undefined ? row.name : textOf(given, 'name'),
        description: given['description'] === undefined ? row.description : textOf(given, 'description'),
      }));
      return ok({ [singular]: after && view(call, after) });
    }),
    scoped('DELETE', `/${plural}/:id`, 'member', 'volume:delete', async (call) => {
      const row = await one(call);
      const status = statusOf(call, row);
      if (status !== 'available')
        throw new ApiFault(
          400,
          `Invalid ${singular}: ${kind} status must be available or error, but current status is: ${status}.`,
        );
      await mayGo(call, row);
      await pick(call).change(row.id, (now) => ({ ...now, deletedMs: call.context.nowMs() }));
      return nothing(202);
    }),
  ];
}

/** A route below `/v3/{project}`, whose project must be that of the token. */
function scoped(
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  allowed: Allowed,
  rule: string,
  serve: Route['serve'],
): Route {
  return route(method, `/v3/:project${path}`, allowed, rule, (call) => {
    if (call.parameters['project'] !== projectOf(call))
      throw new ApiFault(400, 'Malformed request url: the project of the URL is not that of the token.');
    return serve(call);
  });
}

const versionOf = ({ context }: Call): object => ({
  id: 'v3.0',
  status: 'CURRENT',
  version: '3.70',
  min_version: '3.0',
  updated: '2022-03-30T00:00:00Z',
  links: [{ rel: 'self', href: `${context.frontUrl('cinder')}/v3/` }],
});

const routes: readonly Route[] = [
  route('GET', '/', 'public', '', (call) => ok({ versions: [versionOf(call)] }, 300)),
  route('GET', '/v3', 'public', '', (call) => ok({ versions: [versionOf(call)] })),
  ...routesOf(
    'volumes',
    (call) => tables(call.context).volumes,
    volumeView,
    async (call, row) => {
      const own = (await living(call, tables(call.context).snapshots)).filter((one) => one.volume === row.id);
      if (own.length > 0)
        throw new ApiFault(400, `Invalid volume: Volume still has ${own.length} dependent snapshots.`);
    },
  ),
  ...routesOf(
    'snapshots',
    (call) => tables(call.context).snapshots,
    snapshotView,
    () => Promise.resolve(),
  ),
  scoped('POST', '/volumes', 'member', 'volume:create', createVolume),
  scoped('POST', '/snapshots', 'member', 'volume:create_snapshot', createSnapshot),
  scoped('GET', '/types', 'reader', 'volume_extension:type_get_all', () => ok({ volume_types: [TYPE] })),
  scoped('GET', '/types/:id', 'reader', 'volume_extension:type_get', ({ parameters: { id = '' } }) => {
    if (id === TYPE.id || id === 'default') return ok({ volume_type: TYPE });
    throw new ApiFault(404, `Volume type ${id} could not be found.`);
  }),
  scoped('GET', '/limits', 'reader', 'limits_extension:used_limits', async (call) => {
    const own = (await living(call, tables(call.context).volumes)).filter(
      (row) => row.project === projectOf(call),
    );
    const totalGigabytesUsed = own.reduce((sum, row) => sum + row.size, 0);
    const most = { maxTotalVolumes: QUOTA.volumes, maxTotalVolumeGigabytes: QUOTA.gigabytes };
    return ok({
      limits: { rate: [], absolute: { ...most, totalVolumesUsed: own.length, totalGigabytesUsed } },
    });
  }),
  // The replica that answers does the work of cinder-volume itself, so it is the one service that it can speak for.
  scoped('GET', '/os-services', 'admin', 'volume_extension:services:index', ({ context }) => {
    const updated_at = timeOf(context.nowMs());
    return ok({
      services: [
        {
          binary: 'cinder-volume',
          host: `${context.node}@rehearsal`,
          zone: 'nova',
          status: 'enabled',
          state: 'up',
          updated_at,
          disabled_reason: null,
        },
      ],
    });
  }),
];

const NAMES: Readonly<Record<number, string>> = {
  400: 'badRequest',
  403: 'forbidden',
  404: 'itemNotFound',
  405: 'badMethod',
  409: 'conflictingRequest',
  413: 'overLimit',
};

export const cinder: ApiService = {
  name: 'cinder',
  routes,
  guarded: '/v3',
  microversions: { name: 'volume', major: 3, least: 0, most: 70 },
  internal: 'The server has either erred or is incapable of performing the requested operation.',
  refusal: (rule) => `Policy doesn't allow ${rule} to be performed.`,
  fault: ({ status, message }, call) => ({
    status,
    body: {
      [NAMES[status] ?? 'computeFault']: {
        code: status,
        message,
        ...(status === 413 && { retryAfter: '0' }),
      },
    },
    headers: { 'x-compute-request-id': call.requestId },
  }),
};
