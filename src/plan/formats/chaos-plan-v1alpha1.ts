import { z } from 'zod';
import type { Catalogue, CatalogueEntry } from '../../model/catalogue.ts';
import type { ConformancePlan, GuardSpec, ObjectiveSpec, Plan, ProbeSpec } from '../../model/plan.ts';
import { anyStepSchema, objectiveSchema, probeSchema } from '../chaos-plan/catalogue-schemas.ts';
import {
  baselineSchema,
  calibrationSchema,
  conformanceSchema,
  guardSchema,
  limitsSchema,
  metadataSchema,
  parametersSchema,
  seedSchema,
} from '../chaos-plan/section-schemas.ts';
import { selectionOf, StepReader } from '../chaos-plan/step-reader.ts';
import { didYouMean } from '../did-you-mean.ts';
import { toEditorSchema } from '../editor-schema.ts';
import { parametersOf } from '../parameter-schemas.ts';
import type { PlanDraft } from '../plan-draft.ts';
import type { PlanFormat } from '../plan-format.ts';
import type { PlanSource } from '../plan-source.ts';
import { shown, type Finding, type Path } from '../problem.ts';
import { readWith } from '../read-with.ts';
import { scalarText } from '../../model/scalar-text.ts';

const API_VERSION = 'squall.dev/v1alpha1';
const KIND = 'ChaosPlan';

interface Members<T> {
  readonly step: z.ZodType<T>;
  readonly probe: z.ZodType<T>;
  readonly objective: z.ZodType<T>;
  readonly watcher: z.ZodType<T>;
  readonly guard: z.ZodType<T>;
}

/** The sections whose members the catalogue decides. The loader reads them member by member; editors get the whole. */
interface Lists<T> {
  readonly probes: z.ZodType<readonly T[]>;
  readonly watchers: z.ZodType<readonly T[] | undefined>;
  readonly method: z.ZodType<readonly T[]>;
  readonly objectives: z.ZodType<readonly T[]>;
  readonly guards: z.ZodType<readonly T[]>;
}

function listsOf<T>({ step, probe, objective, watcher, guard }: Members<T>): Lists<T> {
  return {
    probes: z.array(probe).prefault([]).describe('What is asked again and again while the faults go on.'),
    watchers: z
      .array(watcher)
      .optional()
      .describe('What follows state beside the probes. Default: all that the lab can feed.'),
    method: z.array(step).min(1).describe('What is done, in order.'),
    objectives: z.array(objective).prefault([]).describe('What must hold; the verdict is made of them.'),
    guards: z.array(guard).prefault([]).describe('What stops the faults early.'),
  };
}

const sections = {
  $schema: z.string().optional().describe('For editors; it has no effect.'),
  apiVersion: z.literal(API_VERSION).describe('The format of this file.'),
  kind: z.literal(KIND).describe('The kind of this file.'),
  metadata: metadataSchema,
  parameters: parametersSchema.optional(),
  seed: seedSchema.optional(),
  conformance: conformanceSchema.prefault({}),
  limits: limitsSchema.prefault({}),
  baseline: baselineSchema,
  calibration: calibrationSchema.exactOptional(),
};

const unread = z.unknown();
/** Sections with mistakes of their own are read one by one, so that one mistake hides no other. */
const writtenShape = {
  ...sections,
  ...listsOf({ step: unread, probe: unread, objective: unread, watcher: unread, guard: unread }),
};
const writtenPlan = z.strictObject(writtenShape);
/** Stands in for what is required and could not be read; `loadPlan` refuses the plan in any case. */
const UNREADABLE = {
  apiVersion: API_VERSION,
  kind: KIND,
  metadata: { name: 'unreadable' },
  method: [undefined],
};

/** Squall's own format. */
export const chaosPlanV1alpha1: PlanFormat = {
  apiVersion: API_VERSION,
  kind: KIND,
  read: readPlan,
  schema(catalogue) {
    const members = (
      entries: readonly CatalogueEntry[],
      schema: (entry: CatalogueEntry) => z.ZodType,
    ): z.ZodType => {
      return entries.length === 0 ? z.never() : z.union(entries.map(schema) as [z.ZodType, ...z.ZodType[]]);
    };
    const lists = listsOf<unknown>({
      step: anyStepSchema(catalogue),
      probe: members(catalogue.probes, probeSchema),
      objective: members(catalogue.objectives, objectiveSchema),
      watcher: z.enum(catalogue.watchers.map((watcher) => watcher.name)),
      guard: guardSchema,
    });
    return toEditorSchema(z.strictObject({ ...sections, ...lists }), 'A chaos plan of Squall');
  },
};

