import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { minutes, seconds } from '../../model/duration.ts';
import { HarnessError } from '../../model/errors.ts';
import type { CommandResult, RunCommand } from '../../ports/run-command.ts';
import { TEMPEST } from './tempest-version.ts';

export interface InstallOrder {
  /** Where it is kept; may be deleted at any time, and is made again then. */
  readonly cacheFolder: string;
  readonly runCommand: RunCommand;
  /** The Python to make the environment with. Default `python3`, then `python`. */
  readonly interpreter?: string;
}

export interface InstalledTempest {
  /** The interpreter of its virtual environment. */
  readonly python: string;
}

const { version, packages, leastPython } = TEMPEST;
const LEAST = leastPython.join('.');

/** On a slow line, with packages that are built. */
const INSTALLING = minutes(15);

const WITHOUT = 'Or run Squall’s own suites, which need none of this: leave out `--engine`.';

/**
 * The real Tempest in a virtual environment of its own: the one that an earlier call installed, or a new one. A new one counts
 * only when it is whole, so a call that was cut short leaves nothing that is believed, and two calls at once do not meet.
 * @throws SQ_ENGINE with what is missing, Python, venv, pip or the network, and what to do.
 */
export async function installTempest(
  order: InstallOrder,
  report: (says: string) => void,
  signal: AbortSignal,
): Promise<InstalledTempest> {
  const folder = join(order.cacheFolder, 'tempest');
  const pointer = join(folder, `${version}.json`);
  const earlier = await readPointer(pointer);
  if (earlier !== undefined && (await answers(earlier, order.runCommand, signal))) return earlier;
  const interpreter = await findPython(order, signal);
  await mkdir(folder, { recursive: true }).catch((cause: unknown) => {
    throw refusal(`The folder ${folder} cannot be written.`, 'Set XDG_CACHE_HOME to one that can.', cause);
  });
  const own = await mkdtemp(join(folder, `${version}-`));
  report(`Tempest ${version} is being installed from PyPI into ${own}, once.`);
  try {
    const python = await install(order, interpreter, own, report, signal);
    const half = `${own}.json`;
    await writeFile(half, JSON.stringify({ python }));
    await rename(half, pointer);
    return { python };
  } catch (error) {
    await rm(own, { recursive: true, force: true });
    throw error;
  }
}

async function readPointer(file: string): Promise<InstalledTempest | undefined> {
  try {
    const { python } = JSON.parse(await readFile(file, 'utf8')) as { python?: unknown };
    return typeof python === 'string' ? { python } : undefined;
  } catch {
    return undefined;
  }
}

/** A cache that was cleaned in part, or whose Python is gone, is no installation any more. */
async function answers({ python }: InstalledTempest, run: RunCommand, signal: AbortSignal): Promise<boolean> {
  const says =
    "import tempest.cmd.main, subunit, importlib.metadata as m; print('tempest', m.version('tempest'))";
  const { code, stdout } = await run(
    { program: python, arguments: ['-c', says], timeout: minutes(2) },
    signal,
  );
  return code === 0 && stdout.includes(`tempest ${version}`);
}

async function findPython({ runCommand, interpreter }: InstallOrder, signal: AbortSignal): Promise<string> {
  const seen: string[] = [];
  for (const program of interpreter === undefined ? ['python3', 'python'] : [interpreter]) {
    const asked = await runCommand(
      {
        program,
        arguments: ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'],
        timeout: seconds(30),
      },
      signal,
    );
    const [major = 0, minor = 0] = asked.stdout.trim().split('.').map(Number);
    if (asked.code === 0 && (major > leastPython[0] || (major === leastPython[0] && minor >= leastPython[1])))
      return program;
    seen.push(
      asked.code === 0
        ? `${program} is Python ${asked.stdout.trim()}`
        : `${program} is not there or does not start`,
    );
  }
  throw refusal(
    `Tempest ${version} needs Python ${LEAST} or newer: ${seen.join(', ')}.`,
    `Install Python ${LEAST} or newer with its venv module, or name one with --python. ${WITHOUT}`,
  );
}

async function install(
  { runCommand }: InstallOrder,
  interpreter: string,
  own: string,
  report: (says: string) => void,
  signal: AbortSignal,
): Promise<string> {
  const made = await runCommand(
    { program: interpreter, arguments: ['-m', 'venv', own], timeout: minutes(5) },
    signal,
  );
  if (made.code !== 0) {
    throw refusal(
      `${interpreter} could not make a virtual environment for Tempest: ${lastWords(made)}`,
      `Install the venv module of that Python (on Debian and Ubuntu the package python3-venv). ${WITHOUT}`,
    );
  }
  const python = join(own, 'bin', 'python');
  const installed = await runCommand(
    {
      program: python,
      arguments: ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input', ...packages],
      timeout: INSTALLING,
      onLine: (line) => {
        const name = /^Collecting ([\w.-]+)/.exec(line)?.[1];
        if (name !== undefined) report(`installing ${name} for Tempest`);
      },
    },
    signal,
  );
  if (installed.code === 0 && (await answers({ python }, runCommand, signal))) return python;
  const why =
    installed.code === 124 ? 'it took too long' : lastWords(installed) || 'it does not start afterwards';
  throw refusal(
    `pip could not install Tempest ${version}: ${why}`,
    `Let this machine reach PyPI or a mirror of it: pip takes PIP_INDEX_URL, HTTPS_PROXY and pip.conf. ${WITHOUT}`,
  );
}

/** pip says what is wrong last, and a warning about itself after it. */
function lastWords({ stdout, stderr }: CommandResult): string {
  const lines = `${stdout}\n${stderr}`
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^(WARNING|\[notice\])/.test(line));
  const errors = lines.filter((line) => /^(ERROR|error|Error)|No module named/.test(line));
  const last = (errors.length > 0 ? errors : lines).slice(-2).join(' ');
  // The address of an index may have a user and a password in it.
  return last.replaceAll(/\/\/[^/@\s]*@/g, '//***@');
}

const refusal = (message: string, remedy: string, cause?: unknown): HarnessError =>
  new HarnessError('SQ_ENGINE', message, { remedy, ...(cause === undefined ? {} : { cause }) });
