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
