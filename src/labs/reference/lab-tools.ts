import type { Helm, HelmOptions } from '../../adapters/helm/helm.ts';
import type { VolumeDisk } from '../../adapters/linux-host/volume-disk.ts';
import type { HostNetwork } from '../../adapters/linux-host/host-network.ts';
import type { Chance, Clock } from '../../ports/clock.ts';
import type { ContainerEngine } from '../../ports/container-engine.ts';
import type { FindParts } from './lab-parts.ts';

/** What every part of the lab needs. */
export interface LabTools {
  /** Where the lab lies while it is up; made by `up` and removed by `down`. */
  readonly folder: string;
  /** What may be kept between labs: the file of the disk with template and snapshots. */
  readonly cacheFolder: string;
  readonly engine: ContainerEngine;
  readonly disk: VolumeDisk;
  readonly network: HostNetwork;
  readonly helm: (options: HelmOptions) => Helm;
  readonly findParts: FindParts;
  /** Whether programs can get packets of this host's kernel by a tunnel device; tried, and not guessed. */
  readonly tunnels: () => boolean;
  /** Whether the disk of the lab counts what each volume holds, so that the volume of a node has a limit; false while it is down. */
  readonly quotas: () => boolean;
  readonly clock: Clock;
  readonly chance: Chance;
  /** The environment variable, with its value, that every child process of this lab carries. */
  readonly mark: string;
}
