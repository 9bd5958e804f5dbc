import { CONTROL_NODES } from '../lab-layout.ts';
import { timer, timerText } from '../timers.ts';
import type { Json } from './json.ts';

/** Which version of Kubernetes the model shows. */
export const KUBERNETES_VERSION = 'v1.34.2';

/** The address of a node inside the cluster; nothing listens there. */
export const nodeAddress = (node: string): string =>
  node.startsWith('control-') ? `10.0.0.1${node.slice(-1)}` : `10.0.0.2${node.slice(-1)}`;

const SYSTEM = 'registry.k8s.io';

interface StaticPod {
  readonly component: string;
  readonly image: string;
  readonly port: number;
  readonly flags: (node: string) => readonly string[];
}

const leaderFlags = (): readonly string[] => [
  '--leader-elect=true',
  `--leader-elect-lease-duration=${timerText('leader-elect-lease-duration')}`,
  `--leader-elect-renew-deadline=${timerText('leader-elect-renew-deadline')}`,
  `--leader-elect-retry-period=${timerText('leader-elect-retry-period')}`,
];

const STATIC_PODS: readonly StaticPod[] = [
  {
    component: 'etcd',
    image: `${SYSTEM}/etcd:3.6.5-0`,
    port: 2379,
    flags: (node) => [
      `--name=${node}`,
      `--advertise-client-urls=https://${nodeAddress(node)}:2379`,
      `--heartbeat-interval=${timer('etcd.heartbeat-interval')}`,
      `--election-timeout=${timer('etcd.election-timeout')}`,
    ],
  },
  {
    component: 'kube-apiserver',
    image: `${SYSTEM}/kube-apiserver:${KUBERNETES_VERSION}`,
    port: 6443,
    flags: (node) => {
      const seconds = timer('default-unreachable-toleration') / 1000;
      return [
        `--advertise-address=${nodeAddress(node)}`,
        `--etcd-servers=${CONTROL_NODES.map((each) => `https://${nodeAddress(each)}:2379`).join(',')}`,
        `--default-not-ready-toleration-seconds=${seconds}`,
        `--default-unreachable-toleration-seconds=${seconds}`,
      ];
    },
  },
  {
    component: 'kube-controller-manager',
    image: `${SYSTEM}/kube-controller-manager:${KUBERNETES_VERSION}`,
    port: 10_257,
    flags: () => [
      ...leaderFlags(),
      `--node-monitor-grace-period=${timerText('node-monitor-grace-period')}`,
      `--node-monitor-period=${timerText('node-monitor-period')}`,
    ],
  },
  {
    component: 'kube-scheduler',
    image: `${SYSTEM}/kube-scheduler:${KUBERNETES_VERSION}`,
    port: 10_259,
    flags: leaderFlags,
  },
];

/** What the kubelet of a control node runs from its disk, as the API shows it; nothing on other nodes. */
export const staticPodsOf = (node: string): readonly Json[] =>
  node.startsWith('control-') ? STATIC_PODS.map((pod) => mirrorOf(pod, node)) : [];

function mirrorOf({ component, image, port, flags }: StaticPod, node: string): Json {
  const hash = `${component}-${node}`;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${component}-${node}`,
      namespace: 'kube-system',
      labels: { component, tier: 'control-plane' },
      annotations: {
        'kubernetes.io/config.mirror': hash,
        'kubernetes.io/config.hash': hash,
        'kubernetes.io/config.source': 'file',
      },
    },
    spec: {
      nodeName: node,
      hostNetwork: true,
      priorityClassName: 'system-node-critical',
      tolerations: [{ operator: 'Exists', effect: 'NoExecute' }],
      containers: [
        {
          name: component,
          image,
          command: [component, ...flags(node)],
          ports: [{ containerPort: port, protocol: 'TCP' }],
        },
      ],
    },
  };
}
