import { createHash } from 'node:crypto';
import type { ReplicaContext } from '../replica.ts';
import { route } from './api-service.ts';
import type { ApiService, Route } from './api-service.ts';
import {
  ApiFault,
  bodyOf,
  filtered,
  isAdmin,
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
import { recordsOf } from './records.ts';
import type { Records } from './records.ts';

export interface ImageRow {
  readonly id: string;
  readonly name: string | null;
  readonly status: 'queued' | 'saving' | 'active';
  readonly visibility: string;
  readonly owner: string;
  readonly protected: boolean;
  readonly disk_format: string | null;
  readonly container_format: string | null;
  readonly min_disk: number;
  readonly min_ram: number;
  readonly size: number | null;
  readonly checksum: string | null;
  readonly os_hash_value: string | null;
  readonly tags: readonly string[];
  readonly created_at: string;
  readonly updated_at: string;
  /** What the caller added. */
  readonly properties: Readonly<Record<string, unknown>>;
}

/** Images are rows of the model's own database, so they must stay small. */
const MOST_BYTES = 4 * 1024 * 1024;

const OWN_FIELDS = [
  'name',
  'visibility',
  'protected',
  'disk_format',
  'container_format',
  'min_disk',
  'min_ram',
  'tags',
];
const READ_ONLY = [
  'id',
  'status',
  'size',
  'checksum',
  'os_hash_value',
  'os_hash_algo',
  'created_at',
  'updated_at',
  'owner',
  'schema',
  'self',
  'file',
];

export const imageRecords = ({ database }: Pick<ReplicaContext, 'database'>): Records<ImageRow> =>
  recordsOf<ImageRow>(database, 'glance/images');
export const imageData = ({ database }: Pick<ReplicaContext, 'database'>): Records<{ base64: string }> =>
  recordsOf<{ base64: string }>(database, 'glance/data');

export const hashesOf = (bytes: Buffer): Pick<ImageRow, 'size' | 'checksum' | 'os_hash_value'> => ({
  size: bytes.length,
  checksum: createHash('md5').update(bytes).digest('hex'),
  os_hash_value: createHash('sha512').update(bytes).digest('hex'),
});

const view = ({ properties, ...row }: ImageRow): Json => ({
  ...properties,
  ...row,
  virtual_size: null,
  os_hidden: false,
  os_hash_algo: row.os_hash_value === null ? null : 'sha512',
  self: `/v2/images/${row.id}`,
  file: `/v2/images/${row.id}/file`,
  schema: '/v2/schemas/image',
});

const missing = (id: string): ApiFault => new ApiFault(404, `Failed to find image ${id}`);

async function imageOf(call: Call, toChange = false): Promise<ImageRow> {
  const { id = '' } = call.parameters;
  const row = await imageRecords(call.context).find(id);
  const mine = row?.owner === projectOf(call) || isAdmin(call);
  if (row === undefined || (!mine && row.visibility !== 'public')) throw missing(id);
  if (toChange && !mine) throw new ApiFault(403, `You are not permitted to modify this image: ${id}`);
  return row;
}

/** Checks what the caller gives, and sorts it into fields of glance and properties of the caller's own. */
function checked(call: Call, given: Json, before: ImageRow): ImageRow {
  for (const field of Object.keys(given))
    if (READ_ONLY.includes(field)) throw new ApiFault(403, `Attribute '${field}' is read-only.`);
  const visibility = textOf(given, 'visibility', { fallback: before.visibility });
  if (!['public', 'private', 'shared', 'community'].includes(visibility))
    throw new ApiFault(
      400,
      `Provided object does not match schema 'image': '${visibility.slice(0, 80)}' is not one of ['community', 'public', 'private', 'shared']`,
    );
  if (visibility === 'public' && before.visibility !== 'public' && !isAdmin(call))
    throw new ApiFault(403, 'You are not authorized to complete publicize_image action.');
  const format = (field: 'disk_format' | 'container_format', values: string): string | null => {
    const value = given[field] === undefined ? before[field] : given[field];
    if (value === null || (typeof value === 'string' && values.split(' ').includes(value))) return value;
    throw new ApiFault(400, `Invalid ${field.replace('_', ' ')} '${wordsOf(value).slice(0, 80)}' for image.`);
  };
  const own = Object.entries(given).filter(([field]) => !OWN_FIELDS.includes(field));
  for (const [field, value] of own)
    if (typeof value !== 'string')
      throw new ApiFault(
        400,
        `Provided object does not match schema 'image': ${field} is not of type 'string'`,
      );
  return {
    ...before,
    name: given['name'] === undefined || given['name'] === null ? before.name : textOf(given, 'name'),
    visibility,
    protected: typeof given['protected'] === 'boolean' ? given['protected'] : before.protected,
    disk_format: format('disk_format', 'ami ari aki vhd vhdx vmdk raw qcow2 vdi ploop iso'),
    container_format: format('container_format', 'ami ari aki bare ovf ova docker compressed'),
    min_disk: typeof given['min_disk'] === 'number' ? given['min_disk'] : before.min_disk,
    min_ram: typeof given['min_ram'] === 'number' ? given['min_ram'] : before.min_ram,
    tags: Array.isArray(given['tags']) ? given['tags'].map(String) : before.tags,
    properties: { ...before.properties, ...Object.fromEntries(own) },
    updated_at: stamp(call.context.nowMs()),
  };
}

async function createImage(call: Call): Promise<Answer> {
  const { id = uuid(call.context), ...given } = bodyOf(call);
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(String(id)))
    throw new ApiFault(400, "Provided object does not match schema 'image': id is not a UUID");
  const now = stamp(call.context.nowMs());
  const empty: ImageRow = {
    id: String(id),
    name: null,
    status: 'queued',
    visibility: 'shared',
    owner: projectOf(call),
    protected: false,
    disk_format: null,
    container_format: null,
    min_disk: 0,
    min_ram: 0,
    size: null,
    checksum: null,
    os_hash_value: null,
    tags: [],
    created_at: now,
    updated_at: now,
    properties: {},
  };
  const row = checked(call, given, empty);
  if (!(await imageRecords(call.context).insert(row.id, row)))
    throw new ApiFault(409, `Image ID ${row.id} already exists!`);
  const headers = { Location: `${call.context.frontUrl('glance')}/v2/images/${row.id}` };
  return { status: 201, body: view(row), headers };
}

