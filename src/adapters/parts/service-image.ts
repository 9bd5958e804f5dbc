import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { formatDuration } from '../../model/duration.ts';
import type { Clock } from '../../ports/clock.ts';
import { ensureDebianBase } from './debian-base.ts';
import { elapsed } from './elapsed.ts';
import { contentKey, hostPlatform } from './lock.ts';
import type { Lock } from './lock.ts';
import { Podman } from './podman.ts';
import { removeOlderTags } from './remove-older-tags.ts';
import { sourceKey } from './source-key.ts';
import { temporaryIn } from './temporary.ts';

const REPOSITORY = 'localhost/squall-openstack-made';
const BASE_REPOSITORY = 'localhost/squall-openstack-base';

export interface ServiceImageOptions {
  readonly lock: Lock;
  readonly cacheFolder: string;
  readonly clock: Clock;
  readonly report: (says: string) => void;
  readonly podman?: Podman;
}

/** The image that all services of the cloud run from, in an archive for `ctr images import`. */
export interface ServiceImage {
  /** As the charts call it. */
  readonly name: string;
  readonly archive: string;
  /** Names the contents. */
  readonly key: string;
}

/**
 * Has the image of the cloud's services in one archive: in an instant when it is there, in about five minutes on two cores when
 * it is made from Debian's packages.
 * @throws SQ_PARTS when podman fails, or when the base can neither be pulled nor made; the signal's reason.
 */
export async function ensureServiceImage(
  options: ServiceImageOptions,
  signal: AbortSignal,
): Promise<ServiceImage> {
  const { lock, cacheFolder, clock, report, podman = new Podman(options.clock) } = options;
  const since = elapsed(clock);
  const folder = join(lock.folder, 'images', 'openstack');
  const { base: from, suite } = lock.node;
  const lists = ['packages', 'excludes'].map((name) => readFileSync(join(folder, name), 'utf8'));
  const base = `${BASE_REPOSITORY}:${contentKey([from, suite, hostPlatform().arch, ...lists])}`;
  const key = contentKey([base, sourceKey(folder)]);
  const archives = join(cacheFolder, 'images');
  const archive = join(archives, `openstack-${key}.tar`);
  const found: ServiceImage = { name: lock.cloud.image, archive, key };
  if (existsSync(archive)) return found;
  const image = `${REPOSITORY}:${key}`;
  if (!(await podman.exists(image, signal))) {
    const what = { label: 'cloud image', from, suite, folder, image: base };
    await ensureDebianBase(what, { cacheFolder, clock, report, podman }, signal);
    await podman.build({ folder, base, image, target: 'openstack' }, signal);
  }
  mkdirSync(archives, { recursive: true });
  const temporary = temporaryIn(archives, 'openstack');
  try {
    await podman.save({ image, as: lock.cloud.image, file: temporary }, signal);
    renameSync(temporary, archive);
  } finally {
    rmSync(temporary, { force: true });
  }
  for (const name of readdirSync(archives))
    if (/^openstack-[0-9a-f]+\.tar$/.test(name) && join(archives, name) !== archive)
      rmSync(join(archives, name));
  // What is in the archive is not needed twice; the base makes the next one quickly.
  await podman.remove(image, signal);
  await removeOlderTags(base, podman, signal);
  report(`cloud image: in an archive after ${formatDuration(since())}`);
  return found;
}
