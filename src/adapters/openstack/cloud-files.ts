import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { describeError, HarnessError } from '../../model/errors.ts';

export type Environment = Readonly<Record<string, string | undefined>>;
export type Tree = Readonly<Record<string, unknown>>;

/** What was found on disk, parsed and not yet understood. */
export interface CloudFiles {
  readonly clouds: Tree;
  readonly secure: Tree;
  readonly publicClouds: Tree;
  /** Where `clouds` came from; undefined when there is none. */
  readonly file: string | undefined;
  /** Files that are there and could not be used; they are passed over, as the OpenStack client does. */
  readonly warnings: readonly string[];
}

const ENDINGS = ['yaml', 'yml', 'json'] as const;

export const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const treeAt = (tree: Tree, key: string): Tree => {
  const value = tree[key];
  return isTree(value) ? value : {};
};

export const homeOf = (environment: Environment): string => environment['HOME'] || homedir();

/** Where a file of this name is looked for, in the order of openstacksdk. Of several site folders none is, for there it joins them to one. */
export function placesOf(name: string, environment: Environment, workingFolder: string): readonly string[] {
  const usual = join(homeOf(environment), '.config');
  const own = environment['XDG_CONFIG_HOME'] || usual;
  const real = environment['SNAP_REAL_HOME'];
  const site = environment['XDG_CONFIG_DIRS'] || '/etc/xdg';
  const folders = [own, real ? join(real, '.config') : usual, ...(site.includes(':') ? [] : [site]), '/etc'];
  const places = [workingFolder, ...folders.map((folder) => join(folder, 'openstack'))];
  return [...new Set(places)].flatMap((folder) => ENDINGS.map((ending) => join(folder, `${name}.${ending}`)));
}

type Reading = { readonly tree: Tree } | { readonly says: string } | 'absent';

async function readTree(file: string): Promise<Reading> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return 'absent';
    return { says: `${file} could not be read (${code ?? describeError(error)})` };
  }
  try {
    // Few aliases are enough for a list of clouds, and many make a small file expand without end. The version is PyYAML's: `no` is
    // false there, and a password of digits with a leading zero is another one.
    const how = { maxAliasCount: 100, prettyErrors: false, version: '1.1' } as const;
    const tree: unknown = file.endsWith('.json') ? JSON.parse(text) : parse(text, how);
    if (tree === null || tree === undefined) return { tree: {} };
    return isTree(tree) ? { tree } : { says: `${file} is not a mapping of keys to values` };
  } catch (error) {
    // A YAML error quotes nothing of the file here: its lines may hold passwords.
    const at = (error as { pos?: readonly number[] }).pos?.[0];
    const line = at === undefined ? '' : `, line ${text.slice(0, at).split('\n').length}`;
    return { says: `${file} is not valid YAML${line}` };
  }
}

/** The first file that can be used. */
async function firstOf(
  files: readonly string[],
): Promise<{ readonly tree: Tree; readonly file: string | undefined; readonly warnings: readonly string[] }> {
  const warnings: string[] = [];
  for (const file of files) {
    const reading = await readTree(file);
    if (reading === 'absent') continue;
    if ('tree' in reading) return { ...reading, file, warnings };
    warnings.push(reading.says);
  }
  return { tree: {}, file: undefined, warnings };
}

/**
 * Reads clouds.yaml, secure.yaml and clouds-public.yaml, each searched for by itself.
 * @param explicit a clouds.yaml that was named by the user or the lab: nothing else is taken in its place.
 * @throws SQ_CLOUDS_YAML when the one that was named is missing or cannot be used.
 */
export async function readCloudFiles(
  explicit: string | undefined,
  environment: Environment,
  workingFolder: string,
): Promise<CloudFiles> {
  const search = (name: string, variable?: string): readonly string[] => {
    const named = variable === undefined ? undefined : environment[variable];
    return [...(named ? [named] : []), ...placesOf(name, environment, workingFolder)];
  };
  const clouds =
    explicit === undefined ? await firstOf(search('clouds', 'OS_CLIENT_CONFIG_FILE')) : await named(explicit);
  const secure = await firstOf(search('secure', 'OS_CLIENT_SECURE_FILE'));
  const publicClouds = await firstOf(search('clouds-public'));
  return {
    clouds: clouds.tree,
    secure: secure.tree,
    publicClouds: publicClouds.tree,
    file: clouds.file,
    warnings: [...clouds.warnings, ...secure.warnings, ...publicClouds.warnings],
  };
}

async function named(file: string): ReturnType<typeof firstOf> {
  const reading = await readTree(file);
  if (reading !== 'absent' && 'tree' in reading) return { ...reading, file, warnings: [] };
  const says = reading === 'absent' ? `${file} does not exist` : reading.says;
  throw new HarnessError('SQ_CLOUDS_YAML', `The clouds.yaml that was named cannot be used: ${says}.`, {
    remedy: 'Check the path, its permissions and its YAML, or name another one with OS_CLIENT_CONFIG_FILE.',
    facts: { file },
  });
}
