import { z } from 'zod';

type JsonSchema = Record<string, unknown>;

/** Anything that holds a reference is text until the plan is loaded, so editors must not refuse it. */
const REFERENCE = {
  type: 'string',
  pattern: '\\$\\{[A-Za-z][A-Za-z0-9_-]*\\}',
  description: 'A parameter of this plan.',
};

/** JSON Schema, draft-07, of what people write: before defaults are filled in and durations are read. */
export function toEditorSchema(schema: z.ZodType, title: string): Readonly<Record<string, unknown>> {
  const written = z.toJSONSchema(schema, {
    target: 'draft-07',
    io: 'input',
    unrepresentable: 'any',
  }) as JsonSchema;
  return { ...(allowReferences(written) as JsonSchema), title };
}

function allowReferences(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(allowReferences);
  if (node === null || typeof node !== 'object') return node;
  const inner: JsonSchema = {};
  for (const [key, value] of Object.entries(node)) {
    // Names of keys are never references, and a default is a value and no schema.
    inner[key] = key === 'propertyNames' || key === 'default' ? value : allowReferences(value);
  }
  if (!refusesText(inner)) return inner;
  const { description, default: standard, $schema, ...checks } = inner;
  return {
    ...($schema === undefined ? {} : { $schema }),
    ...(description === undefined ? {} : { description }),
    ...(standard === undefined ? {} : { default: standard }),
    anyOf: [checks, REFERENCE],
  };
}

/** True for a scalar that is more than free text; a `const` is what tells one step from another, and stays. */
function refusesText(node: JsonSchema): boolean {
  if (node['const'] !== undefined) return false;
  const { type } = node;
  if (type === 'integer' || type === 'number' || type === 'boolean') return true;
  return type === 'string' && (node['enum'] !== undefined || node['pattern'] !== undefined);
}
