import { mkdir, open, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { RunCommand } from '../../ports/run-command.ts';
import { mustRun } from './must-run.ts';

/**
 * One sparse file with a btrfs in it, mounted through a loop device: what is written once in it can be given to many, by
 * snapshots that take no time and no space.
 */
export interface VolumeDisk {
  /** Makes the file where it is not there yet, and mounts it. A file that cannot be mounted is made anew. */
  attach(signal?: AbortSignal): Promise<void>;
  /**
   * Also when it was mounted by a process that is gone, is mounted several times, or when what is mounted there is a file that lies
   * elsewhere, as with another cache folder; does nothing when nothing is.
   */
  detach(): Promise<void>;
  attached(): Promise<boolean>;
  /** Where it is mounted. */
  readonly folder: string;
  /** Names of subvolumes whose path begins so, such as `nodes/`. */
  list(below: string): Promise<readonly string[]>;
  create(name: string): Promise<void>;
  snapshot(from: string, to: string): Promise<void>;
  /** Does nothing when it is not there. */
  remove(name: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
}

export interface VolumeDiskOptions {
  readonly file: string;
  readonly folder: string;
  /** How large it may grow; the file takes what is written only. */
  readonly bytes: number;
}

/** The data survive the end of a process, not of the host: what is in there can be made again. */
const MOUNT_OPTIONS = 'loop,noatime,nobarrier,commit=120';

export function createVolumeDisk(run: RunCommand, options: VolumeDiskOptions): VolumeDisk {
  const { file, folder } = options;
  const at = (name: string): string => join(folder, name);
  /** What is mounted on the folder, and these devices. */
  const detach = async (devices: readonly string[]): Promise<void> => {
    const ours = [...devices];
    for (const mounted of await mounts()) {
      if (mounted.folder !== folder && !ours.includes(mounted.device)) continue;
      await mustRun(run, 'umount', [mounted.folder]);
      ours.push(mounted.device);
    }
    // A device whose file is mounted nowhere is left only when a mount was cut off in the middle.
    for (const device of await stillBacked(ours))
      await run({ program: 'losetup', arguments: ['-d', device] });
  };
  return {
    folder,
    attached: async () => (await mounts()).some((mounted) => mounted.folder === folder),
    async attach(signal) {
      if ((await mountsOf(file)).some((mounted) => mounted.folder === folder)) return;
      // Of another file: mounted over, it would stay when ours is detached.
      await detach([]);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      if (!(await exists(file))) await make(run, options, signal);
      await mount(run, options, signal).catch(async () => {
        // It holds nothing that cannot be made again, and a torn one would stay torn.
        await rm(file, { force: true });
        await make(run, options, signal);
        await mount(run, options, signal);
      });
    },
    detach: async () => detach(await loopDevicesOf(file)),
    async list(below) {
      const names = await readdir(at(below)).catch(() => []);
      return names.sort();
    },
    async create(name) {
      await mkdir(dirname(at(name)), { recursive: true, mode: 0o700 });
      await mustRun(run, 'btrfs', ['subvolume', 'create', at(name)]);
    },
    async snapshot(from, to) {
      await mkdir(dirname(at(to)), { recursive: true, mode: 0o700 });
      await mustRun(run, 'btrfs', ['subvolume', 'snapshot', at(from), at(to)]);
    },
    async remove(name) {
      if (await exists(at(name))) await mustRun(run, 'btrfs', ['subvolume', 'delete', at(name)]);
    },
    async rename(from, to) {
      await mkdir(dirname(at(to)), { recursive: true, mode: 0o700 });
      await rename(at(from), at(to));
    },
  };
}

async function make(
  run: RunCommand,
  { file, bytes }: VolumeDiskOptions,
  signal?: AbortSignal,
): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const part = `${file}.part`;
  const handle = await open(part, 'w', 0o600);
  await handle.truncate(bytes);
  await handle.close();
  await mustRun(run, 'mkfs.btrfs', ['--quiet', '--force', '--label', 'squall', part], {}, signal);
  // It has its name only when it is whole.
  await rename(part, file);
}

async function mount(
  run: RunCommand,
  { file, folder }: VolumeDiskOptions,
  signal?: AbortSignal,
): Promise<void> {
  await mustRun(run, 'mount', ['-t', 'btrfs', '-o', MOUNT_OPTIONS, file, folder], {}, signal);
}

interface Mounted {
  readonly device: string;
  readonly folder: string;
}

/** Everything that is mounted on this host, last one first. */
async function mounts(): Promise<readonly Mounted[]> {
  const lines = (await readFile('/proc/self/mounts', 'utf8')).split('\n');
  return lines
    .map((line) => line.split(' '))
    .map(([device = '', folder = '']) => ({ device, folder: folder.replaceAll('\\040', ' ') }))
    .reverse();
}

async function mountsOf(file: string): Promise<readonly Mounted[]> {
  const devices = await loopDevicesOf(file);
  return (await mounts()).filter(({ device }) => devices.includes(device));
}

async function loopDevicesOf(file: string): Promise<readonly string[]> {
  // The kernel says `(deleted)` of a file that has lost its name.
  return (await loopDevices())
    .filter((loop) => loop.file.trim().replace(/ \(deleted\)$/, '') === file)
    .map(({ device }) => device);
}

/** Those of these loop devices that stand for a file; most give it back with their last mount. */
async function stillBacked(devices: readonly string[]): Promise<readonly string[]> {
  return (await loopDevices())
    .filter(({ device, file }) => file !== '' && devices.includes(device))
    .map(({ device }) => device);
}

async function loopDevices(): Promise<readonly { readonly device: string; readonly file: string }[]> {
  const names = await readdir('/sys/block').catch(() => []);
  return Promise.all(
    names
      .filter((name) => name.startsWith('loop'))
      .map(async (name) => ({
        device: `/dev/${name}`,
        file: await readFile(`/sys/block/${name}/loop/backing_file`, 'utf8').catch(() => ''),
      })),
  );
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
