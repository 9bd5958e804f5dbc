import { z } from 'zod';
import type { Catalogue, CatalogueEntry, FaultEntry } from '../../model/catalogue.ts';
import type { Duration } from '../../model/duration.ts';
import { parameterShape } from '../parameter-schemas.ts';
import { anyText, durationBetween, nameText } from '../scalar-schemas.ts';
import { selectionSchema, selectorSchema } from './section-schemas.ts';

/** The schemas that the catalogue decides, and those of the steps around them. */

const stepName = nameText
  .optional()
  .describe('Unique in the plan. Default: `<kind>-<n>`, counted in the order of the file.');

const MODES = ['one', 'all', 'fixed', 'percent'] as const;

export interface WrittenFault {
  readonly name?: string | undefined;
  readonly selector: z.output<typeof selectorSchema>;
  readonly from?: z.output<typeof selectorSchema> | undefined;
  readonly mode: (typeof MODES)[number];
  readonly value?: string | number | undefined;
  readonly duration?: { readonly ms: number } | undefined;
}

export function faultSchema(entry: FaultEntry): z.ZodType<WrittenFault & Readonly<Record<string, unknown>>> {
  const own = {
    fault: z.literal(entry.name).describe(entry.summary),
    name: stepName,
    selector: selectorSchema,
    mode: z.enum(MODES).prefault('one').describe('How many of the candidates are hurt. Default `one`.'),
    value: z
      .union([z.number(), anyText], { error: 'is neither a number nor a percentage' })
      .optional()
      .describe('With `fixed`: how many. With `percent`: such as 50%.'),
  };
  const held = {
    duration: durationBetween('1ms').describe(
      'How long it is held, counted from the moment its effect was verified; then it is healed.',
    ),
  };
  const between = {
    from: selectorSchema
      .optional()
      .describe('The other side. Default: everything that `selector` does not match.'),
  };
  return z.strictObject({
    ...own,
    ...(entry.lasts ? held : {}),
    ...(entry.acts === 'link' ? between : {}),
    ...parameterShape(entry, [...Object.keys(own), 'duration', 'from']),
  }) as unknown as z.ZodType<WrittenFault & Readonly<Record<string, unknown>>>;
}

/** Why keys that other faults have are refused here. */
export function refusedKeysOf(entry: FaultEntry): Readonly<Record<string, string>> {
  return {
    ...(entry.lasts
      ? {}
      : { duration: `has no place here: ${entry.name} is over in a moment and is not held` }),
    ...(entry.acts === 'link'
      ? {}
      : { from: `has no place here: ${entry.name} does not act between two groups` }),
  };
}

const waitSaying = (issue: { readonly input?: unknown }): string | undefined => {
  return issue.input === undefined
    ? undefined
    : `${JSON.stringify(issue.input).slice(0, 60)} is neither \`recovered\` nor a duration such as 30s or 5m30s`;
};

export const waitSchema = z.strictObject({
  wait: z
    .union([z.literal('recovered'), durationBetween('0s')], { error: waitSaying })
    .describe('A duration, or `recovered`: until every probe is up and full redundancy is back.'),
  ceiling: durationBetween('1ms')
    .optional()
    .describe(
      'The longest wait for `recovered`. Default 10m. Reaching it is no failure by itself: objectives judge.',
    ),
  name: stepName,
});

export const suitesStepSchema = z.strictObject({
  suites: selectionSchema.describe('Conformance cases that run as a step of their own.'),
  name: stepName,
});

export interface WrittenParallel<T> {
  readonly parallel: readonly T[];
  readonly name?: string | undefined;
}

export function parallelSchema<T>(branch: z.ZodType<T>): z.ZodType<WrittenParallel<T>> {
  return z.strictObject({
    parallel: z
      .array(branch)
      .min(1)
      .describe('Branches that go on side by side: each a step, or a list of steps.'),
    name: stepName,
  });
}

export interface WrittenRepeat<T> {
  readonly repeat: {
    readonly times?: number | undefined;
    readonly for?: Duration | undefined;
    readonly every?: Duration | undefined;
    readonly steps: readonly T[];
  };
  readonly name?: string | undefined;
}

export function repeatSchema<T>(step: z.ZodType<T>): z.ZodType<WrittenRepeat<T>> {
  return z.strictObject({
    repeat: z
      .strictObject({
        times: z.int().min(1).max(10_000).optional().describe('How many rounds.'),
        for: durationBetween('1ms')
          .optional()
          .describe('In place of `times`: rounds are started for so long; needs `every`.'),
        every: durationBetween('1ms')
          .optional()
          .describe(
            'From the start of one round to the start of the next; a longer round delays the next. Default: no pause.',
          ),
        steps: z.array(step).min(1).describe('The steps of a round.'),
      })
      .describe('Steps that are done several times.'),
    name: stepName,
  });
}

/** Any step, for editors; the loader chooses the one schema that fits, so that its messages speak of one thing. */
export function anyStepSchema(catalogue: Catalogue): z.ZodType {
  const any: z.ZodType = z.lazy(() => z.union(kinds)).meta({ id: 'step' });
  const kinds: [z.ZodType, ...z.ZodType[]] = [
    waitSchema,
    suitesStepSchema,
    parallelSchema(z.union([any, z.array(any).min(1)])),
    repeatSchema(any),
    ...catalogue.faults.map(faultSchema),
  ];
  return any;
}

export interface WrittenProbe {
  readonly name?: string | undefined;
  readonly probe: string;
  readonly endpoint: string;
  readonly every: { readonly ms: number };
  readonly timeout: { readonly ms: number };
  readonly connection: 'new' | 'reused';
}

export function probeSchema(
  entry: CatalogueEntry,
): z.ZodType<WrittenProbe & Readonly<Record<string, unknown>>> {
  const own = {
    probe: z.literal(entry.name).describe(entry.summary),
    name: nameText.optional().describe('Unique in the plan. Default: `<probe>-<endpoint>`.'),
    endpoint: nameText.describe('The endpoint that it asks, such as `kubernetes`, `keystone` or `nova`.'),
    every: durationBetween('5ms', '1h')
      .prefault('100ms')
      .describe(
        'From one planned question to the next; also how exactly an outage can be known. Default 100ms.',
      ),
    timeout: durationBetween('1ms', '5m')
      .prefault('1s')
      .describe('Counted from the planned instant; a later answer is a failure. Default 1s.'),
    connection: z
      .enum(['new', 'reused'])
      .prefault('new')
      .describe('`new` asks as a new client would; `reused` keeps its connection. Default `new`.'),
  };
  return z.strictObject({ ...own, ...parameterShape(entry, Object.keys(own)) });
}

export function objectiveSchema(
  entry: CatalogueEntry,
): z.ZodType<{ readonly name?: string | undefined } & Readonly<Record<string, unknown>>> {
  const own = {
    objective: z.literal(entry.name).describe(entry.summary),
    name: nameText
      .optional()
      .describe('Unique in the plan. Default: the objective, and its subject where there is one.'),
  };
  return z.strictObject({ ...own, ...parameterShape(entry, Object.keys(own)) });
}
