import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Platform } from './lock.ts';
import { roomFor, roomOfTar, TarWriter } from './tar-writer.ts';
import type { Write } from './tar-writer.ts';

/** What one image is made of. */
export interface ImageContents {
  /** With its tag. */
  readonly name: string;
  /** Tars that become layers as they are, the lowest first. */
  readonly layers: readonly string[];
  /** Programs, by their absolute path in the image; one layer above the others. */
  readonly files: Readonly<Record<string, string>>;
  readonly entrypoint: readonly string[];
  /** What the entrypoint is given where a pod gives it nothing. Default: nothing. */
  readonly command?: readonly string[];
}

const SEARCH_PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Writes images into one archive as `podman save` and `docker save` do (`podman load`, `docker load` and
 * `ctr images import` read it). Equal contents give equal bytes.
 * @returns the size of the archive.
 * @throws the errors of reading and writing; the signal's reason. The file is not whole then.
 */
export async function writeImageArchive(
  path: string,
  images: readonly ImageContents[],
  platform: Platform,
  signal: AbortSignal,
): Promise<number> {
  const file = await open(path, 'w');
  try {
    let size = 0;
    const tar = new TarWriter(async (piece) => {
      signal.throwIfAborted();
      size += piece.length;
      await file.write(piece);
    });
    const manifest = [];
    for (const image of images) manifest.push(await writeImage(tar, image, platform));
    await writeJson(tar, 'manifest.json', manifest);
    await tar.end();
    return size;
  } finally {
    await file.close();
  }
}

async function writeImage(tar: TarWriter, image: ImageContents, platform: Platform): Promise<object> {
  const folder = createHash('sha256').update(image.name).digest('hex').slice(0, 12);
  const layers: string[] = [];
  const sums: string[] = [];
  const layer = async (bytes: number, contents: (write: Write) => Promise<void>): Promise<void> => {
    const name = `${folder}/${layers.length}.tar`;
    const hash = createHash('sha256');
    await tar.file(name, 0o644, bytes, (write) =>
      contents(async (piece) => {
        hash.update(piece);
        await write(piece);
      }),
    );
    layers.push(name);
    sums.push(`sha256:${hash.digest('hex')}`);
  };
  for (const path of image.layers) await layer(statSync(path).size, (write) => copy(path, write));
  if (Object.keys(image.files).length > 0) await writeFilesLayer(image.files, layer);
  const config = {
    architecture: platform.arch,
    os: platform.os,
    created: '1970-01-01T00:00:00Z',
    config: {
      Env: [SEARCH_PATH],
      Entrypoint: image.entrypoint,
      ...(image.command === undefined ? {} : { Cmd: image.command }),
      WorkingDir: '/',
    },
    rootfs: { type: 'layers', diff_ids: sums },
    history: sums.map(() => ({ created: '1970-01-01T00:00:00Z', created_by: 'squall' })),
  };
  const text = JSON.stringify(config);
  const configName = `${createHash('sha256').update(text).digest('hex')}.json`;
  await writeText(tar, configName, text);
  return { Config: configName, RepoTags: [image.name], Layers: layers };
}

/** Programs, the folders above them, and a place for temporary files. */
async function writeFilesLayer(
  files: Readonly<Record<string, string>>,
  layer: (bytes: number, contents: (write: Write) => Promise<void>) => Promise<void>,
): Promise<void> {
  const programs = Object.entries(files).map(([to, path]) => ({
    to: to.slice(1),
    path,
    bytes: statSync(path).size,
  }));
  const folders = [...new Set(programs.flatMap(({ to }) => foldersAbove(to)))].sort();
  const rooms = [
    ...folders.map(() => roomFor(0)),
    roomFor(0),
    ...programs.map(({ bytes }) => roomFor(bytes)),
  ];
  await layer(roomOfTar(rooms), async (write) => {
    const tar = new TarWriter(write);
    for (const folder of folders) await tar.directory(folder);
    await tar.directory('tmp', 0o1777);
    for (const { to, path, bytes } of programs) await tar.file(to, 0o755, bytes, (into) => copy(path, into));
    await tar.end();
  });
}

function foldersAbove(path: string): readonly string[] {
  const names = path.split('/').slice(0, -1);
  return names.map((_, index) => names.slice(0, index + 1).join('/'));
}

async function copy(path: string, write: Write): Promise<void> {
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 })) await write(piece as Buffer);
}

async function writeText(tar: TarWriter, name: string, text: string): Promise<void> {
  const bytes = Buffer.from(text);
  await tar.file(name, 0o644, bytes.length, (write) => write(bytes));
}

const writeJson = (tar: TarWriter, name: string, value: unknown): Promise<void> =>
  writeText(tar, name, JSON.stringify(value));
