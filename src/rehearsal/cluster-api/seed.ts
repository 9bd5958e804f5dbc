import { isControlNode, NODES } from '../lab-layout.ts';
import { CONFIG_MAPS, NOVA_CONF } from './configuration-files.ts';
import { ObjectClient, type ObjectClientContext } from './object-client.ts';
import { Refusal } from './refusal.ts';
import { KUBERNETES_VERSION, nodeAddress } from './static-pods.ts';
import { objectsOf, WORKLOADS, type Seed } from './workloads.ts';

/**
 * Writes what a cluster has that kubeadm and OpenStack-Helm set up: nodes, namespaces, workloads, configuration. What is there
 * already is left as it is, so that several control nodes may do it, and again after every start.
 * @throws StoreUnavailable when the store has no majority (yet).
 */
export async function seedCluster(context: ObjectClientContext): Promise<void> {
  const objects = new ObjectClient(context);
  for (const [plural, object] of SEEDS) {
    try {
      await objects.create(plural, object);
    } catch (error) {
      if (!(error instanceof Refusal && error.code === 409)) throw error;
    }
  }
}

function nodeOf(name: string): Seed {
  const role = isControlNode(name)
    ? { 'node-role.kubernetes.io/control-plane': '', 'openstack-control-plane': 'enabled' }
    : { 'openstack-compute-node': 'enabled' };
  const host = { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64' };
  const labels = { ...host, ...role };
  const annotations = { 'kubeadm.alpha.kubernetes.io/cri-socket': 'unix:///run/containerd/containerd.sock' };
  const addresses = [{ type: 'InternalIP', address: nodeAddress(name) }];
  const capacity = { cpu: '8', memory: '32Gi', pods: '110' };
  const nodeInfo = { kubeletVersion: KUBERNETES_VERSION, osImage: 'Model of a node' };
  return ['nodes', { metadata: { name, labels, annotations }, status: { addresses, capacity, nodeInfo } }];
}

const API_SERVICE = {
  metadata: { name: 'kubernetes', namespace: 'default', labels: { component: 'apiserver' } },
  spec: { clusterIP: '10.96.0.1', ports: [{ name: 'https', port: 443, targetPort: 6443 }] },
};

/** OpenStack-Helm keeps files with passwords in Secrets. */
const NOVA_SECRET = {
  metadata: { name: 'nova-etc', namespace: 'openstack' },
  data: { 'nova.conf': Buffer.from(NOVA_CONF).toString('base64') },
};

const NAMESPACES = ['default', 'kube-system', 'kube-node-lease', 'kube-public', 'openstack'];

const SEEDS: readonly Seed[] = [
  ...NAMESPACES.map((name): Seed => ['namespaces', { metadata: { name } }]),
  ...NODES.map(nodeOf),
  ['services', API_SERVICE],
  ['secrets', NOVA_SECRET],
  ...Object.entries(CONFIG_MAPS).map(([place, data]): Seed => {
    const [namespace, name] = place.split('/');
    return ['configmaps', { metadata: { namespace, name }, data }];
  }),
  ...WORKLOADS.flatMap(objectsOf),
];
