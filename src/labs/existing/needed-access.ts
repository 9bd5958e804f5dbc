import { STATE_NAMESPACE } from '../../model/own-marks.ts';

/** What Squall asks of a cluster, as an authorizer sees it. */
export interface AccessRule {
  /** API group; empty for the core group. */
  readonly group: string;
  /** With its subresource, as in `pods/log`. */
  readonly resource: string;
  readonly verbs: readonly string[];
  /** Absent: in all namespaces, or of no namespace. */
  readonly namespace?: string;
  /** Only these objects. Absent: all. */
  readonly names?: readonly string[];
}

/** What belongs together because the same use of Squall needs it. */
export interface AccessFamily {
  readonly name: string;
  /** The manifest in `docs/rbac` that grants it, and nothing else. */
  readonly manifest: string;
  /** What does not work without it, in a sentence. */
  readonly without: string;
  /** True for what every use of an existing cluster needs. */
  readonly needed: boolean;
  /** Faults of the registry that it lets through. */
  readonly faults: readonly string[];
  readonly rules: readonly AccessRule[];
  /** Paths that are no resource. */
  readonly paths?: readonly string[];
}

/** Where short-lived pods with the rights of a node run; a namespace of their own, so that nobody else may make such pods. */
export const NODE_ACCESS_NAMESPACE = 'squall-node-access';

const list = (group: string, ...resources: readonly string[]): readonly AccessRule[] =>
  resources.map((resource) => ({ group, resource, verbs: ['list'] }));

const SYSTEM = 'kube-system';
const LEASES = 'coordination.k8s.io';

const DISCOVERY: AccessFamily = {
  name: 'discovery',
  manifest: 'discovery.yaml',
  without: 'Nothing can be found out about the cluster.',
  needed: true,
  faults: [],
  paths: ['/version'],
  rules: [
    ...list('', 'namespaces', 'nodes', 'pods'),
    ...list('apps', 'deployments', 'statefulsets', 'daemonsets'),
    ...list('policy', 'poddisruptionbudgets'),
    { group: LEASES, resource: 'leases', verbs: ['list'], namespace: SYSTEM },
    {
      group: '',
      resource: 'configmaps',
      verbs: ['get'],
      namespace: SYSTEM,
      names: ['kubelet-config', 'kubeadm-config', 'keepalived-config', 'haproxy-config'],
    },
  ],
};

const OPENSTACK: AccessFamily = {
  name: 'discovery of OpenStack-Helm',
  manifest: 'discovery-openstack.yaml',
  without: 'The timers of Nova, Neutron, the database and the load balancer are unknown.',
  needed: false,
  faults: [],
  rules: ['configmaps', 'secrets'].map((resource) => ({
    group: '',
    resource,
    verbs: ['get'],
    namespace: 'openstack',
    names: ['nova-etc', 'mariadb-etc', 'neutron-etc', 'haproxy-config'],
  })),
};

const CHARTS: AccessFamily = {
  name: 'discovery of chart releases',
  manifest: 'discovery-charts.yaml',
  without: 'The record of what was tested lists images, and no chart releases.',
  needed: false,
  faults: [],
  // Helm keeps releases as Secrets, and RBAC cannot tell those from others.
  rules: list('', 'secrets'),
};

const PROBING: AccessFamily = {
  name: 'probing',
  manifest: 'probing.yaml',
  without: 'Probes of the Kubernetes API fail, and watchers are blind.',
  needed: false,
  faults: [],
  rules: [
    { group: '', resource: 'nodes', verbs: ['list', 'watch'] },
    { group: 'discovery.k8s.io', resource: 'endpointslices', verbs: ['list', 'watch'] },
    // Members of Galera and RabbitMQ.
    { group: '', resource: 'pods', verbs: ['list'] },
    { group: LEASES, resource: 'leases', verbs: ['list', 'watch'], namespace: SYSTEM },
    { group: '', resource: 'namespaces', verbs: ['get'], names: ['default'] },
    {
      group: '',
      resource: 'configmaps',
      verbs: ['create', 'get', 'list', 'patch', 'delete'],
      namespace: 'default',
    },
  ],
};

const WATCHING_OPENSTACK: AccessFamily = {
  name: 'watching OpenStack',
  manifest: 'watching-openstack.yaml',
  without: 'Members of Galera and RabbitMQ are known by their readiness, not by what they say of themselves.',
  needed: false,
  faults: [],
  rules: [{ group: '', resource: 'pods/proxy', verbs: ['get'], namespace: 'openstack' }],
};

