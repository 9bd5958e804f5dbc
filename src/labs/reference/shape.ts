/** One machine of the lab: what is agreed about it before anything is made. */
export interface NodeShape {
  readonly name: string;
  readonly role: 'control' | 'compute';
  readonly address: string;
  /** Fixed, for rules on links tell by it who sent a packet, whichever address that node sends from. */
  readonly mac: string;
  /** The addresses of its pods. */
  readonly podSubnet: string;
  readonly labels: Readonly<Record<string, string>>;
}

const NETWORK = '10.77.0';

export const SUBNET = `${NETWORK}.0/24`;
/** This host's own address among the nodes. */
export const HOST_ADDRESS = `${NETWORK}.1`;
export const HOST_MAC = '02:53:51:00:00:01';
/** The API address; whichever control node keepalived gives it to holds it. */
export const API_ADDRESS = `${NETWORK}.10`;
export const API_PORT = 6443;
export const SERVICE_SUBNET = '10.96.0.0/16';
export const DNS_ADDRESS = '10.96.0.10';
export const POD_SUBNET = '10.244.0.0/16';
/** Each node answers there to whoever connects, as long as its kernel and its processes run. */
export const ANSWER_PORT = 7790;

/** Also the name of its kubeconfig's context. */
export const LAB_NAME = 'reference';
export const NETWORK_NAME = 'squall-reference';
export const CGROUP = 'squall-reference';

/** On every container, network and volume of a lab, with the lab's id. */
export const LAB_LABEL = 'squall.dev/lab';
export const NODE_LABEL = 'squall.dev/node';
/** Where the lab's state is kept, so that another process finds it from the container alone. */
export const STATE_LABEL = 'squall.dev/state';

function control(n: number): NodeShape {
  return {
    ...machine(`control-${n}`, 'control', 10 + n),
    labels: { 'openstack-control-plane': 'enabled' },
  };
}

function compute(n: number): NodeShape {
  return {
    ...machine(`compute-${n}`, 'compute', 20 + n),
    labels: { 'openstack-compute-node': 'enabled' },
  };
}

function machine(name: string, role: NodeShape['role'], n: number): Omit<NodeShape, 'labels'> {
  return {
    name,
    role,
    address: `${NETWORK}.${n}`,
    mac: `02:53:51:00:00:${String(n).padStart(2, '0')}`,
    podSubnet: `10.244.${n}.0/24`,
  };
}

export const NODE_SHAPES: readonly NodeShape[] = [control(1), control(2), control(3), compute(1), compute(2)];

export const CONTROL_NODES: readonly NodeShape[] = NODE_SHAPES.filter(({ role }) => role === 'control');

export const containerOf = (node: string): string => `squall-${node}`;

/** undefined when there is no such node. */
export const shapeOf = (node: string): NodeShape | undefined => NODE_SHAPES.find(({ name }) => name === node);
