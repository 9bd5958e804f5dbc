import type { HealingEntry, Verification } from '../../src/model/injection.ts';

export const verification = (ok = true): Verification => ({
  ok,
  says: 'Looked at.',
  at: { clock: 'virtual', ns: 2000e6 },
  differences: [],
});

/** What is written before a node is powered off, for a second. */
export function entryOf(id: string, more: Partial<HealingEntry> = {}): HealingEntry {
  return {
    id,
    run: 'run-1',
    step: id,
    fault: 'node-power-off',
    faultVersion: 1,
    targets: [],
    from: [],
    parameters: {},
    duration: { ms: 1000 },
    expiryHolder: 'reaper',
    expires: { clock: 'virtual', ns: 5000e6 },
    expiresWall: '',
    before: { power: { 'control-1': 'on' } },
    ...more,
  };
}
