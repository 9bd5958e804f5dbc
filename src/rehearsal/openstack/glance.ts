import { ApiFault, isAdmin, stamp } from './call.ts';
import { flag, oneOf, optional, set, text, texts, whole } from './field.ts';
import { kindOf, routesOf } from './kind.ts';

const IMAGE = {
  ...{ name: optional(text()), visibility: oneOf('public private shared community', 'shared') },
  disk_format: optional(oneOf('ami ari aki vhd vhdx vmdk raw qcow2 vdi ploop iso')),
  container_format: optional(oneOf('ami ari aki bare ovf ova docker compressed')),
  ...{ protected: flag(false), min_disk: whole(0, 0), min_ram: whole(0, 0), tags: texts },
  status: set('queued'),
};

/** Their content is not modelled: those that are made stay queued, and nothing boots from the seeded one. */
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

export const glance = routesOf(images);
