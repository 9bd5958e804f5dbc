import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ROOT = '/sys/fs/cgroup';

/** Processes, mounts, network and control group of their own, all of which end with one process; as root, on Linux. */
export interface StandIn {
  /** Runs a program in it, and throws when it fails. @returns what it wrote. */
  run(...command: readonly string[]): Promise<string>;
  /** A program that goes on there until the end of the stand-in. */
  start(...command: readonly string[]): ChildProcess;
  /** Everything in it is gone after that. */
  remove(): Promise<void>;
}

/** A file system in memory that may hold 64 MB is mounted there. */
export const SMALL_FOLDER = '/mnt';

/** What it may take of memory, in bytes. */
export const MEMORY_LIMIT = 256 * 1024 ** 2;

/** The group as the node would see it, whichever version of control groups the host has. */
const OPENING = `set -e
mount --make-rprivate /
mount -t tmpfs -o size=64m small ${SMALL_FOLDER}
if [ -e ${ROOT}/memory ]; then
  mount -t tmpfs groups ${ROOT}; mkdir ${ROOT}/memory; mount -t cgroup -o memory groups ${ROOT}/memory
else
  mount -t cgroup2 groups ${ROOT}
fi
echo open
exec sleep 600`;

export async function openStandIn(): Promise<StandIn> {
  const folders = groupFolders(`squall-stand-in-${process.pid}`);
  for (const folder of folders) mkdirSync(folder, { recursive: true });
  const removeGroups = async (): Promise<void> => {
    for (const folder of folders) await untilRemoved(folder);
  };
  const joining = folders.map((folder) => `echo $$ > ${join(folder, 'cgroup.procs')}`).join('; ');
  for (const folder of folders)
    for (const name of ['memory.limit_in_bytes', 'memory.max'])
      if (existsSync(join(folder, name))) writeFileSync(join(folder, name), String(MEMORY_LIMIT));
  // Whatever computes in it, others on this host hardly feel it.
  for (const folder of folders)
    for (const [name, weight] of [
      ['cpu.shares', 256],
      ['cpu.weight', 25],
    ] as const)
      if (existsSync(join(folder, name))) writeFileSync(join(folder, name), String(weight));
  const unsharing = 'exec unshare --cgroup --mount --net --pid --fork --kill-child --mount-proc';
  const keeper = spawn('/bin/sh', ['-ec', `${joining}; ${unsharing} /bin/sh -c "$0"`, OPENING], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [opened] = (await Promise.race([once(keeper.stdout, 'data'), once(keeper, 'exit')])) as unknown[];
  if (!String(opened).includes('open')) {
    await removeGroups();
    throw new Error('The stand-in of a node did not open.');
  }
  const { stdout } = await run('pgrep', ['--parent', String(keeper.pid)]);
  const target = stdout.trim().split('\n')[0] ?? '';
  const inside = (command: readonly string[]): readonly string[] => [
    '-ec',
    // Who enters is put into the group first: entering a namespace does not do it.
    `${joining}; exec nsenter --target ${target} --cgroup --mount --net --pid -- "$@"`,
    'sh',
    ...command,
  ];
  return {
    async run(...command) {
      return (await run('/bin/sh', inside(command), { timeout: 60_000 })).stdout;
    },
    start: (...command) => spawn('/bin/sh', inside(command), { stdio: ['pipe', 'pipe', 'inherit'] }),
    async remove() {
      keeper.kill('SIGKILL');
      await removeGroups();
    },
  };
}

const groupFolders = (name: string): readonly string[] =>
  existsSync(join(ROOT, 'cgroup.controllers'))
    ? [join(ROOT, name)]
    : ['memory', 'cpu'].map((controller) => join(ROOT, controller, name));

/** A group goes when the last of its processes has. */
async function untilRemoved(folder: string): Promise<void> {
  for (let tries = 0; existsSync(folder); tries++) {
    try {
      rmdirSync(folder);
    } catch (error) {
      if (tries === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
