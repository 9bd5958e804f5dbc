import { spawn } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { holdingPlan } from '../../test/cli/holding-plan.ts';
import { ownHome } from '../../test/cli/own-home.ts';
import { call } from '../samples-query/python.ts';

/** Where one system runs: a project that depends on Squall, with a home of its own. */
export interface Place {
  readonly home: string;
  readonly project: string;
  /** Below the project, where every definition lets it lie. */
  readonly reports: string;
  readonly environment: Readonly<Record<string, string>>;
  /** How the command line was called so far, and how it ended. */
  calls(): readonly Call[];
  forget(): void;
}

export interface Call {
  readonly code: number;
  readonly args: string;
}

export const COMMIT = '0123456789abcdef0123456789abcdef01234567';

const script = (path: string, text: string): void => {
  writeFileSync(path, `#!/bin/sh\n${text}`);
  chmodSync(path, 0o755);
};

/**
 * A project with Squall as a dependency, as its package is. `npm ci` is npm's, and after the first time what it installed is kept.
 * The command is Squall's, and each call of it is written down.
 * @param archive what `npm pack` made.
 * @param behind each call of the command line is put behind it.
 */
export function layOut(folder: string, archive: string, behind: string): Place {
  const home = resolve(folder);
  const project = join(home, 'src', 'project');
  const calls = join(home, 'calls');
  for (const each of ['bin', 'src/project']) mkdirSync(join(home, each), { recursive: true });
  const environment = {
    ...ownHome(home),
    PATH: `${home}/bin:${process.env['PATH'] ?? ''}`,
    CI: 'true',
    npm_config_cache: call('npm', ['config', 'get', 'cache']).trim(),
    npm_config_prefer_offline: 'true',
  };
  const dependencies = { squall: `file:${archive}` };
  const manifest = JSON.stringify({ private: true, dependencies });
  if (
    !existsSync(join(project, 'package.json')) ||
    readFileSync(join(project, 'package.json'), 'utf8') !== manifest
  ) {
    rmSync(project, { recursive: true });
    mkdirSync(project);
    writeFileSync(join(project, 'package.json'), manifest);
    call(
      'npm',
      ['install', '--package-lock-only', '--no-audit', '--no-fund', '--prefix', project],
      environment,
    );
  }
  makeRepository(project, environment);
  writeStandIns(home, project, calls, behind);
  const place = {
    home,
    project,
    reports: join(project, 'squall-reports'),
    environment,
    calls: () =>
      (existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n') : [])
        .filter((line) => line !== '')
        .map((line) => ({ code: parseInt(line, 10), args: line.slice(line.indexOf(' ') + 1) })),
    forget: () => rmSync(calls, { force: true }),
  };
  return place;
}

/** Each system looks for the repository that the project is in, and this checkout is not it. */
function makeRepository(project: string, environment: NodeJS.ProcessEnv): void {
  if (existsSync(join(project, '.git'))) return;
  const author = ['-c', 'user.name=a', '-c', 'user.email=a@example.org'];
  for (const args of [
    ['init', '--quiet'],
    ['remote', 'add', 'origin', 'git@gitlab.example.org:group/project.git'],
    [...author, 'commit', '--quiet', '--allow-empty', '--message', 'a change'],
  ])
    call('git', ['-C', project, ...args], environment);
}

function writeStandIns(home: string, project: string, calls: string, behind: string): void {
  const npm = call('sh', ['-c', 'command -v npm']).trim();
  const installed = join(project, 'node_modules', 'squall', 'dist', 'cli', 'squall.mjs');
  script(
    join(home, 'recorder'),
    `${behind} '${process.execPath}' '${installed}' "$@"\ncode=$?\necho "$code $*" >> '${calls}'\nexit $code\n`,
  );
  script(
    join(home, 'bin', 'npm'),
    `[ "$1" = ci ] || exec '${npm}' "$@"
[ -e node_modules/.kept ] || '${npm}' "$@" || exit
rm -f node_modules/.bin/squall
cp '${home}/recorder' node_modules/.bin/squall
touch node_modules/.kept
`,
  );
}

/** Runs a program to its end in the project, and keeps what it said. */
export async function runIn(
  place: Place,
  program: string,
  args: readonly string[],
  {
    cwd = place.project,
    more = {},
  }: { readonly cwd?: string; readonly more?: Readonly<Record<string, string>> } = {},
): Promise<{ readonly code: number; readonly says: string }> {
  const child = spawn(program, args, {
    cwd,
    env: { ...place.environment, ...more },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let says = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (says += text));
  const code = await new Promise<number>((done, fail) => {
    child.on('error', fail).on('close', (ended) => done(ended ?? -1));
  });
  appendFileSync(join(place.home, 'said'), `$ ${program} ${args.join(' ')}\n${says}\nended with ${code}\n`);
  return { code, says };
}

/** Somebody beside the pipeline, on the same machine. */
export const besideIt = async (place: Place, args: readonly string[]): Promise<number> =>
  (await runIn(place, process.execPath, [programOf(place), ...args])).code;

const programOf = ({ project }: Place): string =>
  join(project, 'node_modules', 'squall', 'dist', 'cli', 'squall.mjs');

/** Waits until a program says a line, and kills it with what it started in its group. */
export async function killWhen(
  place: Place,
  program: string,
  args: readonly string[],
  says: RegExp,
  kill: (pid: number) => void,
): Promise<void> {
  const child = spawn(program, args, {
    cwd: place.project,
    env: place.environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  let sent = false;
  const listen = (text: Buffer): void => {
    said += String(text);
    if (sent || !says.test(said) || child.pid === undefined) return;
    sent = true;
    kill(child.pid);
  };
  child.stdout.on('data', listen);
  child.stderr.on('data', listen);
  await new Promise((done) => child.on('close', done));
  if (!sent) throw new Error(`it ended before it was killed:\n${said.slice(-800)}`);
}

/** A run of somebody before, which was killed while it held a node without power. */
export async function leavePowerOff(place: Place): Promise<void> {
  const plan = join(place.home, 'holding.yaml');
  writeFileSync(plan, holdingPlan('10m'));
  const output = join(place.home, 'killed-reports');
  await killWhen(
    place,
    process.execPath,
    [programOf(place), 'run', plan, '--output-dir', output],
    /fault hold holding/,
    (pid) => process.kill(pid, 'SIGKILL'),
  );
  rmSync(output, { recursive: true, force: true });
}
