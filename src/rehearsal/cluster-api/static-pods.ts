import { isControlNode } from '../lab-layout.ts';
import { timer, timerText } from '../timers.ts';
import type { Json } from './json.ts';

/** Which version of Kubernetes the model shows. */
export const KUBERNETES_VERSION = 'v1.34.2';

/** The address of a node inside the cluster; nothing listens there. */
export const nodeAddress = (node: string): string => `10.0.0.${isControlNode(node) ? 1 : 2}${node.slice(-1)}`;

const LEADER_FLAGS = [
  `--leader-elect-lease-duration=${timerText('leader-elect-lease-duration')}`,
  `--leader-elect-renew-deadline=${timerText('leader-elect-renew-deadline')}`,
  `--leader-elect-retry-period=${timerText('leader-elect-retry-period')}`,
];

/** Flags of each component of the control plane, where discovery reads the timers. */
const COMPONENTS: Readonly<Record<string, readonly string[]>> = {
  etcd: [
    `--heartbeat-interval=${timer('etcd.heartbeat-interval')}`,
    `--election-timeout=${timer('etcd.election-timeout')}`,
  ],
  'kube-apiserver': [
    `--default-unreachable-toleration-seconds=${timer('default-unreachable-toleration') / 1000}`,
  ],
  'kube-controller-manager': [
    ...LEADER_FLAGS,
    `--node-monitor-grace-period=${timerText('node-monitor-grace-period')}`,
    `--node-monitor-period=${timerText('node-monitor-period')}`,
  ],
  'kube-scheduler': LEADER_FLAGS,
};

/** What the kubelet of a control node runs from its disk, as the API shows it; nothing on other nodes. */
export const staticPodsOf = (node: string): readonly Json[] =>
  Object.entries(isControlNode(node) ? COMPONENTS : {}).map(([component, flags]) => {
    const name = `${component}-${node}`;
    const labels = { component, tier: 'control-plane' };
    const annotations = { 'kubernetes.io/config.mirror': name };
    const image = `registry.k8s.io/${component}:${component === 'etcd' ? '3.6.5-0' : KUBERNETES_VERSION}`;
    const containers = [{ name: component, image, command: [component, ...flags] }];
    return {
      metadata: { name, namespace: 'kube-system', labels, annotations },
      spec: { nodeName: node, tolerations: [{ operator: 'Exists' }], containers },
    };
  });
