import * as z from 'zod';
import { id, time, under, url } from './answer-parts.ts';

/** Answers of the identity API, version 3. */

const named = z.strictObject({ id: z.string(), name: z.string() });
const project = z.strictObject({ id, name: z.string(), domain: named });

export const version = under(
  'version',
  z.strictObject({
    id: z.string().regex(/^v3\.\d+$/),
    status: z.string(),
    updated: time,
    links: z.array(z.strictObject({ rel: z.string(), href: url })),
    'media-types': z.array(z.strictObject({ base: z.string(), type: z.string() })),
  }),
);

export const token = under(
  'token',
  z.strictObject({
    methods: z.array(z.string()),
    user: z.strictObject({
      id,
      name: z.string(),
      domain: named,
      password_expires_at: time.nullable(),
    }),
    audit_ids: z.array(z.string()).min(1),
    expires_at: time,
    issued_at: time,
    project: project.optional(),
    is_domain: z.boolean().optional(),
    roles: z.array(named).optional(),
    catalog: z.array(z.looseObject({ type: z.string() })).optional(),
    application_credential: z.looseObject({ id, name: z.string(), restricted: z.boolean() }).optional(),
  }),
);

const paged = z.strictObject({ next: z.string().nullable(), self: url, previous: z.string().nullable() });

const projectFields = z.looseObject({
  id,
  name: z.string(),
  domain_id: z.string().nullable(),
  enabled: z.boolean(),
  is_domain: z.boolean(),
  parent_id: z.string().nullable(),
  description: z.string(),
  tags: z.array(z.string()),
});
export const projects = z.strictObject({
  projects: z.array(projectFields),
  links: paged,
  truncated: z.boolean().optional(),
});

export const applicationCredential = under(
  'application_credential',
  z.looseObject({
    id,
    name: z.string(),
    project_id: id,
    secret: z.string().min(1).optional(),
    roles: z.array(z.looseObject({ id: z.string(), name: z.string() })),
    unrestricted: z.boolean().nullable(),
    expires_at: time.nullable(),
  }),
);

export const roles = z.looseObject({
  roles: z.array(z.looseObject({ id: z.string(), name: z.string() })).nonempty(),
});