function readPlan(source: PlanSource, catalogue: Catalogue, findings: Finding[]): PlanDraft {
  const sections = readSections(source.data, findings);
  const steps = new StepReader(catalogue, findings);
  const method = steps.readAll(sections.method, ['method']);
  const places = steps.places;
  const probes = readMembers('probe', sections.probes, catalogue.probes, probeOf, findings, places);
  const objectives = readMembers(
    'objective',
    sections.objectives,
    catalogue.objectives,
    objectiveOf,
    findings,
    places,
  );
  const guards = sections.guards.flatMap((value, index): readonly GuardSpec[] => {
    const guard = readWith(guardSchema, value, ['guards', index], findings);
    if (!guard) return [];
    const spec = { name: guard.name ?? `guard-${guard.probe}`, probe: guard.probe, downFor: guard.downFor };
    places.set(spec, ['guards', index]);
    return [spec];
  });
  const { description, name } = sections.metadata;
  const plan: Plan = {
    schemaVersion: 1,
    name,
    learns: source.opening !== '' ? source.opening : (description ?? ''),
    ...(sections.seed === undefined ? {} : { seed: sections.seed }),
    parameters: source.parameters,
    conformance: conformanceOf(sections.conformance),
    probes,
    watchers: readWatchers(sections.watchers, catalogue, findings),
    method,
    objectives,
    guards,
    limits: sections.limits,
    baseline: sections.baseline,
    ...(sections.calibration === undefined ? {} : { calibration: sections.calibration }),
  };
  const probeNames = new Set([...probes.map((probe) => probe.name), ...namesIn(sections.probes)]);
  return { plan, places, probeNames, stepNames: steps.names };
}

/** Reads section by section: one that is wrong is told, and stands in as if it had been left out. */
function readSections(
  data: Readonly<Record<string, unknown>>,
  findings: Finding[],
): z.output<typeof writtenPlan> {
  const whole = readWith(writtenPlan, data, [], findings);
  if (whole) return whole;
  const readable: Record<string, unknown> = {};
  for (const [key, schema] of Object.entries(writtenShape)) {
    if (schema.safeParse(data[key]).success) readable[key] = data[key];
  }
  const stood = writtenPlan.parse({ ...UNREADABLE, ...readable });
  return { ...stood, method: stood.method.filter((step) => step !== undefined) };
}

function conformanceOf(written: z.output<typeof conformanceSchema>): ConformancePlan {
  return {
    ...(written.before ? { before: selectionOf(written.before) } : {}),
    ...(written.during ? { during: selectionOf(written.during) } : {}),
    ...(written.after ? { after: selectionOf(written.after) } : {}),
  };
}

type MemberOf<T> = (value: unknown, entry: CatalogueEntry, path: Path, findings: Finding[]) => T | undefined;

/** Reads a list whose members each name an entry of the catalogue, with the schema of that entry. */
function readMembers<T extends object>(
  kind: 'probe' | 'objective',
  values: readonly unknown[],
  entries: readonly CatalogueEntry[],
  read: MemberOf<T>,
  findings: Finding[],
  places: Map<object, Path>,
): readonly T[] {
  return values.flatMap((value, index) => {
    const path: Path = [`${kind}s`, index];
    if (value === null || typeof value !== 'object' || Array.isArray(value)) {
      findings.push({ path, at: 'value', says: `${shown(value)} is not a mapping that names a ${kind}` });
      return [];
    }
    const written: unknown = (value as Record<string, unknown>)[kind];
    const entry = entries.find((known) => known.name === written);
    if (!entry) {
      const known = entries.map(({ name }) => name);
      const hint = typeof written === 'string' ? didYouMean(written, known) : `known are ${known.join(', ')}`;
      const says =
        written === undefined ? `is required; ${hint}` : `${shown(written)} is not a known ${kind}; ${hint}`;
      findings.push({ path: [...path, kind], at: 'value', says });
      return [];
    }
    const member = read(value, entry, path, findings);
    if (!member) return [];
    places.set(member, path);
    return [member];
  });
}

const probeOf: MemberOf<ProbeSpec> = (value, entry, path, findings) => {
  const written = readWith(probeSchema(entry), value, path, findings);
  if (!written) return undefined;
  const { name, endpoint, every, timeout, connection } = written;
  const parameters = parametersOf(entry, written);
  // Only the host that runs Squall looks as yet; other vantages will be keys of a probe.
  const spec = { probe: entry.name, endpoint, every, timeout, connection, vantage: 'host', parameters };
  return { name: name ?? `${entry.name}-${endpoint}`, ...spec };
};

const objectiveOf: MemberOf<ObjectiveSpec> = (value, entry, path, findings) => {
  const written = readWith(objectiveSchema(entry), value, path, findings);
  if (!written) return undefined;
  const parameters = parametersOf(entry, written);
  const subject = parameters['probe'] ?? parameters['step'] ?? parameters['stage'];
  const standard = typeof subject === 'string' ? `${entry.name}-${subject}` : entry.name;
  return { name: written.name ?? standard, objective: entry.name, parameters };
};

function readWatchers(
  written: readonly unknown[] | undefined,
  catalogue: Catalogue,
  findings: Finding[],
): readonly string[] {
  const known = catalogue.watchers.map((watcher) => watcher.name);
  if (written === undefined) return known;
  return written.flatMap((name, index) => {
    if (typeof name === 'string' && known.includes(name)) return [name];
    const hint = typeof name === 'string' ? didYouMean(name, known) : `known are ${known.join(', ')}`;
    findings.push({
      path: ['watchers', index],
      at: 'value',
      says: `${shown(name)} is not a known watcher; ${hint}`,
    });
    return [];
  });
}

/** Names of probes as written or as they would be by default. */
function namesIn(values: readonly unknown[]): readonly string[] {
  return values.flatMap((value) => {
    if (value === null || typeof value !== 'object') return [];
    const { name, probe, endpoint } = value as Readonly<Record<string, unknown>>;
    return [typeof name === 'string' ? name : `${scalarText(probe)}-${scalarText(endpoint)}`];
  });
}
