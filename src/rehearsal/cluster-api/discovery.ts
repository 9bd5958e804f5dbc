import type { Json } from './json.ts';
import { GROUPS, RESOURCES, REVIEW_GROUP, type Resource } from './resources.ts';

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

const groupBody = (name: string): Json => {
  const version = { groupVersion: `${name}/v1`, version: 'v1' };
  return { name, versions: [version], preferredVersion: version };
};

const entriesOf = (resource: Resource): readonly Json[] => {
  const { plural, singular, namespaced, kind, shortNames } = resource;
  const sub = (name: string, subKind: string, verbs: readonly string[], more: Json = {}): Json => ({
    name: `${plural}/${name}`,
    singularName: '',
    namespaced,
    kind: subKind,
    verbs,
    ...more,
  });
  const scale = { group: 'autoscaling', version: 'v1' };
  return [
    {
      name: plural,
      singularName: singular,
      namespaced,
      kind,
      verbs: VERBS,
      ...(shortNames.length > 0 ? { shortNames } : {}),
    },
    ...(resource.scale ? [sub('scale', 'Scale', ['get', 'patch', 'update'], scale)] : []),
    ...(resource.status ? [sub('status', kind, ['get', 'patch', 'update'])] : []),
    ...(plural === 'pods'
      ? [
          sub('binding', 'Binding', ['create']),
          sub('eviction', 'Eviction', ['create'], { group: 'policy', version: 'v1' }),
          sub('log', 'Pod', ['get']),
        ]
      : []),
  ];
};

const REVIEWS: readonly Json[] = ['SelfSubjectAccessReview', 'SelfSubjectRulesReview'].map((kind) => ({
  name: `${kind.toLowerCase()}s`,
  singularName: kind.toLowerCase(),
  namespaced: false,
  kind,
  verbs: ['create'],
}));

const resourceList = (group: string): Json => ({
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion: group === '' ? 'v1' : `${group}/v1`,
  resources:
    group === REVIEW_GROUP ? REVIEWS : RESOURCES.filter((each) => each.group === group).flatMap(entriesOf),
});

/** What the server says about itself at this path; undefined when it is none of those paths. */
export function discoveryAt(path: string): Json | undefined {
  if (path === '/api') return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] };
  if (path === '/apis') return { kind: 'APIGroupList', apiVersion: 'v1', groups: GROUPS.map(groupBody) };
  if (path === '/api/v1') return resourceList('');
  const [, group = '', version] = /^\/apis\/([^/]+)(?:\/(v1))?$/.exec(path) ?? [];
  if (!GROUPS.includes(group)) return undefined;
  return version === undefined
    ? { kind: 'APIGroup', apiVersion: 'v1', ...groupBody(group) }
    : resourceList(group);
}

/** As `/version` answers. */
export function versionBody(gitVersion: string): Json {
  const [, major = '1', minor = '0'] = /^v(\d+)\.(\d+)/.exec(gitVersion) ?? [];
  return {
    major,
    minor,
    gitVersion,
    gitCommit: '0'.repeat(40),
    gitTreeState: 'clean',
    buildDate: '1970-01-01T00:00:00Z',
    goVersion: 'go1.24.4',
    compiler: 'gc',
    platform: 'linux/amd64',
  };
}
