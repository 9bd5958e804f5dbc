import { join } from 'node:path';
import { formatDuration } from '../../model/duration.ts';
import { HarnessError } from '../../model/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import { elapsed } from './elapsed.ts';
import { ensureImages } from './ensure-images.ts';
import { ensureParts } from './ensure-parts.ts';
import { goBuild } from './go-build.ts';
import { contentKey, loadLock, partsOfLab } from './lock.ts';
import type { Lock } from './lock.ts';
import { ensureNodeImage } from './node-image.ts';
import { Podman } from './podman.ts';
import { releaseDownload } from './release-download.ts';
import { ensureServiceImage } from './service-image.ts';
import { sourceKey } from './source-key.ts';
import type { Source } from './source.ts';

export interface LabPartsOptions {
  /** Path of the lock file. */
  readonly lock: string;
  readonly cacheFolder: string;
  readonly userFolder?: string;
  /** Default: the publishers' releases, then Go. */
  readonly sources?: readonly Source[];
  readonly podman?: Podman;
  /** Whether the lab is to carry a cloud. Default false. */
  readonly cloud?: boolean;
  readonly clock: Clock;
}

/** All that a reference lab is made of. */
export interface EnsuredLabParts {
  /** In podman's store. */
  readonly nodeImage: string;
  /** Path of the archive with every image of the cluster, and the test image. */
  readonly imageArchive: string;
  readonly kubernetesVersion: string;
  readonly dnsImage: string;
  /** Serves HTTP on port 8080 when it is given no arguments. */
  readonly testImage: string;
  /** Does nothing, for ever. */
  readonly idleImage: string;
  /** What a cloud is deployed with and from, where it was asked for. */
  readonly cloud?: CloudParts;
  /** Changes with everything that is in the images or the archives. */
  readonly key: string;
}

export interface CloudParts {
  /** Path of the archive with the image of its services. */
  readonly imageArchive: string;
  /** Path of the program. */
  readonly helm: string;
  /** The folder of the charts, by the names of the services. */
  readonly charts: string;
  /** Changes with the charts. */
  readonly key: string;
}

/**
 * Has everything that a reference lab is made of: in well under a second when all is cached, in minutes when programs must
 * be downloaded, in about a quarter of an hour on two cores when they must be built.
 * @throws SQ_PARTS when something cannot be had; the signal's reason.
 */
export async function ensureLabParts(
  options: LabPartsOptions,
  report: (says: string) => void,
  signal: AbortSignal,
): Promise<EnsuredLabParts> {
  const since = elapsed(options.clock);
  const lock = loadLock(options.lock);
  const tools = {
    lock,
    cacheFolder: options.cacheFolder,
    clock: options.clock,
    report,
    podman: options.podman ?? new Podman(options.clock),
  };
  const binaries = await ensureParts(
    partsOfLab(lock, options.cloud === true),
    {
      ...tools,
      sources: options.sources ?? [releaseDownload(), goBuild()],
      ...(options.userFolder === undefined ? {} : { userFolder: options.userFolder }),
    },
    signal,
  );
  const node = await ensureNodeImage({ ...tools, binaries }, signal);
  const archive = await ensureImages({ ...tools, binaries, nodeImage: node.name }, signal);
  const charts = join(lock.folder, 'charts');
  const service = options.cloud === true ? await ensureServiceImage(tools, signal) : undefined;
  report(`parts: all there after ${formatDuration(since())}`);
  return {
    nodeImage: node.name,
    imageArchive: archive.path,
    kubernetesVersion: lock.parts.find(({ name }) => name === 'kubernetes')?.version ?? '',
    dnsImage: imageOf(lock, 'coredns'),
    testImage: imageOf(lock, 'squall-test-app'),
    idleImage: imageOf(lock, 'pause'),
    ...(service === undefined
      ? {}
      : {
          cloud: {
            imageArchive: service.archive,
            helm: binaries.get('helm')?.path ?? 'helm',
            charts,
            key: sourceKey(charts),
          },
        }),
    key: contentKey([node.name, archive.key, ...(service === undefined ? [] : [service.key])]),
  };
}

function imageOf(lock: Lock, program: string): string {
  const found = lock.images.find(({ name }) => name.split('/').at(-1)?.split(':')[0] === program);
  if (found) return found.name;
  throw new HarnessError('SQ_PARTS', `The lock names no image of ${program}.`);
}
