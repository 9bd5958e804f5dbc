import type { Json } from './json.ts';
import { RESOURCES, type Resource } from './resources.ts';

const VERBS = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'];

const GROUPS = [...new Set(RESOURCES.map(({ group }) => group))].filter((group) => group !== '');

const groupBody = (name: string): Json => {
  const version = { groupVersion: `${name}/v1`, version: 'v1' };
  return { name, versions: [version], preferredVersion: version };
};

const entryOf = ({ plural, kind, namespaced, shortNames }: Resource): Json => {
  return { name: plural, singularName: kind.toLowerCase(), namespaced, kind, shortNames, verbs: VERBS };
};

const EVICTION: Json = {
  ...{ name: 'pods/eviction', singularName: '', namespaced: true, verbs: ['create'] },
  ...{ group: 'policy', version: 'v1', kind: 'Eviction' },
};

/** Without a schema, but with what kubectl looks for first: the server says that it checks fields, so kubectl need not. */
function openApiOf(resources: readonly Resource[]): Json {
  const parameters = [{ name: 'fieldValidation', in: 'query', schema: { type: 'string' } }];
  const paths = resources.map(({ plural, group, kind }) => {
    const patch = { 'x-kubernetes-group-version-kind': { group, version: 'v1', kind }, parameters };
    return [`/${plural}/{name}`, { patch }] as const;
  });
  return { openapi: '3.0.0', info: { title: 'Kubernetes', version: 'v1' }, paths: Object.fromEntries(paths) };
}

const ROOTS = ['api/v1', ...GROUPS.map((group) => `apis/${group}/v1`)];

const DOCUMENTS: Readonly<Record<string, Json>> = {
  '/api': { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] },
  '/apis': { kind: 'APIGroupList', apiVersion: 'v1', groups: GROUPS.map(groupBody) },
  '/openapi/v3': {
    paths: Object.fromEntries(ROOTS.map((root) => [root, { serverRelativeURL: `/openapi/v3/${root}` }])),
  },
};

/** What the server says about itself at this path; undefined when it is none of those paths. */
export function discoveryAt(path: string): Json | undefined {
  const [, open, root = ''] = /^(\/openapi\/v3)?\/(apis?(?:\/[^/]+)?\/v1)$/.exec(path) ?? [];
  const group = root.split('/').at(-2) ?? '';
  const resources = RESOURCES.filter((each) => each.group === (root === 'api/v1' ? '' : group));
  if (!ROOTS.includes(root)) return DOCUMENTS[path];
  if (open !== undefined) return openApiOf(resources);
  const entries = [...resources.map(entryOf), ...(root === 'api/v1' ? [EVICTION] : [])];
  return { kind: 'APIResourceList', groupVersion: resources[0]?.apiVersion, resources: entries };
}

/** As `/version` answers. */
export function versionBody(gitVersion: string): Json {
  const [, major, minor] = /^v(\d+)\.(\d+)/.exec(gitVersion) ?? [];
  return { major, minor, gitVersion, platform: 'linux/amd64' };
}
