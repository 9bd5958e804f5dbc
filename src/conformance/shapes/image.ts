import * as z from 'zod';
import { id, time } from './answer-parts.ts';

/** Answers of the image API, version 2. Users may add properties of their own, which are texts; what the API defines is not. */
const property = z.string().nullable();

const visibility = z.enum(['public', 'private', 'shared', 'community']);

export const image = z
  .object({
    id,
    name: z.string().nullable(),
    status: z.enum([
      'queued',
      'saving',
      'active',
      'killed',
      'deleted',
      'deactivated',
      'importing',
      'uploading',
    ]),
    visibility,
    protected: z.boolean(),
    os_hidden: z.boolean(),
    owner: z.string().nullable(),
    size: z.number().int().nonnegative().nullable(),
    virtual_size: z.number().int().nullable(),
    checksum: z.string().nullable(),
    os_hash_algo: z.string().nullable(),
    os_hash_value: z.string().nullable(),
    container_format: z.string().nullable(),
    disk_format: z.string().nullable(),
    min_disk: z.number().int(),
    min_ram: z.number().int(),
    tags: z.array(z.string()),
    created_at: time,
    updated_at: time,
    self: z.string(),
    file: z.string(),
    schema: z.literal('/v2/schemas/image'),
    locations: z.array(z.unknown()).optional(),
  })
  .catchall(property);

export const images = z.strictObject({
  images: z.array(image),
  first: z.string(),
  next: z.string().optional(),
  schema: z.literal('/v2/schemas/images'),
});

const described = z.looseObject({
  name: z.string(),
  properties: z.record(z.string(), z.looseObject({})),
  links: z.array(z.strictObject({ rel: z.string(), href: z.string() })),
});
export const imageSchema = described.extend({ name: z.literal('image') });
export const imagesSchema = described.extend({ name: z.literal('images') });
