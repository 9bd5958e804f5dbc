import * as z from 'zod';
import { id, links, listed, texts, time, under } from './answer-parts.ts';

/** Answers of block storage 3.0, the version without a word of a microversion. Strict, as those of compute. */

const attachment = z.strictObject({
  id,
  attachment_id: id,
  volume_id: id,
  server_id: id.nullable(),
  host_name: z.string().nullable(),
  device: z.string().nullable(),
  attached_at: time.nullable(),
});

const volumeFields = {
  id,
  name: z.string().nullable(),
  description: z.string().nullable(),
  status: z.string(),
  size: z.number().int().positive(),
  availability_zone: z.string().nullable(),
  created_at: time,
  updated_at: time.nullable(),
  attachments: z.array(attachment),
  volume_type: z.string().nullable(),
  snapshot_id: id.nullable(),
  source_volid: id.nullable(),
  metadata: texts,
  links,
  user_id: id,
  bootable: z.enum(['true', 'false']),
  encrypted: z.boolean(),
  replication_status: z.string().nullable(),
  consistencygroup_id: id.nullable(),
  multiattach: z.boolean(),
  migration_status: z.string().nullish(),
  volume_image_metadata: texts.optional(),
  'os-vol-tenant-attr:tenant_id': id.optional(),
  'os-vol-host-attr:host': z.string().nullish(),
  'os-vol-mig-status-attr:migstat': z.string().nullish(),
  'os-vol-mig-status-attr:name_id': id.nullish(),
};
export const volume = under('volume', z.strictObject(volumeFields));
export const volumesInDetail = listed('volumes', z.strictObject(volumeFields));
export const volumes = listed('volumes', z.strictObject({ id, name: z.string().nullable(), links }));

const snapshotFields = {
  id,
  name: z.string().nullable(),
  description: z.string().nullable(),
  status: z.string(),
  size: z.number().int().positive(),
  volume_id: id,
  created_at: time,
  updated_at: time.nullable(),
  metadata: texts,
};
const snapshotMore = {
  'os-extended-snapshot-attributes:progress': z.string().optional(),
  'os-extended-snapshot-attributes:project_id': id.optional(),
};
export const snapshot = under('snapshot', z.strictObject({ ...snapshotFields, ...snapshotMore }));
export const snapshots = listed('snapshots', z.strictObject(snapshotFields));
export const snapshotsInDetail = listed('snapshots', z.strictObject({ ...snapshotFields, ...snapshotMore }));

export const metadata = under('metadata', texts);
export const metadataItem = under('meta', texts);

export const zones = under(
  'availabilityZoneInfo',
  z.array(z.strictObject({ zoneName: z.string(), zoneState: z.strictObject({ available: z.boolean() }) })),
);

export const extensions = under(
  'extensions',
  z.array(
    z.strictObject({
      alias: z.string(),
      name: z.string(),
      description: z.string(),
      updated: time,
      links: z.array(z.unknown()),
    }),
  ),
);

export const uploaded = under(
  'os-volume_upload_image',
  z.looseObject({
    id,
    image_id: id,
    image_name: z.string(),
    status: z.string(),
    size: z.number().int(),
    disk_format: z.string(),
    container_format: z.string(),
  }),
);

export const versions = under(
  'versions',
  z.array(
    z.strictObject({
      id: z.string().regex(/^v\d\.\d$/),
      status: z.string(),
      version: z.string(),
      min_version: z.string(),
      updated: time,
      links,
      'media-types': z.array(z.strictObject({ base: z.string(), type: z.string() })),
    }),
  ),
);

const limit = z.number().int().min(-1);
/** Beside these there is one for each volume type. */
export const quotas = under(
  'quota_set',
  z
    .object({
      id: z.string(),
      volumes: limit,
      snapshots: limit,
      gigabytes: limit,
      backups: limit,
      backup_gigabytes: limit,
      per_volume_gigabytes: limit,
      groups: limit,
    })
    .catchall(limit),
);

/** An update answers with less than showing does. */
export const changed = under(
  'volume',
  z
    .strictObject(volumeFields)
    .partial()
    .required({ id: true, name: true, description: true, metadata: true }),
);
