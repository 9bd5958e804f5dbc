import { ABILITIES } from '../model/abilities.ts';

/** One thing wrong with a value: where, and what it should be. */
export interface ShapeProblem {
  readonly path: string;
  readonly says: string;
}

/** Says what is wrong with a value at a path; nothing when it is as it should be. */
export type Shape = (value: unknown, path: string) => readonly ShapeProblem[];

const expect =
  (what: string, is: (value: unknown) => boolean): Shape =>
  (value, path) =>
    is(value)
      ? []
      : [{ path, says: value === undefined ? `is missing; it should be ${what}` : `should be ${what}` }];

const text = expect('a text', (value) => typeof value === 'string');
const name = expect('a text that is not empty', (value) => typeof value === 'string' && value !== '');
const count = expect('a whole number from 0', (value) => Number.isInteger(value) && Number(value) >= 0);
const truth = expect('true or false', (value) => typeof value === 'boolean');
const oneOf = (values: readonly string[]): Shape =>
  expect(`one of ${values.join(', ')}`, (value) => typeof value === 'string' && values.includes(value));

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const optional =
  (shape: Shape): Shape =>
  (value, path) =>
    value === undefined ? [] : shape(value, path);

const listOf =
  (shape: Shape): Shape =>
  (value, path) =>
    Array.isArray(value)
      ? value.flatMap((each, index) => shape(each, `${path}[${index}]`))
      : expect('a list', () => false)(value, path);

const texts: Shape = (value, path) =>
  isRecord(value)
    ? Object.entries(value).flatMap(([key, each]) => text(each, `${path}.${key}`))
    : expect('a mapping of texts', () => false)(value, path);

const object =
  (fields: Readonly<Record<string, Shape>>): Shape =>
  (value, path) =>
    isRecord(value)
      ? Object.entries(fields).flatMap(([key, shape]) =>
          shape(value[key], path === '' ? key : `${path}.${key}`),
        )
      : expect('a mapping', () => false)(value, path === '' ? 'the file' : path);

const unknowns = optional(listOf(object({ what: name, reason: text, remedy: optional(text) })));

const kinds = ['deployment', 'statefulset', 'daemonset', 'unit'];

/** The shape of `Topology`, version 1. Fields that it does not know are left alone: a later Squall may have added them. */
export const TOPOLOGY_SHAPE: Shape = object({
  lab: name,
  owned: truth,
  systems: listOf(
    object({
      name,
      kind: oneOf(['kubernetes', 'openstack']),
      distribution: text,
      version: text,
      identity: text,
    }),
  ),
  nodes: listOf(
    object({
      name,
      system: text,
      roles: listOf(text),
      labels: texts,
      addresses: listOf(text),
      units: listOf(text),
    }),
  ),
  services: listOf(
    object({
      id: name,
      system: text,
      namespace: text,
      workload: text,
      kind: oneOf(kinds),
      service: text,
      component: text,
      roles: listOf(text),
      labels: texts,
      replicas: count,
      members: listOf(object({ rank: count, node: text })),
      quorum: optional(object({ size: count, needed: count, group: optional(text) })),
      minAvailable: optional(count),
      unit: optional(text),
    }),
  ),
  endpoints: listOf(object({ name, system: text, url: name, service: optional(text), ca: optional(text) })),
  timers: listOf(
    object({
      name,
      value: object({ ms: expect('a number from 0', (ms) => typeof ms === 'number' && ms >= 0) }),
      source: text,
      origin: optional(oneOf(['read', 'default'])),
    }),
  ),
  unknownTimers: unknowns,
  blindness: unknowns,
  abilities: listOf(oneOf(ABILITIES)),
  missingAbilities: listOf(object({ ability: oneOf(ABILITIES), reason: text, remedy: text })),
  disclosures: listOf(text),
  live: object({
    nodes: listOf(
      object({
        name,
        uid: text,
        boot: optional(text),
        provider: optional(text),
        said: optional(text),
        ready: truth,
        schedulable: truth,
      }),
    ),
    members: listOf(object({ service: name, rank: count, name, uid: text, node: text, ready: truth })),
    holders: listOf(object({ what: name, node: text })),
    unknownHolders: unknowns,
    ownPath: optional(
      listOf(
        object({
          node: text,
          service: optional(text),
          pod: optional(object({ namespace: text, name: text })),
          says: text,
        }),
      ),
    ),
  }),
});
