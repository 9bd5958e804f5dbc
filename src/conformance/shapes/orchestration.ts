import * as z from 'zod';
import { id, links, time, under } from './answer-parts.ts';

/** Answers of the orchestration API, version 1. It grows without versions, so what is not here is let pass. */

const stackFields = {
  id,
  stack_name: z.string(),
  stack_status: z.string().regex(/^[A-Z]+_(IN_PROGRESS|COMPLETE|FAILED)$/),
  stack_status_reason: z.string(),
  creation_time: time,
  updated_time: time.nullable(),
  description: z.string(),
  links,
};
export const stack = under(
  'stack',
  z.looseObject({
    ...stackFields,
    parameters: z.record(z.string(), z.unknown()),
    outputs: z
      .array(z.looseObject({ output_key: z.string(), output_value: z.unknown().optional() }))
      .optional(),
  }),
);
export const stacks = z.looseObject({ stacks: z.array(z.looseObject(stackFields)) });
export const resources = under(
  'resources',
  z.array(
    z.looseObject({
      resource_name: z.string(),
      resource_type: z.string(),
      resource_status: z.string(),
      physical_resource_id: z.string().nullable(),
    }),
  ),
);
export const resourceTypes = z.looseObject({ resource_types: z.array(z.string()) });
export const templateVersions = z.looseObject({
  template_versions: z.array(z.looseObject({ version: z.string(), type: z.enum(['hot', 'cfn']) })),
});
export const template = z.looseObject({
  heat_template_version: z.string(),
  resources: z.record(z.string(), z.looseObject({ type: z.string() })),
});
export const validated = z.looseObject({
  Description: z.string(),
  Parameters: z.record(z.string(), z.unknown()),
});
export const events = under(
  'events',
  z.array(z.looseObject({ resource_name: z.string(), resource_status: z.string(), event_time: time })),
);
