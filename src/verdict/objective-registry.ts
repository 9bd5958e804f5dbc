import type { CatalogueEntry } from '../model/catalogue.ts';
import type { Objective } from './objective.ts';
import { availability } from './objectives/availability.ts';
import { conformance } from './objectives/conformance.ts';
import { durability } from './objectives/durability.ts';
import { longestOutage } from './objectives/longest-outage.ts';
import { nothingLeaked } from './objectives/nothing-leaked.ts';
import { recoveryTime } from './objectives/recovery-time.ts';

/** All objectives that a plan may name. */
export const objectiveRegistry: readonly Objective[] = [
  availability,
  longestOutage,
  recoveryTime,
  conformance,
  durability,
  nothingLeaked,
];

/** What the plan loader and the reference tables need to know of them. */
export const objectiveEntries: readonly CatalogueEntry[] = objectiveRegistry.map(
  ({ name, summary, parameters }) => {
    return { name, summary, parameters };
  },
);
