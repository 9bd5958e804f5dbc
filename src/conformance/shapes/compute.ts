import * as z from 'zod';
import { id, links, listed, texts, time, under, url } from './answer-parts.ts';

/**
 * Answers of the compute API. They are strict: within a microversion nothing may be added, so a field that is not here is a fault.
 * What only administrators see is optional. Without a word of a microversion a shape is that of 2.1.
 */

const address = z.strictObject({
  addr: z.string(),
  version: z.union([z.literal(4), z.literal(6)]),
  'OS-EXT-IPS:type': z.enum(['fixed', 'floating']),
  'OS-EXT-IPS-MAC:mac_addr': z.string().regex(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/),
});

const flavorLink = z.strictObject({ id: z.string(), links });
const imageLink = z.union([z.literal(''), z.strictObject({ id, links })]);

/** Since 2.47. */
const flavorInside = z.strictObject({
  vcpus: z.number().int(),
  ram: z.number().int(),
  disk: z.number().int(),
  ephemeral: z.number().int(),
  swap: z.number().int(),
  original_name: z.string(),
  extra_specs: texts.optional(),
});

const forAdministrators = {
  'OS-EXT-SRV-ATTR:host': z.string().nullish(),
  'OS-EXT-SRV-ATTR:hypervisor_hostname': z.string().nullish(),
  'OS-EXT-SRV-ATTR:instance_name': z.string().optional(),
};

const serverFields = {
  id,
  name: z.string(),
  status: z.string(),
  tenant_id: id,
  user_id: id,
  metadata: texts,
  hostId: z.string(),
  image: imageLink,
  flavor: flavorLink,
  created: time,
  updated: time,
  addresses: z.record(z.string(), z.array(address)),
  accessIPv4: z.string(),
  accessIPv6: z.string(),
  links,
  progress: z.number().optional(),
  fault: z.looseObject({ code: z.number(), message: z.string(), created: time }).optional(),
  'OS-DCF:diskConfig': z.enum(['MANUAL', 'AUTO']),
  'OS-EXT-AZ:availability_zone': z.string(),
  config_drive: z.string(),
  key_name: z.string().nullable(),
  'OS-SRV-USG:launched_at': time.nullable(),
  'OS-SRV-USG:terminated_at': time.nullable(),
  security_groups: z.array(z.strictObject({ name: z.string() })).optional(),
  'OS-EXT-STS:task_state': z.string().nullable(),
  'OS-EXT-STS:vm_state': z.string(),
  'OS-EXT-STS:power_state': z.number().int(),
  'os-extended-volumes:volumes_attached': z.array(z.strictObject({ id })),
  ...forAdministrators,
};

export const server = under('server', z.strictObject(serverFields));
export const serversInDetail = listed('servers', z.strictObject(serverFields));
export const servers = listed('servers', z.strictObject({ id, name: z.string(), links }));

/** 2.96, where a server carries its flavor, its lock, its tags and the zone that it was asked into. */
export const server296 = under(
  'server',
  z.strictObject({
    ...serverFields,
    flavor: flavorInside,
    locked: z.boolean(),
    locked_reason: z.string().nullable(),
    description: z.string().nullable(),
    tags: z.array(z.string()),
    trusted_image_certificates: z.array(z.string()).nullable(),
    server_groups: z.array(id),
    pinned_availability_zone: z.string().nullable(),
    'OS-EXT-SRV-ATTR:hostname': z.string(),
    'OS-EXT-SRV-ATTR:reservation_id': z.string().optional(),
    'OS-EXT-SRV-ATTR:launch_index': z.number().optional(),
    'OS-EXT-SRV-ATTR:kernel_id': z.string().optional(),
    'OS-EXT-SRV-ATTR:ramdisk_id': z.string().optional(),
    'OS-EXT-SRV-ATTR:root_device_name': z.string().nullish(),
    'OS-EXT-SRV-ATTR:user_data': z.string().nullish(),
    host_status: z.string().optional(),
    'os-extended-volumes:volumes_attached': z.array(
      z.strictObject({ id, delete_on_termination: z.boolean() }),
    ),
  }),
);

