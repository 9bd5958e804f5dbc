import { isControlNode, NODES } from '../lab-layout.ts';
import { timer } from '../timers.ts';
import type { WatchedStore } from '../watched-store.ts';
import { configurationObjects } from './configuration-files.ts';
import type { Json } from './json.ts';
import { createObjectClient, timestamp } from './object-client.ts';
import { objectsOf, OPENSTACK_NAMESPACE, podStartText, WORKLOADS } from './openstack-workloads.ts';
import { Refusal } from './refusal.ts';
import { resourceNamed } from './resources.ts';
import { KUBERNETES_VERSION, nodeAddress, staticPodsOf } from './static-pods.ts';

export interface SeedContext {
  readonly store: WatchedStore;
  /** Milliseconds since 1970, UTC. */
  readonly nowMs: () => number;
  /** Lower-case hexadecimal digits. */
  readonly token: (length: number) => string;
}

interface Seed {
  readonly plural: string;
  readonly object: Json;
}

/**
 * Writes what a cluster has that kubeadm and OpenStack-Helm set up: nodes, namespaces, workloads, configuration. What is there
 * already is left as it is, so that several control nodes may do it, and again after every start.
 * @throws StoreUnavailable when the store has no majority (yet).
 */
export async function seedCluster({ store, nowMs, token }: SeedContext): Promise<void> {
  const tolerationSeconds = timer('default-unreachable-toleration') / 1000;
  const objects = createObjectClient({ store, nowMs, token, tolerationSeconds });
  for (const { plural, object } of allSeeds(nowMs())) {
    try {
      await objects.create(resourceNamed(plural), object);
    } catch (error) {
      if (!(error instanceof Refusal && error.reason === 'AlreadyExists')) throw error;
    }
  }
}

const seed = (plural: string, object: Json): Seed => ({ plural, object });

const NAMESPACES = ['default', 'kube-system', 'kube-node-lease', 'kube-public', OPENSTACK_NAMESPACE];

const allSeeds = (nowMs: number): readonly Seed[] => [
  ...NAMESPACES.map((name) => seed('namespaces', { metadata: { name } })),
  ...NODES.map((name) => seed('nodes', nodeObject(name, nowMs))),
  ...NODES.map((name) => seed('leases', nodeLease(name, nowMs))),
  ...NODES.flatMap(staticPodsOf).map((object) => seed('pods', object)),
  ...kubernetesService(),
  ...coreDns(),
  ...configurationObjects(),
  ...WORKLOADS.flatMap(objectsOf),
];

function nodeObject(name: string, nowMs: number): Json {
  const control = isControlNode(name);
  const role = control
    ? { 'node-role.kubernetes.io/control-plane': '', 'openstack-control-plane': 'enabled' }
    : { 'openstack-compute-node': 'enabled' };
  const at = timestamp(nowMs);
  const ready = {
    type: 'Ready',
    status: 'Unknown',
    reason: 'NodeStatusNeverUpdated',
    message: 'Kubelet never posted node status.',
  };
  return {
    metadata: {
      name,
      labels: {
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        ...role,
      },
      annotations: { 'kubeadm.alpha.kubernetes.io/cri-socket': 'unix:///run/containerd/containerd.sock' },
    },
    spec: {
      podCIDR: `10.244.${NODES.indexOf(name)}.0/24`,
    },
    status: {
      addresses: [
        { type: 'InternalIP', address: nodeAddress(name) },
        { type: 'Hostname', address: name },
      ],
      capacity: { cpu: '8', memory: '32Gi', pods: '110' },
      allocatable: { cpu: '8', memory: '32Gi', pods: '110' },
      conditions: [{ ...ready, lastHeartbeatTime: at, lastTransitionTime: at }],
      nodeInfo: {
        kubeletVersion: KUBERNETES_VERSION,
        containerRuntimeVersion: 'containerd://2.1.4',
        osImage: 'Model of a node',
        operatingSystem: 'linux',
        architecture: 'amd64',
        kernelVersion: '6.8.0',
      },
    },
  };
}

const nodeLease = (name: string, nowMs: number): Json => ({
  metadata: { name, namespace: 'kube-node-lease' },
  spec: {
    holderIdentity: name,
    leaseDurationSeconds: timer('node-lease-duration') / 1000,
    renewTime: `${new Date(nowMs).toISOString().slice(0, -1)}000Z`,
  },
});

function kubernetesService(): readonly Seed[] {
  const labels = { component: 'apiserver', provider: 'kubernetes' };
  const metadata = { name: 'kubernetes', namespace: 'default', labels };
  const spec = { clusterIP: '10.96.0.1', ports: [{ name: 'https', port: 443, targetPort: 6443 }] };
  return [seed('services', { metadata, spec })];
}

function coreDns(): readonly Seed[] {
  const labels = { 'k8s-app': 'kube-dns' };
  const metadata = (name: string): Json => ({
    name,
    namespace: 'kube-system',
    labels,
    annotations: { 'squall.dev/pod-start': podStartText() },
  });
  const readinessProbe = {
    httpGet: { path: '/ready', port: 8181 },
    periodSeconds: timer('readiness-period') / 1000,
    failureThreshold: timer('readiness-failure-threshold'),
    timeoutSeconds: 1,
  };
  const container = { name: 'coredns', image: 'registry.k8s.io/coredns/coredns:v1.12.1', readinessProbe };
  const spec = {
    nodeSelector: { 'node-role.kubernetes.io/control-plane': '' },
    priorityClassName: 'system-cluster-critical',
    containers: [container],
  };
  return [
    seed('deployments', {
      metadata: metadata('coredns'),
      spec: { replicas: 2, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
    }),
    seed('services', {
      metadata: { ...metadata('kube-dns'), annotations: {} },
      spec: {
        clusterIP: '10.96.0.10',
        selector: labels,
        ports: [{ name: 'dns', port: 53, protocol: 'UDP' }],
      },
    }),
  ];
}
