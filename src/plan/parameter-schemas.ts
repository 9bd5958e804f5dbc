import { z } from 'zod';
import type { CatalogueEntry, ParameterSpec, ParameterValue, ParameterValues } from '../model/catalogue.ts';
import { HarnessError } from '../model/errors.ts';
import { anyText, durationText, limitText, percentText } from './scalar-schemas.ts';

/** Schemas of an entry's own parameters, to stand flat beside the keys that a plan itself gives a meaning. */
export function parameterShape(
  entry: CatalogueEntry,
  taken: readonly string[],
): Record<string, z.ZodType<ParameterValue | undefined>> {
  const shape: Record<string, z.ZodType<ParameterValue | undefined>> = {};
  for (const [name, spec] of Object.entries(entry.parameters)) {
    if (taken.includes(name)) {
      throw new HarnessError(
        'SQ_INTERNAL',
        `The parameter ${name} of ${entry.name} has the name of a key of plans.`,
      );
    }
    shape[name] = parameterSchema(spec);
  }
  return shape;
}

function parameterSchema(spec: ParameterSpec): z.ZodType<ParameterValue | undefined> {
  const checked = typeSchema(spec);
  if (spec.default !== undefined) return checked.prefault(spec.default).describe(spec.describe);
  if (spec.required === true) return checked.describe(spec.describe);
  return checked.optional().describe(spec.describe);
}

function typeSchema(spec: ParameterSpec): z.ZodType<ParameterValue> {
  switch (spec.type) {
    case 'duration':
      return durationText;
    case 'percent':
      return percentText(spec.minimum, spec.maximum);
    case 'limit':
      return limitText;
    case 'integer':
      return bounded(z.int(), spec);
    case 'number':
      return bounded(z.number(), spec);
    case 'boolean':
      return z.boolean();
    case 'enum':
      return z.enum([...(spec.values ?? [])]);
    case 'string':
      return anyText;
    case 'strings':
      // Ports and other numbers may be written without quotes.
      return z.array(z.union([anyText, z.number()]).transform(String)).max(1000);
  }
}

function bounded(schema: z.ZodNumber | z.ZodInt, spec: ParameterSpec): z.ZodType<number> {
  let checked: z.ZodNumber = schema;
  if (spec.minimum !== undefined) checked = checked.min(spec.minimum);
  if (spec.maximum !== undefined) checked = checked.max(spec.maximum);
  return checked;
}

/** Only the entry's own parameters out of what was read, without those that were not given. */
export function parametersOf(
  entry: CatalogueEntry,
  read: Readonly<Record<string, unknown>>,
): ParameterValues {
  const values: Record<string, ParameterValue> = {};
  for (const name of Object.keys(entry.parameters)) {
    const value = read[name];
    if (value !== undefined) values[name] = value as ParameterValue;
  }
  return values;
}
