import type { Json } from './json.ts';
import { RESOURCES } from './resources.ts';

const VERBS = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'];

const GROUPS = [...new Set(RESOURCES.map(({ group }) => group))];

const rootOf = (group: string): string => (group === '' ? 'api/v1' : `apis/${group}/v1`);

const groupBody = (name: string): Json => {
  const version = { groupVersion: `${name}/v1`, version: 'v1' };
  return { name, versions: [version], preferredVersion: version };
};

const EVICTION: Json = {
  ...{ name: 'pods/eviction', singularName: '', namespaced: true, verbs: ['create'] },
  ...{ group: 'policy', version: 'v1', kind: 'Eviction' },
};

function resourceList(group: string): Json {
  const own = RESOURCES.filter((each) => each.group === group);
  const entries = own.map(({ plural, kind, namespaced, shortNames }): Json => {
    return { name: plural, singularName: kind.toLowerCase(), namespaced, kind, shortNames, verbs: VERBS };
  });
  const resources = group === '' ? [...entries, EVICTION] : entries;
  return { kind: 'APIResourceList', groupVersion: own[0]?.apiVersion, resources };
}

/** What kubectl looks for before it sends an object: the server says that it checks fields, so kubectl needs no schema. */
const operations = RESOURCES.map(({ plural, group, kind }) => {
  const parameters = [{ name: 'fieldValidation', in: 'query', schema: { type: 'string' } }];
  const patch = { 'x-kubernetes-group-version-kind': { group, version: 'v1', kind }, parameters };
  return [`/${plural}/{name}`, { patch }] as const;
});

const roots = GROUPS.map((group) => [rootOf(group), { serverRelativeURL: '/openapi/v3/all' }] as const);

/** What the server says about itself, by path. */
export const DISCOVERY: Readonly<Record<string, Json>> = {
  '/api': { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] },
  '/apis': { kind: 'APIGroupList', groups: GROUPS.filter((group) => group !== '').map(groupBody) },
  '/openapi/v3': { paths: Object.fromEntries(roots) },
  '/openapi/v3/all': { openapi: '3.0.0', paths: Object.fromEntries(operations) },
  ...Object.fromEntries(GROUPS.map((group) => [`/${rootOf(group)}`, resourceList(group)])),
};
