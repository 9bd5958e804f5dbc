import type { SeededRandom } from '../../src/model/seeded-random.ts';
import { canary } from './documents.ts';
import { draw } from './mutate.ts';

const meta = (name: string, more: object = {}): object => ({
  name,
  namespace: 'openstack',
  uid: `uid-${name}`,
  ...more,
});

const owned = (kind: string, name: string): object => ({
  ownerReferences: [{ kind, name, uid: `uid-${name}`, controller: true }],
});

const ready = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };

const workload = (name: string, app: string): object => ({
  metadata: meta(name, {
    labels: { application: app, component: 'server', release_group: app },
    annotations: { 'squall.dev/quorum': 'true', 'squall.dev/pod-start': '12s' },
  }),
  spec: {
    replicas: 3,
    selector: {
      matchLabels: { application: app },
      matchExpressions: [{ key: 'x', operator: 'DoesNotExist' }],
    },
    template: { metadata: { labels: { application: app } } },
  },
  status: { desiredNumberScheduled: 2 },
});

const nodes = ['control-1', 'control-2', 'control-3', 'compute-1'].map((name, n) => ({
  metadata: { name, uid: `uid-${name}`, labels: { 'openstack-control-plane': 'enabled' }, annotations: {} },
  spec: {
    providerID: `kind://docker/kind/${name}`,
    unschedulable: n === 3,
    taints: [{ key: 'a', effect: 'b' }],
  },
  status: {
    conditions: [{ type: 'Ready', status: 'True' }],
    addresses: [{ type: 'InternalIP', address: `192.0.2.${n + 1}` }],
    nodeInfo: { bootID: `boot-${n}`, kubeletVersion: 'v1.33.1' },
  },
}));

const pods = [0, 1, 2].flatMap((n) => [
  {
    metadata: meta(`mariadb-server-${n}`, {
      labels: { application: 'mariadb' },
      ...owned('StatefulSet', 'mariadb-server'),
    }),
    spec: { nodeName: `control-${n + 1}`, containers: [{ name: 'main', image: 'mariadb:11' }] },
    status: ready,
  },
  {
    metadata: {
      ...meta(`kube-apiserver-control-${n + 1}`, {
        labels: { component: 'kube-apiserver', tier: 'control-plane' },
        annotations: { 'kubernetes.io/config.mirror': 'x' },
        ownerReferences: [{ kind: 'Node', name: `control-${n + 1}`, uid: `uid-control-${n + 1}` }],
      }),
      namespace: 'kube-system',
    },
    spec: {
      nodeName: `control-${n + 1}`,
      containers: [{ name: 'a', command: ['kube-apiserver', '--etcd-servers=https://192.0.2.9:2379'] }],
    },
    status: ready,
  },
]);

/** What a Kubernetes API answers with, by the end of its path; anything else is a 404. */
export const KUBERNETES: Readonly<Record<string, unknown>> = {
  version: { major: '1', minor: '33', gitVersion: 'v1.33.1' },
  namespaces: {
    items: ['kube-system', 'openstack'].map((name) => ({ metadata: { name, uid: `uid-${name}` } })),
  },
  nodes: { items: nodes },
  pods: { items: pods },
  deployments: { items: [workload('keystone-api', 'keystone'), workload('rook-ceph-mon-a', 'ceph')] },
  statefulsets: { items: [workload('mariadb-server', 'mariadb')] },
  daemonsets: { items: [workload('nova-compute-default', 'nova')] },
  poddisruptionbudgets: {
    items: [
      {
        metadata: meta('mariadb'),
        spec: { minAvailable: '60%', selector: { matchLabels: { application: 'mariadb' } } },
      },
    ],
  },
  leases: {
    items: [
      { metadata: { name: 'kube-scheduler' }, spec: { holderIdentity: 'control-1_4711' } },
      { metadata: { name: 'plndr-cp-lock' }, spec: { holderIdentity: 'control-2' } },
    ],
  },
  configmaps: {
    items: [
      { metadata: meta('kubeadm-config'), data: { ClusterConfiguration: 'controlPlaneEndpoint: a:6443\n' } },
    ],
  },
  'kubeadm-config': {
    metadata: meta('kubeadm-config'),
    data: { ClusterConfiguration: 'controlPlaneEndpoint: a:6443\n' },
  },
};

const serviceAt = (base: string, type: string): object => ({
  type,
  name: type,
  endpoints: ['public', 'internal'].map((each) => ({
    interface: each,
    region_id: 'RegionOne',
    url: `${base}/${type}/v2.1`,
  })),
});

/** What an OpenStack answers with: a token, and versions of services. */
export const tokenAnswer = (base: string): object => ({
  token: {
    user: { id: 'u', name: 'ops', domain: { id: 'default' } },
    project: { id: 'p' },
    issued_at: '2026-01-01T00:00:00.000000Z',
    expires_at: '2026-01-01T01:00:00.000000Z',
    catalog: ['identity', 'compute', 'network', 'image', 'volumev3', 'placement'].map((type) =>
      serviceAt(base, type),
    ),
  },
});

export const versionsAnswer = (base: string): object => ({
  versions: [
    {
      id: 'v2.1',
      status: 'CURRENT',
      version: '2.96',
      min_version: '2.1',
      links: [{ rel: 'self', href: `${base}/compute/v2.1/` }],
    },
  ],
});

/** How an answer lies on the wire, beside what is in it. */
export const WIRE_LIES = [
  ...Array.from({ length: 14 }, () => 'honest' as const),
  'status',
  'echo',
  'text',
  'cut',
  'reset',
  'not-http',
  'silent',
  'slow',
  'endless-list',
  'redirect',
  'huge',
  'deep',
  'wrong-type',
  'bad-length',
] as const;

export type WireLie = (typeof WIRE_LIES)[number];

export const drawLie = (random: SeededRandom): WireLie => draw(random, WIRE_LIES);

/** A Kubernetes status that repeats whatever it was sent, as careless proxies do. */
export const echoOf = (headers: unknown, body: string): object => ({
  kind: 'Status',
  message: `refused ${JSON.stringify(headers)} ${body}`,
  error: { message: `refused ${JSON.stringify(headers)} ${body}`, code: 401 },
  hint: canary('answer'),
});
