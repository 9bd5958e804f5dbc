import {
  API_ADDRESS,
  API_PORT,
  CONTROL_NODES,
  DNS_ADDRESS,
  POD_SUBNET,
  SERVICE_SUBNET,
  type NodeShape,
} from '../shape.ts';

export interface KubeadmFacts {
  /** Without the leading `v`. */
  readonly version: string;
  /** Lets a node ask for its certificate: `xxxxxx.xxxxxxxxxxxxxxxx`. */
  readonly token: string;
  /** 2 where the host has one hierarchy of control groups. */
  readonly cgroupVersion: 1 | 2;
}

/** Where the file lies by which a joining node knows the cluster's authority. */
export const DISCOVERY_FILE = '/etc/squall/discovery.conf';

const ENDPOINT = `${API_ADDRESS}:${API_PORT}`;
const SOCKET = 'unix:///run/containerd/containerd.sock';

/** Arguments of a component, in the order and shape that kubeadm wants. */
const argumentsOf = (given: Readonly<Record<string, string>>): readonly { name: string; value: string }[] =>
  Object.entries(given).map(([name, value]) => ({ name, value }));

/** JSON is YAML, and kubeadm takes several documents. */
const documents = (all: readonly object[]): string =>
  all.map((each) => `${JSON.stringify(each, null, 2)}\n`).join('---\n');

export function renderInitConfiguration(node: NodeShape, facts: KubeadmFacts): string {
  return documents([
    {
      apiVersion: 'kubeadm.k8s.io/v1beta4',
      kind: 'InitConfiguration',
      bootstrapTokens: [{ token: facts.token, ttl: '0s', usages: ['signing', 'authentication'] }],
      localAPIEndpoint: { advertiseAddress: node.address, bindPort: API_PORT },
      nodeRegistration: registrationOf(node),
    },
    clusterConfiguration(facts),
    kubeletConfiguration(facts),
    kubeProxyConfiguration(),
  ]);
}

export function renderJoinConfiguration(node: NodeShape, facts: KubeadmFacts): string {
  const controlPlane = { localAPIEndpoint: { advertiseAddress: node.address, bindPort: API_PORT } };
  return documents([
    {
      apiVersion: 'kubeadm.k8s.io/v1beta4',
      kind: 'JoinConfiguration',
      discovery: { file: { kubeConfigPath: DISCOVERY_FILE }, tlsBootstrapToken: facts.token },
      nodeRegistration: registrationOf(node),
      ...(node.role === 'control' ? { controlPlane } : {}),
    },
  ]);
}

/** A kubeconfig that tells where the API is, which authority it must show, and who asks to join. */
export function renderDiscovery(authority: string, token: string): string {
  const certificate = Buffer.from(authority).toString('base64');
  return `${JSON.stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        {
          name: 'reference',
          cluster: { server: `https://${ENDPOINT}`, 'certificate-authority-data': certificate },
        },
      ],
      users: [{ name: 'joining', user: { token } }],
      contexts: [{ name: 'reference', context: { cluster: 'reference', user: 'joining' } }],
      'current-context': 'reference',
    },
    null,
    2,
  )}\n`;
}

function registrationOf(node: NodeShape): object {
  const labels = Object.entries(node.labels).map(([key, value]) => `${key}=${value}`);
  return {
    name: node.name,
    criSocket: SOCKET,
    // OpenStack-Helm runs the services of the control plane on the control nodes, so they take ordinary pods.
    taints: [],
    imagePullPolicy: 'Never',
    kubeletExtraArgs: argumentsOf({ 'node-ip': node.address, 'node-labels': labels.join(',') }),
  };
}

function clusterConfiguration({ version }: KubeadmFacts): object {
  // Reached from outside of the node, as the tools that watch these components want it, and as a look of ours does.
  const reachable = argumentsOf({ 'bind-address': '0.0.0.0' });
  return {
    apiVersion: 'kubeadm.k8s.io/v1beta4',
    kind: 'ClusterConfiguration',
    clusterName: 'reference',
    kubernetesVersion: `v${version}`,
    controlPlaneEndpoint: ENDPOINT,
    // A small machine makes such keys in milliseconds, and RSA keys in seconds.
    encryptionAlgorithm: 'ECDSA-P256',
    networking: { serviceSubnet: SERVICE_SUBNET, podSubnet: POD_SUBNET, dnsDomain: 'cluster.local' },
    apiServer: {
      certSANs: [API_ADDRESS, ...CONTROL_NODES.map(({ address }) => address), '127.0.0.1'],
      extraArgs: [],
    },
    controllerManager: {
      // The nodes' ranges are agreed beforehand, with the routes to them.
      extraArgs: [...reachable, ...argumentsOf({ 'allocate-node-cidrs': 'false' })],
    },
    scheduler: { extraArgs: reachable },
    etcd: { local: { dataDir: '/var/lib/etcd' } },
  };
}

function kubeletConfiguration({ cgroupVersion }: KubeadmFacts): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    cgroupDriver: 'cgroupfs',
    clusterDNS: [DNS_ADDRESS],
    clusterDomain: 'cluster.local',
    resolvConf: '/etc/squall/resolv.conf',
    failSwapOn: false,
    // Since 1.35 it refuses the first version of control groups unless told.
    ...(cgroupVersion === 1 ? { failCgroupV1: false } : {}),
    // Lets it go on where a container may not write kernel settings, limits and scores.
    featureGates: { KubeletInUserNamespace: true },
    // All nodes share one disk; none of them may empty it for the others.
    evictionHard: { 'imagefs.available': '0%', 'nodefs.available': '0%', 'nodefs.inodesFree': '0%' },
    imageGCHighThresholdPercent: 100,
    enableControllerAttachDetach: true,
  };
}

function kubeProxyConfiguration(): object {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'nftables',
    clusterCIDR: POD_SUBNET,
    // The table of connections belongs to the host, and is not a node's to size.
    conntrack: { maxPerCore: 0, min: 0 },
  };
}
