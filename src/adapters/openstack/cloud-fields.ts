import { isTree, treeAt } from './cloud-files.ts';
import type { Environment, Tree } from './cloud-files.ts';
import { refuse } from './choose-cloud.ts';
import type { ChosenCloud } from './choose-cloud.ts';
import { scalarText } from '../../model/scalar-text.ts';

type Fields = Record<string, unknown>;

/** What openstacksdk puts below everything; their places in the order of keys decide between old names and new ones. */
const DEFAULTS: Tree = { verify: true, auth_type: 'password', interface: 'public' };

/** The words of Keystone's third version by every name that they have had; the last that is set counts, above `auth` before in it. */
const RENAMED: Readonly<Record<string, readonly string[]>> = {
  domain_id: ['domain_id', 'domain-id'],
  domain_name: ['domain_name', 'domain-name'],
  user_domain_id: ['user_domain_id', 'user-domain-id'],
  user_domain_name: ['user_domain_name', 'user-domain-name'],
  project_domain_id: ['project_domain_id', 'project-domain-id'],
  project_domain_name: ['project_domain_name', 'project-domain-name'],
  token: ['auth-token', 'auth_token', 'token'],
  project_id: ['tenant_id', 'tenant-id', 'project_id', 'project-id'],
  project_name: ['tenant_name', 'tenant-name', 'project_name', 'project-name'],
};

/**
 * The values of one cloud under their names of today, with profile, region and defaults laid under or over each other as
 * openstacksdk does it (`OpenStackConfig.get_one` of 4.22).
 * @throws SQ_CLOUDS_YAML for a region that the cloud does not have.
 */
export function cloudFields(chosen: ChosenCloud, environment: Environment): Tree {
  const base: Fields = { ...DEFAULTS, auth: {} };
  for (const layer of [chosen.profile, chosen.cloud]) layOver(base, layer);
  delete base['cloud'];
  delete base['regions'];
  const region = regionOf(chosen, environment['OS_REGION_NAME'] ?? '');
  layOver(base, region.values);
  base['region_name'] = region.name;
  const fixed = fixInterface(fixAuth(fixAuthType(fixTimeout(base))));
  fixDomains(fixed);
  const auth = fixed['auth'] as Fields;
  if (typeof auth['auth_url'] === 'string') auth['auth_url'] = filled(auth['auth_url'], fixed);
  return normalized(fixed);
}

/** As a whole but for `auth`, whose keys are merged. */
function layOver(base: Fields, layer: Tree): void {
  for (const [key, value] of Object.entries(layer)) {
    if (value === null || value === undefined) continue;
    base[key] = key === 'auth' && isTree(value) ? { ...treeAt(base, 'auth'), ...value } : value;
  }
}

interface Region {
  readonly name: string;
  readonly values: Tree;
}

function regionOf({ name: cloud, cloud: own, profile }: ChosenCloud, wanted: string): Region {
  const known = knownRegions(normalized(own), profile, cloud);
  const [first] = known;
  if (first === undefined) return { name: wanted, values: {} };
  const found = wanted === '' ? first : known.find(({ name }) => name === wanted);
  if (found !== undefined) return found;
  const names = known.map(({ name }) => name).join(', ');
  throw refuse(`Cloud "${cloud}" has no region "${wanted}": there are ${names}. Their case counts.`);
}

/** Of the cloud, or else of its profile; a comma list in `region_name` is the deprecated way to write `regions`. */
function knownRegions(own: Tree, profile: Tree, cloud: string): readonly Region[] {
  if (own['regions'] !== undefined) return regionsOf(own['regions'], cloud);
  const { region_name: named } = own;
  if (named !== undefined) return regionsOf(typeof named === 'string' ? named.split(',') : named, cloud);
  if (profile['regions'] !== undefined) return regionsOf(profile['regions'], cloud);
  return typeof profile['region_name'] === 'string' ? [{ name: profile['region_name'], values: {} }] : [];
}

function regionsOf(listed: unknown, cloud: string): readonly Region[] {
  if (!Array.isArray(listed)) throw refuse(`The regions of cloud "${cloud}" are not a list.`);
  return listed.map((one: unknown) => {
    if (!isTree(one)) return { name: scalarText(one), values: {} };
    if (typeof one['name'] !== 'string')
      throw refuse(`A region of cloud "${cloud}" is a mapping without a name.`);
    return { name: one['name'], values: treeAt(one, 'values') };
  });
}

/** There is one timeout for all services, and any of them may set it. */
function fixTimeout(fields: Fields): Fields {
  const others = Object.keys(fields).filter(
    (key) => key.endsWith('timeout') && key !== 'timeout' && key !== 'api_timeout',
  );
  const last = others.at(-1);
  if (last === undefined) return fields;
  const kept = Object.entries(fields).filter(([key]) => !others.includes(key));
  return { ...Object.fromEntries(kept), api_timeout: fields[last] };
}

/** A plugin by its old name never counts: the new name has a default. */
function fixAuthType({ auth_plugin: _old, auth_type: type, ...others }: Fields): Fields {
  return { ...others, auth_type: type };
}

function fixAuth(fields: Fields): Fields {
  const rest = { ...fields };
  const auth: Fields = { ...treeAt(fields, 'auth') };
  for (const [name, names] of Object.entries(RENAMED)) {
    let value: unknown;
    for (const key of names)
      for (const source of [auth, rest]) {
        value = source[key] ?? value;
        delete source[key];
      }
    const text = scalarText(value);
    if (text !== '') auth[name] = text;
  }
  return { ...rest, auth };
}

/** The old word ends the keys of single services too; of two that say the same, the later one counts. */
function fixInterface(fields: Fields): Fields {
  const renamed: Fields = {};
  for (const [key, value] of Object.entries(fields))
    renamed[key.replace(/endpoint_type$/, 'interface')] = value;
  return renamed;
}

/** One domain stands for those of the user and of the project, where a project is named; else it is the scope. */
function fixDomains(fields: Fields): void {
  const auth = fields['auth'] as Fields;
  if (auth['project_id'] === undefined && auth['project_name'] === undefined) return;
  for (const kind of ['id', 'name']) {
    const both = auth[`domain_${kind}`];
    for (const key of [`user_domain_${kind}`, `project_domain_${kind}`])
      if (both !== undefined) auth[key] ??= both;
    delete auth[`domain_${kind}`];
  }
}

/** `-` and `_` are one, and numbers are their texts. */
function normalized(tree: Tree): Tree {
  const result: Fields = {};
  for (const [key, value] of Object.entries(tree)) {
    const name = key.replaceAll('-', '_');
    if (isTree(value)) result[name] = normalized(value);
    else result[name] = typeof value === 'number' && name !== 'api_timeout' ? String(value) : value;
  }
  return result;
}

/** Puts other values of the cloud in the place of their names in braces, as in `https://{region_name}.example`. */
export function filled(text: string, fields: Tree): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = fields[name];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : whole;
  });
}
