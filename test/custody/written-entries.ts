import type { HealingEntry, Verification } from '../../src/model/injection.ts';

export const verification = (ok = true): Verification => ({
  ok,
  says: 'Looked at.',
  at: { clock: 'virtual', ns: 2000e6 },
  differences: [],
});

export function entryOf(
  id: string,
  run = 'run-1',
  expiryHolder: HealingEntry['expiryHolder'] = 'reaper',
): HealingEntry {
  return {
    id,
    run,
    step: id,
    fault: 'node-power-off',
    faultVersion: 1,
    targets: [],
    from: [],
    parameters: {},
    duration: { ms: 1000 },
    expiryHolder,
    expires: { clock: 'virtual', ns: 5000e6 },
    expiresWall: '',
    before: { power: { 'control-1': 'on' } },
  };
}
