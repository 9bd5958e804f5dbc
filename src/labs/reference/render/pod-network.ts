import { NODE_SHAPES, POD_SUBNET, SERVICE_SUBNET, type NodeShape } from '../shape.ts';

/** A bridge on each node with a range of its own; no pod hides behind its node, so that who asks whom can be told. */
export function renderPodNetwork(node: NodeShape): string {
  const bridge = {
    type: 'bridge',
    bridge: 'cni0',
    isGateway: true,
    isDefaultGateway: true,
    ipMasq: false,
    hairpinMode: true,
    ipam: { type: 'host-local', ranges: [[{ subnet: node.podSubnet }]], dataDir: '/run/cni-ipam' },
  };
  const plugins = [bridge, { type: 'portmap', capabilities: { portMappings: true } }];
  return `${JSON.stringify({ cniVersion: '1.0.0', name: 'reference', plugins }, null, 2)}\n`;
}

/** Lines for \`ip -batch\`: the way to the pods of every other node, and a way to Services, which never leave the node so. */
export function renderRoutes(node: NodeShape): string {
  const others = NODE_SHAPES.filter(({ name }) => name !== node.name);
  const pods = others.map(({ podSubnet, address }) => `route replace ${podSubnet} via ${address}`);
  return [
    ...pods,
    // Without a route the kernel refuses before it looks where the Service leads.
    `route replace ${SERVICE_SUBNET} dev eth0`,
    `route replace unreachable ${POD_SUBNET}`,
    '',
  ].join('\n');
}
