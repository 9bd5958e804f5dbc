import { HarnessError } from '../../model/errors.ts';
import { isTree, treeAt } from './cloud-files.ts';
import type { CloudFiles, Environment, Tree } from './cloud-files.ts';

const SELECTORS = [
  'OS_CLOUD',
  'OS_REGION_NAME',
  'OS_CLIENT_CONFIG_FILE',
  'OS_CLIENT_SECURE_FILE',
  'OS_CLOUD_NAME',
];
const OTHER_USERS = ['OS_TEST', 'OS_STD', 'OS_LOG'];

export const refuse = (message: string, remedy?: string): HarnessError =>
  new HarnessError('SQ_CLOUDS_YAML', message, remedy === undefined ? {} : { remedy });

/** One entry, as it was written; its values are not understood yet. */
export interface ChosenCloud {
  readonly name: string;
  readonly cloud: Tree;
  /** What its `profile` names, out of clouds-public.yaml; empty when there is none. */
  readonly profile: Tree;
  /** For messages: where it was found. */
  readonly where: string;
}

/** `over` wins; mappings are merged key by key, however deep. */
export function merged(under: Tree, over: Tree): Tree {
  const result: Record<string, unknown> = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const below = result[key];
    result[key] = isTree(below) && isTree(value) ? merged(below, value) : value;
  }
  return result;
}

/** The cloud that the environment describes by itself; undefined when nothing but selectors is set. */
function fromEnvironment(environment: Environment): Tree | undefined {
  const entries = Object.entries(environment).filter(
    ([name, value]) =>
      name.startsWith('OS_') && value !== undefined && !OTHER_USERS.some((prefix) => name.startsWith(prefix)),
  );
  if (entries.every(([name]) => SELECTORS.includes(name))) return undefined;
  return Object.fromEntries(entries.map(([name, value]) => [name.slice(3).toLowerCase(), value]));
}

/**
 * Picks one cloud: the one that is named, then OS_CLOUD, then the OS_* variables as a cloud of their own, then the only one.
 * @param wanted the cloud that the user named.
 * @throws SQ_CLOUDS_YAML when there is none of that name, or several and no choice.
 */
export function chooseCloud(files: CloudFiles, environment: Environment, wanted?: string): ChosenCloud {
  const clouds = treeAt(merged(files.clouds, files.secure), 'clouds');
  const ofVariables = environment['OS_CLOUD_NAME'] ?? 'envvars';
  if (ofVariables in clouds) {
    throw refuse(
      `The name "${ofVariables}" belongs to the cloud that OS_* variables make, and ${files.file ?? 'a file'} has a cloud of that name too.`,
      'Rename the one in the file, or give that of the variables another name with OS_CLOUD_NAME.',
    );
  }
  const variables = fromEnvironment(environment);
  const all: Tree = variables === undefined ? clouds : { ...clouds, [ofVariables]: variables };
  const named = wanted ?? (environment['OS_CLOUD'] || undefined);
  const name = named ?? (variables === undefined ? theOnly(all, files) : ofVariables);
  const cloud = all[name];
  const where = name === ofVariables ? 'the OS_* variables' : (files.file ?? 'no clouds.yaml');
  if (!isTree(cloud)) throw unknownCloud(name, Object.keys(all), files);
  return { name, cloud, profile: profileOf(cloud, files, ofVariables), where };
}

const passedOver = ({ warnings }: CloudFiles): string =>
  warnings.length === 0 ? '' : ` (${warnings.join('; ')})`;

function unknownCloud(name: string, names: readonly string[], files: CloudFiles): HarnessError {
  const where = files.file === undefined ? ', and no clouds.yaml was found' : ` in ${files.file}`;
  const known = names.length === 0 ? '' : `: there are ${names.join(', ')}`;
  const says = `There is no cloud "${name}"${where}${known}`;
  return refuse(`${says}${passedOver(files)}.`);
}

function theOnly(clouds: Tree, files: CloudFiles): string {
  const [only, ...others] = Object.keys(clouds);
  if (only === undefined) {
    const says = 'No cloud was found: there is neither a clouds.yaml with clouds nor an OS_* variable';
    throw refuse(`${says}${passedOver(files)}.`);
  }
  if (others.length === 0) return only;
  throw refuse(
    `${files.file ?? 'no clouds.yaml'} has several clouds and none was chosen: ${[only, ...others].join(', ')}.`,
    'Give `--os-cloud` or set OS_CLOUD.',
  );
}

/** `cloud` is the old word for `profile`; with the variables it may also be the name of the cloud itself. */
function profileOf(cloud: Tree, files: CloudFiles, ofVariables: string): Tree {
  const name = cloud['profile'] ?? cloud['cloud'];
  if (typeof name !== 'string' || name === ofVariables) return {};
  return treeAt(treeAt(files.publicClouds, 'public-clouds'), name);
}
