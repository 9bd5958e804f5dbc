import type { FaultEntry } from '../model/catalogue.ts';
import type { Fault } from './fault.ts';
import { networkLoss } from './faults/network-loss.ts';
import { networkPartition } from './faults/network-partition.ts';
import { nodeFreeze } from './faults/node-freeze.ts';
import { nodePowerOff } from './faults/node-power-off.ts';
import { podDelete } from './faults/pod-delete.ts';
import { serviceStop } from './faults/service-stop.ts';

/** Every fault that a plan may name. A new one is one file and one line here. */
export const faultRegistry: readonly Fault[] = [
  podDelete,
  serviceStop,
  nodePowerOff,
  nodeFreeze,
  networkPartition,
  networkLoss,
];

/** What the plan loader and the reference tables need to know of them. */
export const faultEntries: readonly FaultEntry[] = faultRegistry.map(
  ({ name, summary, parameters, needs, acts, lasts }) => ({ name, summary, parameters, needs, acts, lasts }),
);
