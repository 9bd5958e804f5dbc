import { API_ADDRESS, NODE_SHAPES, type NodeShape } from '../shape.ts';
import { renderKeepalived, renderTrackScript } from './keepalived-configuration.ts';
import {
  renderInitConfiguration,
  renderJoinConfiguration,
  type KubeadmFacts,
} from './kubeadm-configuration.ts';
import { renderLinkTable } from './link-table.ts';
import { renderNameService } from './name-service.ts';
import { NODE_UNITS } from './node-units.ts';
import { renderPodNetwork, renderRoutes } from './pod-network.ts';

/** A file of a node's volume. */
export interface NodeFile {
  /** Below the node's volume, such as `squall/routes`. */
  readonly path: string;
  readonly text: string;
  readonly mode: number;
}

interface Mount {
  readonly from: string;
  readonly to: string;
  readonly file?: true;
  readonly only?: NodeShape['role'];
}

/** Where the folders of a node's volume are in the node. */
export const MOUNTS: readonly Mount[] = [
  { from: 'var', to: '/var' },
  { from: 'kubernetes', to: '/etc/kubernetes' },
  { from: 'squall', to: '/etc/squall' },
  { from: 'cni', to: '/etc/cni/net.d' },
  { from: 'units', to: '/usr/local/lib/systemd/system' },
  { from: 'hosts', to: '/etc/hosts', file: true },
  // The package keeps more in that folder.
  { from: 'keepalived.conf', to: '/etc/keepalived/keepalived.conf', file: true, only: 'control' },
];

/** Where control nodes have the folder that all of them see. */
export const SHARED_MOUNT = '/var/lib/openstack-shared';

export interface NodeFacts extends KubeadmFacts {
  readonly dnsImage: string;
}

/** All that is written onto a node before it starts; the rest comes from the image and the template. */
export function renderNodeFiles(node: NodeShape, facts: NodeFacts): readonly NodeFile[] {
  return [
    file('hosts', renderHosts()),
    file('squall/resolv.conf', 'search .\n'),
    file('squall/routes', renderRoutes(node)),
    file('squall/links.nft', renderLinkTable()),
    file('squall/kubeadm.json', kubeadmOf(node, facts), 0o600),
    file('cni/10-reference.conflist', renderPodNetwork(node)),
    ...Object.entries(NODE_UNITS).map(([name, text]) => file(`units/${name}`, text)),
    ...(node.role === 'control'
      ? [
          file('keepalived.conf', renderKeepalived(node), 0o600),
          file('squall/api-ready', renderTrackScript(), 0o755),
          file('squall/name-service.json', renderNameService(facts.dnsImage)),
        ]
      : []),
  ];
}

const file = (path: string, text: string, mode = 0o644): NodeFile => ({ path, text, mode });

const kubeadmOf = (node: NodeShape, facts: NodeFacts): string =>
  node.name === NODE_SHAPES[0]?.name
    ? renderInitConfiguration(node, facts)
    : renderJoinConfiguration(node, facts);

function renderHosts(): string {
  const nodes = NODE_SHAPES.map(({ address, name }) => `${address} ${name}`);
  return ['127.0.0.1 localhost', '::1 localhost', ...nodes, `${API_ADDRESS} api`, ''].join('\n');
}
