import { copyFileSync, cpSync, linkSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { formatDuration } from '../../model/duration.ts';
import { HarnessError } from '../../model/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import { ensureDebianBase } from './debian-base.ts';
import { elapsed } from './elapsed.ts';
import type { EnsuredBinary } from './ensure-parts.ts';
import { contentKey, hostPlatform } from './lock.ts';
import type { Lock } from './lock.ts';
import { Podman } from './podman.ts';
import { removeOlderTags } from './remove-older-tags.ts';
import { sourceKey } from './source-key.ts';
import { temporaryIn } from './temporary.ts';

const REPOSITORY = 'localhost/squall-node';
const BASE_REPOSITORY = 'localhost/squall-node-base';

export interface NodeImageOptions {
  readonly lock: Lock;
  readonly cacheFolder: string;
  /** What `ensureParts` returned. */
  readonly binaries: ReadonlyMap<string, EnsuredBinary>;
  readonly clock: Clock;
  readonly report: (says: string) => void;
  readonly podman?: Podman;
  /** Whether to ask a registry for the base at all. Default true. */
  readonly pull?: boolean;
}

/** An image that nodes are started from. */
export interface NodeImage {
  readonly name: string;
  /** `cache`: it was there. */
  readonly how: 'cache' | 'built';
}

/**
 * Has the image of a node in podman's store, named after its contents. Its base is pulled, or made from Debian's packages
 * where no registry is reached.
 * @throws SQ_PARTS when podman fails, or when the base can be had neither way; the signal's reason.
 */
export async function ensureNodeImage(options: NodeImageOptions, signal: AbortSignal): Promise<NodeImage> {
  const { lock, binaries, clock, report, podman = new Podman(options.clock) } = options;
  const since = elapsed(clock);
  const folder = join(lock.folder, 'node');
  const base = baseName(lock, folder);
  const wanted = lock.node.binaries.map((name) => needed(binaries, name));
  const key = contentKey([base, sourceKey(folder), ...wanted.map(({ name, sha256 }) => `${name} ${sha256}`)]);
  const image = `${REPOSITORY}:${key}`;
  if (await podman.exists(image, signal)) return { name: image, how: 'cache' };
  const what = { label: 'node image', from: lock.node.base, suite: lock.node.suite, folder, image: base };
  await ensureDebianBase(what, { ...options, podman }, signal);
  const context = temporaryIn(join(options.cacheFolder, 'parts'), 'node-context');
  try {
    cpSync(folder, context, { recursive: true });
    mkdirSync(join(context, 'binaries'));
    for (const { name, path } of wanted) linkOrCopy(path, join(context, 'binaries', name));
    await podman.build({ folder: context, base, image, target: 'node' }, signal);
  } finally {
    rmSync(context, { recursive: true, force: true });
  }
  report(`node image: built in ${formatDuration(since())}`);
  await removeOlderTags(image, podman, signal);
  await removeOlderTags(base, podman, signal);
  return { name: image, how: 'built' };
}

function needed(binaries: ReadonlyMap<string, EnsuredBinary>, name: string): EnsuredBinary {
  const binary = binaries.get(name);
  if (binary) return binary;
  throw new HarnessError(
    'SQ_PARTS',
    `The node image needs ${name}, which was not among the parts asked for.`,
  );
}

function baseName(lock: Lock, folder: string): string {
  const packages = readFileSync(join(folder, 'packages'), 'utf8');
  return `${BASE_REPOSITORY}:${contentKey([lock.node.base, lock.node.suite, hostPlatform().arch, packages])}`;
}

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}