async function listImages(call: Call): Promise<Answer> {
  const all = await imageRecords(call.context).all();
  const seen = all.filter(
    (row) => isAdmin(call) || row.owner === projectOf(call) || row.visibility === 'public',
  );
  const rows = filtered(call, seen, [
    'name',
    'status',
    'visibility',
    'owner',
    'disk_format',
    'container_format',
    'id',
  ]).sort((a, b) =>
    a.created_at === b.created_at ? (a.id < b.id ? -1 : 1) : a.created_at < b.created_at ? 1 : -1,
  );
  const { page, next } = pageOf(call, rows);
  const images = page.map(view);
  return ok({
    images,
    schema: '/v2/schemas/images',
    first: '/v2/images',
    ...(next && { next: `/v2/images?${next}` }),
  });
}

async function upload(call: Call): Promise<Answer> {
  const { id } = await imageOf(call, true);
  if (call.headers['content-type'] !== 'application/octet-stream')
    throw new ApiFault(415, 'Unsupported media type');
  const rows = imageRecords(call.context);
  await rows.change(id, (row) => {
    if (row.status !== 'queued')
      throw new ApiFault(409, `Image status transition from ${row.status} to saving is not allowed`);
    if (row.disk_format === null || row.container_format === null)
      throw new ApiFault(400, 'Properties disk_format, container_format must be set prior to saving data.');
    return { ...row, status: 'saving' };
  });
  await imageData(call.context).put(id, { base64: call.bytes.toString('base64') });
  const updated_at = stamp(call.context.nowMs());
  await rows.change(id, (row) => ({ ...row, ...hashesOf(call.bytes), status: 'active', updated_at }));
  return nothing();
}

async function download(call: Call): Promise<Answer> {
  const row = await imageOf(call);
  const data = await imageData(call.context).find(row.id);
  if (data === undefined || row.status !== 'active') return nothing();
  const headers = { 'Content-Type': 'application/octet-stream', 'Content-MD5': row.checksum ?? '' };
  return { status: 200, body: Buffer.from(data.base64, 'base64'), headers };
}