const PROBING_BETWEEN_NODES: AccessFamily = {
  name: 'probing between nodes',
  manifest: 'probing-nodes.yaml',
  without: 'The probe pod-to-service cannot put its pods onto the nodes.',
  needed: false,
  faults: [],
  rules: [
    { group: '', resource: 'namespaces', verbs: ['create', 'get', 'list', 'delete'] },
    { group: 'apps', resource: 'daemonsets', verbs: ['create', 'get', 'list'] },
    { group: '', resource: 'services', verbs: ['create', 'get'] },
  ],
};

const PODS: AccessFamily = {
  name: 'faults on pods',
  manifest: 'chaos-pods.yaml',
  without: 'Pods can be neither deleted nor evicted.',
  needed: false,
  faults: ['pod-delete'],
  rules: [
    { group: '', resource: 'pods', verbs: ['get', 'delete'] },
    { group: '', resource: 'pods/eviction', verbs: ['create'] },
  ],
};

const NODES: AccessFamily = {
  name: 'faults on nodes through the API',
  manifest: 'chaos-nodes.yaml',
  without: 'Nodes can be neither cordoned nor drained.',
  needed: false,
  faults: ['node-drain'],
  rules: [
    { group: '', resource: 'nodes', verbs: ['get', 'patch'] },
    // By its uid whoever heals tomorrow knows that it is the same cluster.
    { group: '', resource: 'namespaces', verbs: ['get'], names: ['kube-system'] },
    { group: '', resource: 'pods', verbs: ['get', 'list'] },
    { group: '', resource: 'pods/eviction', verbs: ['create'] },
  ],
};

const NODE_ACCESS: AccessFamily = {
  name: 'faults on units and links of nodes',
  manifest: 'node-access.yaml',
  without: 'Nothing on the nodes can be stopped, cut or looked at.',
  needed: false,
  faults: ['service-stop', 'network-partition', 'network-loss'],
  rules: [
    { group: '', resource: 'nodes', verbs: ['get', 'list'] },
    {
      group: '',
      resource: 'pods',
      verbs: ['create', 'get', 'list', 'delete'],
      namespace: NODE_ACCESS_NAMESPACE,
    },
    { group: '', resource: 'pods/log', verbs: ['get'], namespace: NODE_ACCESS_NAMESPACE },
  ],
};

const write = (group: string, resource: string, ...more: readonly string[]): AccessRule => ({
  group,
  resource,
  verbs: ['create', 'get', 'list', 'delete', ...more],
});

const SUITES: AccessFamily = {
  name: 'suites',
  manifest: 'suites.yaml',
  without: 'Conformance of Kubernetes cannot be tested.',
  needed: false,
  faults: [],
  paths: ['/api', '/api/*', '/apis', '/apis/*', '/livez', '/readyz', '/version'],
  rules: [
    write('', 'namespaces'),
    write('', 'configmaps', 'patch', 'update', 'watch'),
    write('', 'services', 'patch'),
    write('apps', 'deployments', 'patch'),
    write(LEASES, 'leases', 'update'),
    { group: '', resource: 'nodes', verbs: ['get', 'list'] },
    { group: '', resource: 'pods', verbs: ['get', 'list'] },
    { group: 'discovery.k8s.io', resource: 'endpointslices', verbs: ['list'] },
    // A case asks for a kind that is nowhere: without this it would be refused before it is not found.
    { group: 'nobody.squall.dev', resource: 'things', verbs: ['list'] },
  ],
};

const SHARED_STATE: AccessFamily = {
  name: 'agreement with other machines',
  manifest: 'shared-state.yaml',
  without: 'Lock and stop hold on this machine alone.',
  needed: false,
  faults: [],
  rules: [
    { group: '', resource: 'namespaces', verbs: ['get'], names: [STATE_NAMESPACE] },
    {
      group: LEASES,
      resource: 'leases',
      verbs: ['create', 'get', 'list', 'update'],
      namespace: STATE_NAMESPACE,
    },
    {
      group: '',
      resource: 'configmaps',
      verbs: ['create', 'get', 'update', 'delete'],
      namespace: STATE_NAMESPACE,
    },
  ],
};

/** Everything that Squall asks, by use. A test holds it against what the code was seen to ask, and against `docs/rbac`. */
export const ACCESS_FAMILIES: readonly AccessFamily[] = [
  DISCOVERY,
  OPENSTACK,
  CHARTS,
  PROBING,
  WATCHING_OPENSTACK,
  PROBING_BETWEEN_NODES,
  SHARED_STATE,
  PODS,
  NODES,
  NODE_ACCESS,
  SUITES,
];
