/**
 * What a lab may be able to do beyond serving its APIs. A fault lists the abilities that it needs; one that is missing is a
 * refusal at plan time, with the lab's reason and remedy.
 */
export const ABILITIES = [
  'kubernetes',
  'openstack',
  'whole-kubernetes',
  'whole-openstack',
  'guests',
  'test-image',
  'power',
  'freeze',
  'links',
  'link-loss',
  'link-delay',
  'link-limit',
  'units',
  'containers',
  'container-freeze',
  'pressure-cpu',
  'pressure-memory',
  'pressure-disk',
  'pressure-descriptors',
  'pressure-conntrack',
  'node-clock',
  'exec',
  'snapshot',
] as const;

export type Ability = (typeof ABILITIES)[number];

/** What can be taken away from a node for a while; each is an ability of its own, `pressure-<kind>`. */
export const PRESSURE_KINDS = ['cpu', 'memory', 'disk', 'descriptors', 'conntrack'] as const;

export type PressureKind = (typeof PRESSURE_KINDS)[number];

/** Why an ability is not there, and what would make it so. */
export interface MissingAbility {
  readonly ability: Ability;
  readonly reason: string;
  readonly remedy: string;
}
