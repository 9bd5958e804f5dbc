import { chmodSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { HarnessError } from '../../model/errors.ts';
import { containerOf, LAB_LABEL, NODE_SHAPES } from './shape.ts';
import { MOUNTS, type NodeFile } from './render/node-files.ts';
import { noteThing } from './lab-record.ts';
import type { LabParts } from './lab-parts.ts';
import type { LabTools } from './lab-tools.ts';

export const volumeOf = (node: string): string => `nodes/${node}`;
const templateOf = (parts: LabParts): string => `templates/${parts.key}`;
export const snapshotOf = (key: string, node: string): string => `snapshots/${key}/${node}`;

/** What stands for a file server: one folder that several nodes see, kept in snapshots as their own volumes are. */
const SHARED = 'shared';
const VOLUMES: readonly string[] = [...NODE_SHAPES.map(({ name }) => name), SHARED];
export const VOLUME_NAMES: readonly string[] = VOLUMES.map((name) => `nodes/${name}`);

/** The folder of this host that a node's volume is. */
export const volumeFolder = (tools: LabTools, node: string): string =>
  join(tools.disk.folder, volumeOf(node));

/** The folder of this host that several nodes see at `SHARED_MOUNT`. */
export const sharedFolder = (tools: LabTools): string => volumeFolder(tools, SHARED);

/** Unpacks the images once; every node gets a snapshot of what comes of it. */
const UNPACK = `set -e
cp -a /var/. /volume/var/
mount --bind /volume/var /var
containerd --config /etc/containerd/config.toml >/volume/containerd.log 2>&1 &
tries=0
until ctr version >/dev/null 2>&1; do
  tries=$((tries + 1)); [ $tries -lt 100 ] || { cat /volume/containerd.log; exit 1; }; sleep 0.1
done
for archive in /images.tar /cloud.tar; do
  [ ! -e $archive ] || ctr --namespace k8s.io images import --local $archive >/dev/null
done
kill $!
wait $! || true
umount /var
rm -f /volume/containerd.log
`;

/** @returns false when a template of these parts was there already. */
export async function ensureTemplate(
  tools: LabTools,
  { id, parts }: { readonly id: string; readonly parts: LabParts },
  signal: AbortSignal,
): Promise<boolean> {
  const { disk, engine, folder } = tools;
  const name = templateOf(parts);
  if ((await disk.list('templates')).includes(parts.key)) return false;
  const unfinished = 'unfinished/template';
  await disk.remove(unfinished);
  await disk.create(unfinished);
  const volume = join(disk.folder, unfinished);
  mkdirSync(join(volume, 'var'));
  const container = containerOf('template');
  noteThing(folder, { kind: 'container', name: container });
  const { code, stdout, stderr } = await engine.job(
    {
      name: container,
      image: parts.nodeImage,
      labels: { [LAB_LABEL]: id },
      binds: [
        { from: volume, to: '/volume' },
        { from: parts.imageArchive, to: '/images.tar', readOnly: true },
        ...(parts.cloud === undefined
          ? []
          : [{ from: parts.cloud.imageArchive, to: '/cloud.tar', readOnly: true }]),
      ],
      command: ['/bin/sh', '-c', UNPACK],
      timeout: { ms: 300_000 },
    },
    signal,
  );
  if (code !== 0)
    throw new HarnessError('SQ_LAB', `The images could not be unpacked: ${stdout}${stderr}`.trim());
  // It has its name only when it is whole.
  await disk.rename(unfinished, name);
  return true;
}

/** Gives each node a volume of its own: from the template, or as it was when the snapshot was taken. */
export async function giveVolumes(
  tools: LabTools,
  from: { readonly parts: LabParts } | { readonly snapshot: string },
): Promise<void> {
  const { disk, folder } = tools;
  for (const name of VOLUMES) {
    noteThing(folder, { kind: 'volume', name: volumeOf(name) });
    await disk.remove(volumeOf(name));
    if ('snapshot' in from) await disk.snapshot(snapshotOf(from.snapshot, name), volumeOf(name));
    else if (name === SHARED) await disk.create(volumeOf(name));
    else await disk.snapshot(templateOf(from.parts), volumeOf(name));
    if (name === SHARED) continue;
    for (const mount of MOUNTS.filter(({ file }) => file === undefined))
      mkdirSync(join(volumeFolder(tools, name), mount.from), { recursive: true, mode: 0o755 });
  }
}

export function writeNodeFiles(volume: string, files: readonly NodeFile[]): void {
  for (const { path, text, mode } of files) {
    const file = join(volume, path);
    mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
    writeFileSync(file, text, { mode });
    // A file that was there keeps its mode when it is written.
    chmodSync(file, mode);
    if (path.startsWith('units/')) enable(volume, path.slice('units/'.length));
  }
  mkdirSync(join(volume, 'kubernetes', 'manifests'), { recursive: true });
}

function enable(volume: string, unit: string): void {
  const wants = join(volume, 'units', 'multi-user.target.wants');
  mkdirSync(wants, { recursive: true });
  if (!existsSync(join(wants, unit))) symlinkSync(`../${unit}`, join(wants, unit));
}

/** Copies of all volumes at one instant, which the caller has to make one. They have no name yet. */
export async function keepVolumes(tools: LabTools): Promise<void> {
  const { disk } = tools;
  for (const name of VOLUMES) {
    await disk.remove(`unfinished/${name}`);
    await disk.snapshot(volumeOf(name), `unfinished/${name}`);
  }
}

/** A snapshot is whole when its mark is there; it is written last. */
export const snapshotMark = (tools: LabTools, key: string): string =>
  join(tools.disk.folder, 'snapshots', key, 'whole.json');

export async function nameKeptVolumes(tools: LabTools, key: string, mark: object): Promise<void> {
  for (const name of VOLUMES) {
    await tools.disk.remove(snapshotOf(key, name));
    await tools.disk.rename(`unfinished/${name}`, snapshotOf(key, name));
  }
  writeFileSync(snapshotMark(tools, key), `${JSON.stringify(mark)}\n`, { mode: 0o600 });
}

/** Forgets snapshots and templates that nothing of today can use. */
export async function forgetOthers(
  tools: LabTools,
  keep: { readonly parts: string; readonly lab: string },
): Promise<void> {
  const { disk } = tools;
  for (const key of await disk.list('snapshots')) {
    if (key === keep.lab) continue;
    rmSync(snapshotMark(tools, key), { force: true });
    for (const name of await disk.list(join('snapshots', key))) await disk.remove(snapshotOf(key, name));
    rmSync(join(disk.folder, 'snapshots', key), { recursive: true, force: true });
  }
  for (const key of await disk.list('templates'))
    if (key !== keep.parts) await disk.remove(`templates/${key}`);
}
