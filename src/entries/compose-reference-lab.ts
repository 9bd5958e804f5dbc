import { join } from 'node:path';
import { createHelm } from '../adapters/helm/helm.ts';
import { createHostNetwork } from '../adapters/linux-host/host-network.ts';
import { hasTunnels } from '../adapters/linux-host/tunnels.ts';
import { createVolumeDisk } from '../adapters/linux-host/volume-disk.ts';
import { hasQuotas } from '../adapters/linux-host/volume-quotas.ts';
import { createPodmanEngine } from '../adapters/podman/podman-engine.ts';
import { createRunCommand } from '../adapters/system/run-command.ts';
import { createReferenceLab } from '../labs/reference/reference-lab.ts';
import type { Chance, Clock } from '../ports/clock.ts';
import type { Lab } from '../ports/lab.ts';
import { cacheFolder, packageFolder, stateFolder } from './places.ts';

/** The file of the disk may grow to this; beside it lie binaries, images and containers, 25 GB in all. */
const DISK_BYTES = 18 * 1024 ** 3;

export function composeReferenceLab({
  clock,
  chance,
  environment,
  withOpenStack = false,
}: {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Whether `up` deploys a cloud after Kubernetes. Default false. */
  readonly withOpenStack?: boolean;
}): Lab {
  const folder = join(stateFolder(environment), 'labs', 'reference');
  const cache = join(cacheFolder(environment), 'labs', 'reference');
  const run = createRunCommand({ SQUALL_LAB_FOLDER: folder });
  return createReferenceLab({
    folder,
    cacheFolder: cache,
    engine: createPodmanEngine(run),
    disk: createVolumeDisk(run, {
      file: join(cache, 'disk.btrfs'),
      folder: join(folder, 'disk'),
      bytes: DISK_BYTES,
    }),
    network: createHostNetwork(run),
    helm: (options) => createHelm(run, options),
    findParts: async (report, signal) => {
      const { ensureLabParts } = await import('../adapters/parts/index.ts');
      const userFolder = environment['SQUALL_PARTS'];
      const lock = join(packageFolder(), 'reference', 'versions.lock.yaml');
      const given = userFolder === undefined ? {} : { userFolder };
      const cached = { cacheFolder: cacheFolder(environment), clock };
      return ensureLabParts({ lock, ...cached, ...given, cloud: withOpenStack }, report, signal);
    },
    tunnels: hasTunnels,
    quotas: () => hasQuotas(join(folder, 'disk')),
    clock,
    chance,
    mark: `SQUALL_LAB_FOLDER=${folder}`,
  });
}
