import type { Hurt } from './kill-squall.ts';
import { isShort } from './the-lab.ts';

/** So long that it is still there when it is looked at, on a machine that has much else to do; CI has less beside it. */
const HOLD_S = isShort ? 10 : 15;

/** Faults that last: what must be seen of each from this host while Squall lies dead. */
export const LASTING: readonly (readonly [title: string, hurt: Hurt, trace: RegExp])[] = [
  [
    'node-power-off',
    { fault: 'node-power-off', selector: '{role: control}', seconds: HOLD_S },
    /^\+ \S+: power exited/,
  ],
  [
    'node-freeze',
    { fault: 'node-freeze', selector: '{role: control}', seconds: HOLD_S },
    /^\+ \S+: freezer (FROZEN|1)$/,
  ],
  [
    'node-drain',
    { fault: 'node-drain', selector: '{role: compute}', more: ['ceiling: 20s'], seconds: HOLD_S },
    /^\+ compute-\d: cordoned/,
  ],
  [
    'network-partition of a control node',
    { fault: 'network-partition', selector: '{role: control}', more: ['outside: true'], seconds: HOLD_S },
    /^\+ \S+: rule .*elements = \{ 02:53:51/,
  ],
  [
    'network-partition one way, of one port',
    {
      fault: 'network-partition',
      selector: '{node: compute-1}',
      more: ['from: {node: control-1}', 'direction: from-targets', 'ports: [6443]'],
      seconds: HOLD_S,
    },
    /^\+ control-1: rule .*elements = \{ 02:53:51:00:00:21 \. 6443/,
  ],
  [
    'network-loss',
    { fault: 'network-loss', selector: '{role: control}', more: ['share: 40%'], seconds: HOLD_S },
    /^\+ \S+: rule .*jump lose_40/,
  ],
  [
    'network-bandwidth',
    {
      fault: 'network-bandwidth',
      selector: '{node: compute-1}',
      more: ['from: {node: compute-2}', 'kilobitsPerSecond: 4000'],
      seconds: 2 * HOLD_S,
    },
    /^\+ compute-1: rule .*elements = \{ 02:53:51:00:00:22 limit rate over 488 kbytes/,
  ],
  [
    'network-latency',
    {
      fault: 'network-latency',
      selector: '{node: compute-1}',
      more: ['from: {role: control}', 'delay: 50ms', 'jitter: 10ms'],
      seconds: HOLD_S,
    },
    /^\+ compute-1: relay sqd-/,
  ],
  ...(['kubelet', 'containerd'] as const).map(
    (unit) =>
      [
        `service-stop of ${unit}`,
        { fault: 'service-stop', selector: `{unit: ${unit}, node: compute-1}`, seconds: HOLD_S },
        new RegExp(`^\\+ compute-1: unit ${unit} inactive`),
      ] as const,
  ),
  [
    'service-stop of keepalived',
    { fault: 'service-stop', selector: '{unit: keepalived, node: control-2}', seconds: HOLD_S },
    /^\+ control-2: unit keepalived inactive/,
  ],
  [
    'service-stop of etcd, a static pod',
    { fault: 'service-stop', selector: '{unit: etcd, node: control-3}', seconds: HOLD_S },
    /^\+ control-3: away etcd\.yaml/,
  ],
];

/** Faults that are over in a moment; what comes back after them comes by itself. */
export const MOMENTARY: readonly (readonly [title: string, hurt: Hurt])[] = [
  ['pod-delete by force', { fault: 'pod-delete', selector: '{role: dns}' }],
  ['pod-delete with grace', { fault: 'pod-delete', selector: '{role: dns}', more: ['how: grace'] }],
  ['pod-delete by eviction', { fault: 'pod-delete', selector: '{role: dns}', more: ['how: eviction'] }],
  ['container-kill', { fault: 'container-kill', selector: '{role: dns}' }],
  ['node-reboot', { fault: 'node-reboot', selector: '{role: compute}' }],
];

/** Faults that take something: what must be seen of each from this host while Squall lies dead. */
export const PRESSING: readonly (readonly [title: string, hurt: Hurt, trace: RegExp])[] = [
  [
    'cpu-pressure',
    { fault: 'cpu-pressure', selector: '{node: compute-1}', seconds: 4 * HOLD_S },
    /^\+ compute-1: pressure cpu/,
  ],
  [
    'memory-pressure',
    {
      fault: 'memory-pressure',
      selector: '{node: compute-1}',
      more: ['megabytes: 500'],
      seconds: HOLD_S,
    },
    /^\+ compute-1: pressure memory/,
  ],
  [
    'disk-fill of a control node',
    { fault: 'disk-fill', selector: '{role: control}', seconds: HOLD_S },
    /^\+ \S+: pressure disk/,
  ],
  [
    'conntrack-exhaustion',
    { fault: 'conntrack-exhaustion', selector: '{node: compute-1}', seconds: HOLD_S },
    /^\+ compute-1: connections many/,
  ],
  [
    'descriptor-exhaustion of a kubelet',
    { fault: 'descriptor-exhaustion', selector: '{unit: kubelet, node: compute-1}', seconds: HOLD_S },
    /^\+ compute-1: limit kubelet/,
  ],
  [
    'descriptor-exhaustion of an API server, a static pod',
    { fault: 'descriptor-exhaustion', selector: '{unit: kube-apiserver, role: control}', seconds: HOLD_S },
    /^\+ \S+: limit kube-apiserver/,
  ],
];
