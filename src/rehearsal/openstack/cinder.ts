import { ApiFault, stamp } from './call.ts';
import { metadata, optional, text, whole } from './field.ts';
import { kindOf, routesOf } from './kind.ts';

const VOLUME = { name: optional(text()), description: optional(text()), size: whole(1), metadata };

const volumes = kindOf('cinder volume', VOLUME, {
  changeable: ['name', 'description'],
  ...{ statuses: [202, 202], detailed: true, lingers: true },
  // No agent is modelled: what a volume is right now follows from when its last change began.
  passing: { creating: ['volumeBuildMs', 'available'], deleting: ['volumeBuildMs', 'gone'] },
  make: (row) => ({ ...row, state: 'creating' }),
  leave: ({ state }) => {
    if (state === 'available') return;
    throw new ApiFault(
      400,
      `Invalid volume: Volume status must be available, but current status is: ${state}.`,
    );
  },
  view: ({ id, project, state, createdMs, changedMs }, { context }) => ({
    ...{ status: state, volume_type: '__DEFAULT__', bootable: 'false', attachments: [] },
    ...{
      'os-vol-tenant-attr:tenant_id': project,
      created_at: stamp(createdMs),
      updated_at: stamp(changedMs),
    },
    links: [{ rel: 'self', href: `${context.frontUrl('cinder')}/v3/${project}/volumes/${id}` }],
  }),
});

export const cinder = routesOf(volumes);
