import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { entryPath } from '../adapters/system/entry-path.ts';
import { createLaneLauncher } from '../adapters/system/lane-processes.ts';
import { createProberLauncher } from '../adapters/system/prober-thread.ts';
import { createReaperLauncher } from '../adapters/system/reaper-process.ts';
import { RunFolderOnDisk } from '../adapters/system/run-folder-on-disk.ts';
import { createStateFolder } from '../adapters/system/state-folder.ts';
import { createSystemChance } from '../adapters/system/system-chance.ts';
import { createSystemClock } from '../adapters/system/system-clock.ts';
import type { SuiteFile } from '../model/conformance.ts';
import type { Lab } from '../ports/lab.ts';
import type { Progress } from '../ports/progress.ts';
import type { Self, World } from '../run/world.ts';
import { connect } from './connect.ts';
import { createLab } from './labs.ts';
import { packageFolder, stateFolder } from './places.ts';
import type { Settings } from './settings.ts';

/** The parts of this machine and this lab that commands need, apart from a run folder. */
export async function openLab(
  settings: Settings,
): Promise<{ readonly lab: Lab; readonly base: Omit<World, 'folder' | 'progress' | 'suites' | 'lab'> }> {
  const clock = createSystemClock();
  const chance = createSystemChance();
  const { kubeconfig, context, osCloud } = settings;
  const lab = await createLab(settings.lab, {
    clock,
    chance,
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
    ...(osCloud === undefined ? {} : { osCloud }),
  });
  return {
    lab,
    base: {
      clock,
      chance,
      state: createStateFolder(stateFolder(process.env)),
      lanes: createLaneLauncher(entryPath('lane')),
      prober: createProberLauncher({ entryPath, clock }),
      reaper: createReaperLauncher({ entryPath }),
      connect: (connection) => connect(connection, clock),
      self: await describeSelf(),
    },
  };
}

export async function composeWorld(
  settings: Settings,
  run: {
    readonly id: string;
    readonly suites: readonly SuiteFile[];
    readonly progress: (folder: World['folder']) => Progress;
  },
  opened: Awaited<ReturnType<typeof openLab>>,
): Promise<World> {
  const folder = new RunFolderOnDisk(join(settings.outputDir, run.id));
  return { ...opened.base, lab: opened.lab, folder, suites: run.suites, progress: run.progress(folder) };
}

async function describeSelf(): Promise<Self> {
  const { version } = JSON.parse(await readFile(join(packageFolder(), 'package.json'), 'utf8')) as {
    version: string;
  };
  const commit = await promisify(execFile)('git', ['-C', packageFolder(), 'rev-parse', 'HEAD'])
    .then(({ stdout }) => stdout.trim())
    .catch(() => undefined);
  return {
    version,
    ...(commit === undefined ? {} : { commit }),
    node: process.version,
    host: hostname(),
    pid: process.pid,
    commandLine: ['squall', ...process.argv.slice(2)],
  };
}
