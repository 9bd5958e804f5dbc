import { copyFileSync, cpSync, linkSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { formatDuration } from '../../model/duration.ts';
import { describeError, HarnessError } from '../../model/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import { elapsed } from './elapsed.ts';
import type { EnsuredBinary } from './ensure-parts.ts';
import { contentKey, hostPlatform } from './lock.ts';
import type { Lock } from './lock.ts';
import { Podman } from './podman.ts';
import { runProgram } from './run-program.ts';
import { sourceKey } from './source-key.ts';
import { temporaryIn } from './temporary.ts';

const REPOSITORY = 'localhost/squall-node';
const BASE_REPOSITORY = 'localhost/squall-node-base';

/** Older images that are kept, for a lab that is up or another checkout. */
const KEPT = 1;

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
  await ensureBase(base, folder, options, podman, signal);
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
  await removeOlder(image, podman, signal);
  await removeOlder(base, podman, signal);
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

async function ensureBase(
  base: string,
  folder: string,
  options: NodeImageOptions,
  podman: Podman,
  signal: AbortSignal,
): Promise<void> {
  if (await podman.exists(base, signal)) return;
  const { lock, clock, report } = options;
  const since = elapsed(clock);
  const why = options.pull === false ? 'not asked' : await podman.pull(lock.node.base, signal);
  if (why === undefined) {
    report(`node image: ${lock.node.base} pulled; adding Debian packages`);
    await podman.build({ folder, base: lock.node.base, image: base, target: 'packages' }, signal);
  } else {
    report(
      `node image: ${lock.node.base} cannot be pulled (${why}); making ${lock.node.suite} from Debian packages`,
    );
    await bootstrap(base, folder, options, podman, signal);
  }
  report(`node image: base ready in ${formatDuration(since())}`);
}

/** Makes the root file system without a registry, from the package sources that this host itself uses. */
async function bootstrap(
  base: string,
  folder: string,
  { lock, cacheFolder, clock }: NodeImageOptions,
  podman: Podman,
  signal: AbortSignal,
): Promise<void> {
  const packages = readFileSync(join(folder, 'packages'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const unread = ['doc', 'man', 'locale'].map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`);
  const tar = temporaryIn(join(cacheFolder, 'parts'), 'node-base');
  const argv = ['--quiet', '--variant=minbase', '--format=tar', ...unread, `--include=${packages.join(',')}`];
  try {
    // It mounts file systems below its folder, and only it removes them.
    const how = { stop: 'ask', clock } as const;
    const { code, lines } = await runProgram('mmdebstrap', [...argv, lock.node.suite, tar], how, signal);
    if (code !== 0) throw new HarnessError('SQ_PARTS', `mmdebstrap failed: ${lines.slice(-4).join(' | ')}.`);
    await podman.import(tar, base, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof HarnessError) throw error;
    throw new HarnessError(
      'SQ_PARTS',
      `The node image can neither be pulled nor made: mmdebstrap could not be started (${describeError(error)}).`,
      { cause: error, remedy: `Let this machine reach ${lock.node.base}, or install mmdebstrap.` },
    );
  } finally {
    rmSync(tar, { force: true });
  }
}

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}

async function removeOlder(image: string, podman: Podman, signal: AbortSignal): Promise<void> {
  const [repository = image] = image.split(':');
  const older = (await podman.tags(repository, signal)).filter((tag) => tag !== image);
  for (const tag of older.slice(KEPT)) await podman.remove(tag, signal);
}
