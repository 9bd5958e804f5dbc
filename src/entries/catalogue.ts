import type { Catalogue } from '../model/catalogue.ts';

/** What plans may name, gathered from the registries of the stages. */
export async function loadCatalogue(): Promise<Catalogue> {
  const [{ faultEntries }, { probeEntries, watcherEntries }, { objectiveEntries }] = await Promise.all([
    import('../chaos/fault-registry.ts'),
    import('../measure/registry-entries.ts'),
    import('../verdict/objective-registry.ts'),
  ]);
  return {
    faults: faultEntries,
    probes: probeEntries,
    watchers: watcherEntries,
    objectives: objectiveEntries,
  };
}
