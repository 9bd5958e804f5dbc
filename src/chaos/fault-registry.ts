import type { FaultEntry } from '../model/catalogue.ts';
import type { Fault } from './fault.ts';
import { faultsWithoutALab } from './faults-without-a-lab.ts';
import { conntrackExhaustion } from './faults/conntrack-exhaustion.ts';
import { containerFreeze } from './faults/container-freeze.ts';
import { containerKill } from './faults/container-kill.ts';
import { cpuPressure } from './faults/cpu-pressure.ts';
import { descriptorExhaustion } from './faults/descriptor-exhaustion.ts';
import { diskFill } from './faults/disk-fill.ts';
import { memoryPressure } from './faults/memory-pressure.ts';
import { networkBandwidth } from './faults/network-bandwidth.ts';
import { networkLatency } from './faults/network-latency.ts';
import { networkLoss } from './faults/network-loss.ts';
import { networkPartition } from './faults/network-partition.ts';
import { nodeDrain } from './faults/node-drain.ts';
import { nodeFreeze } from './faults/node-freeze.ts';
import { nodePowerOff } from './faults/node-power-off.ts';
import { nodeReboot } from './faults/node-reboot.ts';
import { podDelete } from './faults/pod-delete.ts';
import { serviceStop } from './faults/service-stop.ts';

/** Every fault that a plan may name. A new one is one file and one line here. */
export const faultRegistry: readonly Fault[] = [
  podDelete,
  containerKill,
  containerFreeze,
  serviceStop,
  nodePowerOff,
  nodeReboot,
  nodeFreeze,
  nodeDrain,
  networkPartition,
  networkLoss,
  networkLatency,
  networkBandwidth,
  cpuPressure,
  memoryPressure,
  diskFill,
  descriptorExhaustion,
  conntrackExhaustion,
];

/** What the plan loader and the reference tables need to know of them. */
export const faultEntries: readonly FaultEntry[] = [
  ...faultRegistry.map(({ name, summary, parameters, needs, acts, lasts }) => ({
    name,
    summary,
    parameters,
    needs,
    acts,
    lasts,
  })),
  ...faultsWithoutALab,
];