async function patch(call: Call): Promise<Answer> {
  const before = await imageOf(call, true);
  if (!(call.headers['content-type'] ?? '').startsWith('application/openstack-images-v2.'))
    throw new ApiFault(415, 'Unsupported media type: use application/openstack-images-v2.1-json-patch');
  const { changes } = bodyOf({ ...call, bytes: Buffer.from(`{"changes":${call.bytes.toString('utf8')}}`) });
  if (!Array.isArray(changes))
    throw new ApiFault(400, 'Request body must be a JSON array of operation objects.');
  const after = await imageRecords(call.context).change(before.id, (row) =>
    (changes as Json[]).reduce((image: ImageRow, change) => {
      const field = /^\/([^/]+)$/.exec(String(change['path']))?.[1];
      if (field === undefined) throw new ApiFault(400, 'Invalid JSON pointer for this resource.');
      if (change['op'] === 'remove') {
        if (!(field in image.properties))
          throw new ApiFault(403, `Property ${field} may not be removed or does not exist.`);
        const { [field]: _removed, ...properties } = image.properties;
        return { ...image, properties };
      }
      if (change['op'] !== 'add' && change['op'] !== 'replace')
        throw new ApiFault(400, `Unable to find 'op' in JSON Schema change.`);
      return checked(call, { [field]: change['value'] }, image);
    }, row),
  );
  return ok(view(after ?? before));
}

async function remove(call: Call): Promise<Answer> {
  const row = await imageOf(call, true);
  if (row.protected) throw new ApiFault(403, `Image ${row.id} is protected and cannot be deleted.`);
  await imageData(call.context).remove(row.id);
  await imageRecords(call.context).remove(row.id);
  return nothing();
}

const schema = (name: string): Answer =>
  ok({
    name,
    properties: {
      id: { type: 'string' },
      name: { type: ['null', 'string'] },
      status: { type: 'string', readOnly: true },
    },
    additionalProperties: { type: 'string' },
  });

const versions = ({ context }: Call, status: number): Answer => {
  const links = [{ rel: 'self', href: `${context.frontUrl('glance')}/v2/` }];
  return ok(
    {
      versions: [15, 9, 0].map((minor) => ({
        id: `v2.${minor}`,
        status: minor === 15 ? 'CURRENT' : 'SUPPORTED',
        links,
      })),
    },
    status,
  );
};

const routes: readonly Route[] = [
  route('GET', '/', 'public', '', (call) => versions(call, 300)),
  route('GET', '/versions', 'public', '', (call) => versions(call, 200)),
  route('GET', '/v2/images', 'reader', 'get_images', listImages),
  route('POST', '/v2/images', 'member', 'add_image', createImage),
  route('GET', '/v2/images/:id', 'reader', 'get_image', async (call) => ok(view(await imageOf(call)))),
  route('PATCH', '/v2/images/:id', 'member', 'modify_image', patch),
  route('DELETE', '/v2/images/:id', 'member', 'delete_image', remove),
  route('PUT', '/v2/images/:id/file', 'member', 'upload_image', upload),
  route('GET', '/v2/images/:id/file', 'reader', 'download_image', download),
  route('GET', '/v2/schemas/image', 'reader', '', () => schema('image')),
  route('GET', '/v2/schemas/images', 'reader', '', () => schema('images')),
];

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  413: 'Request Entity Too Large',
  415: 'Unsupported Media Type',
  500: 'Internal Server Error',
};

export const glance: ApiService = {
  name: 'glance',
  routes,
  guarded: '/v2',
  bodyLimit: MOST_BYTES,
  internal: 'The server has either erred or is incapable of performing the requested operation.',
  refusal: (rule) => `You are not authorized to complete ${rule} action.`,
  // WebOb writes HTML unless the client asks for JSON by name; clients of Glance meet both.
  fault: ({ status, message }, { headers }) => {
    const title = TITLES[status] ?? 'Error';
    if (headers['accept']?.includes('application/json'))
      return { status, body: { message, code: `${status} ${title}`, title } };
    const text = message.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
    const html = `<html>\n <head>\n  <title>${status} ${title}</title>\n </head>\n <body>\n  <h1>${status} ${title}</h1>\n  ${text}<br /><br />\n </body>\n</html>`;
    return { status, body: Buffer.from(html), headers: { 'Content-Type': 'text/html; charset=UTF-8' } };
  },
};
