import { route } from './api-service.ts';
import { ApiFault, isAdmin, stamp, type Answer, type Call } from './call.ts';
import { flag, oneOf, optional, set, text, texts, whole } from './field.ts';
import { kindOf, routesOf, rowOf } from './kind.ts';

const IMAGE = {
  ...{ name: optional(text()), visibility: oneOf('public private shared community', 'shared') },
  disk_format: optional(oneOf('ami ari aki vhd vhdx vmdk raw qcow2 vdi ploop iso')),
  container_format: optional(oneOf('ami ari aki bare ovf ova docker compressed')),
  ...{ protected: flag(false), min_disk: whole(0, 0), min_ram: whole(0, 0), tags: texts },
  ...{ status: set('queued'), size: set(0) },
};

/** Of their content they know the size alone: nothing boots from it. */
export const images = kindOf('glance image', IMAGE, {
  key: '',
  isOpen: ({ visibility }) => visibility === 'public',
  make: (row, call) => {
    if (row.visibility !== 'public' || isAdmin(call)) return row;
    throw new ApiFault(403, 'You are not authorized to complete publicize_image action.');
  },
  leave: (row) => {
    if (row.protected) throw new ApiFault(403, `Image ${row.id} is protected and cannot be deleted.`);
  },
  view: ({ id, project, createdMs, changedMs }) => ({
    ...{ owner: project, created_at: stamp(createdMs), updated_at: stamp(changedMs) },
    ...{ file: `/v2/images/${id}/file`, schema: '/v2/schemas/image' },
  }),
});

async function upload(call: Call): Promise<Answer> {
  const { id } = await rowOf(images, call, true);
  await images.table(call.context).change(id, (row) => {
    if (row.status === 'queued') return { ...row, status: 'active', size: call.bytes.length };
    throw new ApiFault(409, `Image status transition from ${row.status} to saving is not allowed`);
  });
  return { status: 204 };
}

export const glance = [...routesOf(images), route('member', 'PUT /v2/images/:id/file', upload)];
