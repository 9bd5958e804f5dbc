/** What `squall list` can list. */
export const LISTS = [
  'faults',
  'probes',
  'watchers',
  'objectives',
  'suites',
  'plans',
  'labs',
  'errors',
] as const;

/** What `squall schema` can print the schema of. */
export const SCHEMAS = ['plan', 'report'] as const;
