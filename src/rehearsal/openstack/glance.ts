import { createHash } from 'node:crypto';
import { route, type Route } from './api-service.ts';
import { ApiFault, isAdmin, stamp, type Answer, type Call } from './call.ts';
import { flag, oneOf, optional, set, text, texts, whole } from './field.ts';
import { kindOf, routesOf, rowOf } from './kind.ts';
import { tableOf } from './table.ts';

const IMAGE = {
  ...{ name: optional(text()), visibility: oneOf('public private shared community', 'shared') },
  disk_format: optional(oneOf('ami ari aki vhd vhdx vmdk raw qcow2 vdi ploop iso')),
  container_format: optional(oneOf('ami ari aki bare ovf ova docker compressed')),
  ...{ protected: flag(false), min_disk: whole(0, 0), min_ram: whole(0, 0), tags: texts },
  ...{ status: set('queued'), size: set(0), checksum: set(''), os_hash_value: set('') },
};

export const images = kindOf('glance image', IMAGE, {
  key: '',
  isOpen: ({ visibility }) => visibility === 'public',
  make: (row, call) => {
    if (row.visibility !== 'public' || isAdmin(call)) return row;
    throw new ApiFault(403, 'You are not authorized to complete publicize_image action.');
  },
  leave: async (row, { context }) => {
    if (row.protected) throw new ApiFault(403, `Image ${row.id} is protected and cannot be deleted.`);
    await contents(context).remove(row.id);
  },
  view: ({ id, project, createdMs, changedMs }) => ({
    ...{ owner: project, created_at: stamp(createdMs), updated_at: stamp(changedMs) },
    ...{ os_hash_algo: 'sha512', file: `/v2/images/${id}/file`, schema: '/v2/schemas/image' },
  }),
});

/** The content of images: small, since rows of the database hold it. */
export const contents = tableOf<{ readonly base64: string }>('glance/contents');

/** What an image is once it has its content. */
export const filled = (
  bytes: Buffer,
): { [Field in 'status' | 'checksum' | 'os_hash_value']: string } & { size: number } => ({
  ...{ status: 'active', size: bytes.length, checksum: createHash('md5').update(bytes).digest('hex') },
  os_hash_value: createHash('sha512').update(bytes).digest('hex'),
});

async function upload(call: Call): Promise<Answer> {
  const { context, bytes, headers } = call;
  const { id } = await rowOf(images, call, true);
  if (headers['content-type'] !== 'application/octet-stream')
    throw new ApiFault(415, 'Unsupported media type');
  await images.table(context).change(id, (row) => {
    if (row.status === 'queued') return { ...row, status: 'saving' };
    throw new ApiFault(409, `Image status transition from ${row.status} to saving is not allowed`);
  });
  await contents(context).put(id, { base64: bytes.toString('base64') });
  await images.table(context).change(id, (row) => ({ ...row, ...filled(bytes) }));
  return { status: 204 };
}

async function download(call: Call): Promise<Answer> {
  const content = await contents(call.context).find((await rowOf(images, call)).id);
  return content ? { status: 200, body: Buffer.from(content.base64, 'base64') } : { status: 204 };
}

export const glance: readonly Route[] = [
  ...routesOf(images),
  route('member', 'PUT /v2/images/:id/file', upload),
  route('reader', 'GET /v2/images/:id/file', download),
];
