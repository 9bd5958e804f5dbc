import { access, constants, mkdir, readFile, statfs } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { LabTools } from './lab-tools.ts';

/** Why the lab cannot be on this host, and what would change that. */
export interface Refusal {
  readonly reason: string;
  readonly remedy: string;
}

export interface HostFacts {
  readonly platform: string;
  /** undefined where there are no such numbers. */
  readonly user: number | undefined;
  /** Programs that are needed and were not found. */
  readonly lacks: readonly string[];
  /** Names of file systems that the kernel knows or can load. */
  readonly fileSystems: readonly string[];
  readonly loopDevices: boolean;
  readonly freeBytes: number;
  /** What the lab has on the disk already. */
  readonly heldBytes: number;
}

/** All that the lab ever takes: the disk of the nodes, binaries, images and what podman keeps. */
const MOST_BYTES = 25 * 1024 ** 3;

/** Binaries, images, a template and five nodes of an ordinary run; the rest of `MOST_BYTES` is room for long ones. */
const ENOUGH_BYTES = 8 * 1024 ** 3;

const PACKAGE_OF: Readonly<Record<string, string>> = {
  'mkfs.btrfs': 'btrfs-progs',
  btrfs: 'btrfs-progs',
  ip: 'iproute2',
  nsenter: 'util-linux',
  mount: 'mount',
  losetup: 'mount',
  podman: 'podman',
};

export async function hostFacts({ cacheFolder, disk }: LabTools): Promise<HostFacts> {
  const fileSystems = await readFile('/proc/filesystems', 'utf8').catch(() => '');
  await mkdir(cacheFolder, { recursive: true, mode: 0o700 });
  const { bavail, bsize } = await statfs(cacheFolder);
  const held = (await disk.attached()) ? await statfs(disk.folder) : undefined;
  const lacks = await Promise.all(
    Object.keys(PACKAGE_OF).map(async (program) => ((await isInstalled(program)) ? [] : [program])),
  );
  return {
    platform: process.platform,
    user: process.getuid?.(),
    lacks: lacks.flat(),
    fileSystems: fileSystems.split('\n').map((line) => line.split('\t').at(-1) ?? ''),
    loopDevices: await readable('/dev/loop-control'),
    freeBytes: bavail * bsize,
    heldBytes: held === undefined ? 0 : (held.blocks - held.bfree) * held.bsize,
  };
}

/** Everything that is in the way, at once. */
export function refusalsOf(facts: HostFacts): readonly Refusal[] {
  if (facts.platform !== 'linux')
    return [
      {
        reason: 'The reference lab runs on Linux only.',
        remedy: 'Use a Linux host, or `--lab rehearsal` on this one.',
      },
    ];
  const packages = [...new Set(facts.lacks.map((program) => PACKAGE_OF[program] ?? program))];
  const gib = (bytes: number): string => `${(bytes / 1024 ** 3).toFixed(1)} GB`;
  return [
    ...(facts.user === 0
      ? []
      : [
          {
            reason: 'Nodes, networks and mounts of the reference lab need root.',
            remedy: 'Run squall as root (sudo).',
          },
        ]),
    ...(packages.length === 0
      ? []
      : [
          {
            reason: `These programs are not installed: ${facts.lacks.join(', ')}.`,
            remedy: `Install them (Debian, Ubuntu: apt-get install ${packages.join(' ')}).`,
          },
        ]),
    ...['btrfs', 'overlay']
      .filter((name) => !facts.fileSystems.includes(name))
      .map((name) => ({
        reason: `The kernel of this host does not have the file system ${name}.`,
        remedy: `Load it (modprobe ${name}), or use a kernel that has it.`,
      })),
    ...(facts.loopDevices
      ? []
      : [{ reason: 'This host has no loop devices.', remedy: 'Load them (modprobe loop).' }]),
    ...(facts.freeBytes + facts.heldBytes >= ENOUGH_BYTES
      ? []
      : [
          {
            reason: `There are ${gib(facts.freeBytes)} free where the lab keeps its disk, which needs ${gib(ENOUGH_BYTES)} and may grow to ${gib(MOST_BYTES)} in all.`,
            remedy: 'Free some space, or set XDG_CACHE_HOME to a folder on a larger disk.',
          },
        ]),
  ];
}

async function isInstalled(program: string): Promise<boolean> {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  for (const folder of folders) if (await readable(join(folder, program), constants.X_OK)) return true;
  return false;
}

const readable = (path: string, mode = constants.R_OK): Promise<boolean> =>
  access(path, mode).then(
    () => true,
    () => false,
  );