/** What creating answers; more than one at once answers with `reservation` where that was asked for. */
export const created = under(
  'server',
  z.strictObject({
    id,
    links,
    adminPass: z.string().min(1).optional(),
    'OS-DCF:diskConfig': z.enum(['MANUAL', 'AUTO']),
    security_groups: z.array(z.strictObject({ name: z.string() })),
  }),
);
export const reservation = z.strictObject({ reservation_id: z.string().min(1) });

/** An update or a rebuild answers with the server, less what only looking at it works out. */
export const changed = under(
  'server',
  z
    .strictObject({ ...serverFields, adminPass: z.string().optional() })
    .partial()
    .required({
      id: true,
      name: true,
      status: true,
      accessIPv4: true,
      metadata: true,
    }),
);

export const metadata = under('metadata', texts);
export const metadataItem = under('meta', texts);

const flavorFields = {
  id: z.string(),
  name: z.string(),
  links,
  ram: z.number().int().positive(),
  disk: z.number().int().nonnegative(),
  vcpus: z.number().int().positive(),
  swap: z.union([z.literal(''), z.number().int()]),
  rxtx_factor: z.number(),
  'OS-FLV-EXT-DATA:ephemeral': z.number().int(),
  'OS-FLV-DISABLED:disabled': z.boolean(),
  'os-flavor-access:is_public': z.boolean(),
};
export const flavor = under('flavor', z.strictObject(flavorFields));
export const flavorsInDetail = listed('flavors', z.strictObject(flavorFields));
export const flavors = listed('flavors', z.strictObject({ id: z.string(), name: z.string(), links }));

const actionFields = {
  action: z.string(),
  instance_uuid: id,
  request_id: z.string().regex(/^req-/),
  user_id: id.nullable(),
  project_id: id.nullable(),
  start_time: time,
  message: z.string().nullable(),
};
export const action = under(
  'instanceAction',
  z.strictObject({ ...actionFields, events: z.array(z.looseObject({ event: z.string() })).optional() }),
);
export const actions = under('instanceActions', z.array(z.strictObject(actionFields)));

export const zones = under(
  'availabilityZoneInfo',
  z.array(
    z.strictObject({
      zoneName: z.string(),
      zoneState: z.strictObject({ available: z.boolean() }),
      hosts: z.null(),
    }),
  ),
);

const keypairFields = { name: z.string(), public_key: z.string(), fingerprint: z.string() };
/** Since 2.2, with its type; 2.10 brought the owner into all of them. */
const typedKeypair = z.strictObject({ ...keypairFields, type: z.enum(['ssh', 'x509']) });
export const keypairCreated = under(
  'keypair',
  z.strictObject({
    ...keypairFields,
    type: z.enum(['ssh', 'x509']),
    user_id: id,
    private_key: z.string().optional(),
  }),
);
export const keypair = under(
  'keypair',
  z.strictObject({
    ...keypairFields,
    type: z.enum(['ssh', 'x509']),
    user_id: id,
    id: z.number(),
    created_at: time,
    updated_at: time.nullable(),
    deleted: z.boolean(),
    deleted_at: time.nullable(),
  }),
);
export const keypairs = listed('keypairs', under('keypair', typedKeypair));

const limit = z.number().int().min(-1);
export const quotas = under(
  'quota_set',
  z.strictObject({
    id: z.string(),
    instances: limit,
    cores: limit,
    ram: limit,
    key_pairs: limit,
    metadata_items: limit,
    server_groups: limit,
    server_group_members: limit,
    fixed_ips: limit,
    floating_ips: limit,
    security_groups: limit,
    security_group_rules: limit,
    injected_files: limit,
    injected_file_content_bytes: limit,
    injected_file_path_bytes: limit,
  }),
);

/** 2.1: an attachment of a volume to a server. */
const attachmentFields = { id, volumeId: id, serverId: id, device: z.string() };
export const attachment = under('volumeAttachment', z.strictObject(attachmentFields));
export const attachments = under('volumeAttachments', z.array(z.strictObject(attachmentFields)));

const version = z.strictObject({
  id: z.string().regex(/^v2\.\d+$/),
  status: z.string(),
  version: z.string(),
  min_version: z.string(),
  updated: time,
  links,
});
export const versions = under('versions', z.array(version));

/** What the image proxy of compute still answers below 2.36. */
export const imageLocation = z.object({ location: url });
