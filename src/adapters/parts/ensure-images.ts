import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { formatDuration } from '../../model/duration.ts';
import { HarnessError } from '../../model/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import { sha256OfFile } from './checksums.ts';
import { elapsed } from './elapsed.ts';
import type { EnsuredBinary } from './ensure-parts.ts';
import { writeImageArchive } from './image-archive.ts';
import { contentKey, hostPlatform } from './lock.ts';
import type { ImageSpec, Lock } from './lock.ts';
import { runsHere } from './part-folder.ts';
import { Podman } from './podman.ts';
import { runProgram } from './run-program.ts';
import { temporaryIn } from './temporary.ts';

/** Written into the key, so that archives of another writer are not taken for this one's. */
const WRITER = 'archive 1';

/** Archives that are kept beside the one in use, for another checkout of Squall. */
const KEPT = 1;

/** Where the node image keeps its ready layers. */
const LAYERS_IN_NODE = '/usr/share/squall/layers';

export interface ImagesOptions {
  readonly lock: Lock;
  readonly cacheFolder: string;
  /** What `ensureParts` returned. */
  readonly binaries: ReadonlyMap<string, EnsuredBinary>;
  /** The name that `ensureNodeImage` returned: libraries and small programs of Debian come from there. */
  readonly nodeImage: string;
  /** Which images to put into the archive. Default: all of the lock. */
  readonly only?: readonly string[];
  readonly clock: Clock;
  readonly report: (says: string) => void;
  readonly podman?: Podman;
}

/** Images in one file, for `ctr -n k8s.io images import`. */
export interface ImageArchive {
  readonly path: string;
  readonly bytes: number;
  /** Names the contents: equal keys are equal archives. */
  readonly key: string;
  readonly names: readonly string[];
  readonly how: 'cache' | 'written';
}

/**
 * Has the images of the cluster in one archive, named after its contents.
 * @throws SQ_PARTS when the lock lacks an image that kubeadm names, or a file of an image cannot be had; the signal's reason.
 */
export async function ensureImages(options: ImagesOptions, signal: AbortSignal): Promise<ImageArchive> {
  const { lock, cacheFolder, binaries, only, clock, report, podman = new Podman(options.clock) } = options;
  const since = elapsed(clock);
  const platform = hostPlatform();
  const specs = lock.images.filter(({ name }) => only === undefined || only.includes(name));
  const layers = await readLayers(specs, options, podman, signal);
  const programs = new Map(
    specs.flatMap(({ files }) => Object.values(files)).map((name) => [name, take(binaries, name)]),
  );
  const sums = [...programs].map(([name, { sha256 }]) => `${name} ${sha256}`);
  for (const [name, path] of layers) sums.push(`${name} ${await sha256OfFile(path, signal)}`);
  const key = contentKey([WRITER, JSON.stringify(specs), platform.arch, ...sums]);
  const folder = join(cacheFolder, 'images');
  const path = join(folder, `images-${key}.tar`);
  const names = specs.map(({ name }) => name);
  if (existsSync(path)) return { path, bytes: statSync(path).size, key, names, how: 'cache' };

  if (only === undefined) await compareWithKubeadm(specs, take(binaries, 'kubeadm'), options, signal);
  const contents = specs.map(({ name, files, layers: wanted, entrypoint }) => ({
    name,
    entrypoint,
    layers: wanted.map((layer) => layers.get(layer) ?? layer),
    files: Object.fromEntries(Object.entries(files).map(([to, binary]) => [to, take(binaries, binary).path])),
  }));
  const temporary = temporaryIn(folder, 'images');
  try {
    const bytes = await writeImageArchive(temporary, contents, platform, signal);
    renameSync(temporary, path);
    const megabytes = (bytes / 1e6).toFixed(0);
    removeOlder(folder, [path, ...[...layers.values()].map(dirname)]);
    report(`images: ${specs.length} in one archive of ${megabytes} MB, after ${formatDuration(since())}`);
    return { path, bytes, key, names, how: 'written' };
  } finally {
    rmSync(temporary, { force: true });
  }
}

function take(binaries: ReadonlyMap<string, EnsuredBinary>, name: string): EnsuredBinary {
  const binary = binaries.get(name);
  if (binary) return binary;
  throw new HarnessError('SQ_PARTS', `The images need ${name}, which was not among the parts asked for.`);
}

/** The layers that the node image holds ready, copied into the cache once for each node image. */
async function readLayers(
  specs: readonly ImageSpec[],
  { cacheFolder, nodeImage }: ImagesOptions,
  podman: Podman,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const wanted = [...new Set(specs.flatMap(({ layers }) => layers))];
  const folder = join(cacheFolder, 'images', `layers-${nodeImage.split(':').at(-1)}`);
  mkdirSync(folder, { recursive: true });
  const found = new Map<string, string>();
  for (const name of wanted) {
    const path = join(folder, name);
    found.set(name, path);
    if (existsSync(path)) continue;
    const temporary = temporaryIn(folder, name);
    const file = openSync(temporary, 'w');
    try {
      await podman.read(nodeImage, `${LAYERS_IN_NODE}/${name}`, file, signal);
      renameSync(temporary, path);
    } finally {
      closeSync(file);
      rmSync(temporary, { force: true });
    }
  }
  return found;
}

/** kubeadm knows best which images it will start; a name that differs would be looked for in a registry. */
async function compareWithKubeadm(
  specs: readonly ImageSpec[],
  kubeadm: EnsuredBinary,
  { clock }: ImagesOptions,
  signal: AbortSignal,
): Promise<void> {
  if (!runsHere(hostPlatform())) return;
  const argv = ['config', 'images', 'list', '--kubernetes-version', `v${kubeadm.version}`];
  const { code, lines } = await runProgram(kubeadm.path, argv, { limitMs: 30_000, clock }, signal);
  const asked = lines.filter((line) => /^\S+\/\S+:\S+$/.test(line));
  const lacks = asked.filter((name) => !specs.some((spec) => spec.name === name));
  if (code === 0 && asked.length > 0 && lacks.length === 0) return;
  throw new HarnessError(
    'SQ_PARTS',
    asked.length === 0
      ? `kubeadm ${kubeadm.version} does not say which images it starts: ${lines.slice(-2).join(' | ')}.`
      : `The lock lacks images that kubeadm ${kubeadm.version} starts: ${lacks.join(', ')}.`,
    { remedy: 'Write them into the lock file under these names.' },
  );
}

/** Removes all but the newest archive and layers beside those in use. */
function removeOlder(folder: string, inUse: readonly string[]): void {
  for (const kind of [/^images-[0-9a-f]+\.tar$/, /^layers-/]) {
    const older = readdirSync(folder)
      .filter((entry) => kind.test(entry))
      .map((entry) => join(folder, entry))
      .filter((path) => !inUse.includes(path))
      .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
    for (const path of older.slice(KEPT)) rmSync(path, { recursive: true });
  }
}
