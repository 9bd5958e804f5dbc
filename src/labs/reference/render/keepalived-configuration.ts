import { API_ADDRESS, API_PORT, CONTROL_NODES, type NodeShape } from '../shape.ts';

/** The script by which keepalived asks whether this node's own API server is ready. */
export const TRACK_SCRIPT_FILE = '/etc/squall/api-ready';

export function renderTrackScript(): string {
  return `#!/bin/sh
exec curl --silent --fail --insecure --max-time 2 --output /dev/null https://127.0.0.1:${API_PORT}/readyz
`;
}

/**
 * Equal nodes that take no address back from each other: it moves only when its holder is lost. Peers are named, for a bridge of
 * containers is no place to count on multicast.
 */
export function renderKeepalived(node: NodeShape): string {
  const peers = CONTROL_NODES.filter(({ name }) => name !== node.name).map(({ address }) => address);
  // Between equals the first one wins, so that two never ask at once.
  const priority = 100 - CONTROL_NODES.findIndex(({ name }) => name === node.name);
  return `global_defs {
  router_id ${node.name}
  script_user root
  enable_script_security
  vrrp_garp_master_repeat 2
}
vrrp_script api_ready {
  script "${TRACK_SCRIPT_FILE}"
  interval 1
  timeout 3
  rise 1
  fall 2
}
vrrp_instance api {
  state BACKUP
  nopreempt
  interface eth0
  virtual_router_id 77
  priority ${priority}
  advert_int 1
  unicast_src_ip ${node.address}
  unicast_peer {
${peers.map((address) => `    ${address}`).join('\n')}
  }
  virtual_ipaddress {
    ${API_ADDRESS}/32 dev eth0
  }
  track_script {
    api_ready
  }
}
`;
}
