import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { entryPath } from '../adapters/system/entry-path.ts';
import { createLaneLauncher } from '../adapters/system/lane-processes.ts';
import { birthOf } from '../adapters/system/process-birth.ts';
import { createProberLauncher } from '../adapters/system/prober-process.ts';
import { createReaperLauncher } from '../adapters/system/reaper-process.ts';
import { RunFolderOnDisk } from '../adapters/system/run-folder-on-disk.ts';
import { createStateFolder } from '../adapters/system/state-folder.ts';
import { createSystemChance } from '../adapters/system/system-chance.ts';
import { createSystemClock } from '../adapters/system/system-clock.ts';
import type { SuiteFile } from '../model/conformance.ts';
import type { Lab } from '../ports/lab.ts';
import type { Progress } from '../ports/progress.ts';
import type { RunFolder } from '../ports/run-folder.ts';
import type { Self, World } from '../run/world.ts';
import { connect } from './connect.ts';
import { faultsWithFailpoint } from './failpoints.ts';
import { isRunning } from './is-running.ts';
import { createLab } from './labs.ts';
import { ownCommandLine } from './own-command-line.ts';
import { findOwnPlace } from './own-place.ts';
import { packageFolder, stateFolder } from './places.ts';
import { openRunIndex, runFoldersIn } from './run-index.ts';
import type { Settings } from './settings.ts';
import { readSuiteDurations } from './suite-durations.ts';

/** A lab, and the parts of this machine that commands need on it, apart from a run folder. */
export interface OpenedLab {
  readonly lab: Lab;
  readonly base: Pick<
    World,
    'clock' | 'chance' | 'state' | 'prober' | 'reaper' | 'connect' | 'isRunning' | 'self' | 'faults'
  >;
}

export async function openLab(settings: Settings): Promise<OpenedLab> {
  const clock = createSystemClock();
  const chance = createSystemChance();
  const faults = faultsWithFailpoint(stateFolder(process.env));
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
      prober: createProberLauncher({ entryPath, clock }),
      reaper: createReaperLauncher({ entryPath }),
      connect: (connection) => connect(connection, clock),
      isRunning,
      self: await describeSelf(),
      ...(faults === undefined ? {} : { faults }),
    },
  };
}

export interface RunParts {
  readonly id: string;
  /** Default: named after the run, below the output folder. */
  readonly folder?: string;
  readonly suites: readonly SuiteFile[];
  /** Options of Node without which the suites do not load. */
  readonly loaders: readonly string[];
  readonly progress: (folder: RunFolder) => Progress;
}

export async function composeWorld(
  settings: Settings,
  parts: RunParts,
  { lab, base }: OpenedLab,
): Promise<World> {
  const folder = new RunFolderOnDisk(parts.folder ?? join(settings.outputDir, parts.id));
  return {
    ...base,
    lab,
    folder,
    suites: parts.suites,
    beside: {
      folders: () => runFoldersIn(settings.outputDir),
      index: openRunIndex(settings.outputDir),
    },
    lanes: createLaneLauncher(entryPath('lane'), parts.loaders),
    durations: await readSuiteDurations(lab.name),
    progress: parts.progress(folder),
  };
}

async function describeSelf(): Promise<Self> {
  const { version } = JSON.parse(await readFile(join(packageFolder(), 'package.json'), 'utf8')) as {
    version: string;
  };
  const commit = await ownCommit();
  const birth = birthOf(process.pid);
  return {
    version,
    ...(commit === undefined ? {} : { commit }),
    node: process.version,
    host: hostname(),
    pid: process.pid,
    ...(birth === undefined ? {} : { birth }),
    commandLine: ownCommandLine(process.argv.slice(2)),
    place: await findOwnPlace(process.env),
  };
}

/** undefined where this package lies in no checkout of its own, such as the `node_modules` of somebody else's. */
async function ownCommit(): Promise<string | undefined> {
  if (!existsSync(join(packageFolder(), '.git'))) return undefined;
  return promisify(execFile)('git', ['-C', packageFolder(), 'rev-parse', 'HEAD'])
    .then(({ stdout }) => stdout.trim())
    .catch(() => undefined);
}
