import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SuiteFile } from '../model/conformance.ts';

/** Where this package lies, whether it runs compiled from `dist` or as TypeScript. */
export function packageFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** What must survive us: `$XDG_STATE_HOME/squall`, by default `~/.local/state/squall`. */
export function stateFolder(environment: Environment): string {
  return join(environment.XDG_STATE_HOME ?? join(homedir(), '.local', 'state'), 'squall');
}

/** What may be deleted at any time: `$XDG_CACHE_HOME/squall`, by default `~/.cache/squall`. */
export function cacheFolder(environment: Environment): string {
  return join(environment.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'squall');
}

/** The user's settings: `$XDG_CONFIG_HOME/squall/config.yaml`, by default `~/.config/squall/config.yaml`. */
export function configurationFile(environment: Environment): string {
  return join(environment.XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'squall', 'config.yaml');
}

/** The suites that come with Squall: compiled ones beside compiled sources, TypeScript beside TypeScript. */
export function bundledSuites(): readonly SuiteFile[] {
  const compiled = !import.meta.url.endsWith('.ts');
  const folder = compiled ? join(packageFolder(), 'dist', 'suites') : join(packageFolder(), 'suites');
  const ending = compiled ? '.suite.js' : '.suite.ts';
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => ({ name: name.slice(0, -ending.length).split(sep).join('/'), path: join(folder, name) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

export interface BundledPlan {
  readonly name: string;
  readonly path: string;
}

/** Plans, and those of the pipelines, which say what is run on which occasion. */
const PLAN_FOLDERS = ['chaos-plans', 'pipelines'];

/** The plans that come with Squall. */
export function bundledPlans(): readonly BundledPlan[] {
  return PLAN_FOLDERS.map((name) => join(packageFolder(), name))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .filter((path) => path.endsWith('.yaml'))
    .map((path) => ({ name: basename(path, '.yaml'), path }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Shorter for people where it lies below the working folder. */
export function showPath(path: string, workingFolder: string): string {
  const below = relative(workingFolder, path);
  return below === '' || below.startsWith('..') ? path : below;
}
