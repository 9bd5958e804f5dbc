/** Who goes by a timer: its default holds only where that is there and could be looked at. */
export type TimerOwner =
  | 'kube-controller-manager'
  | 'kube-scheduler'
  | 'kube-apiserver'
  | 'etcd'
  | 'kubelet'
  | 'api-address'
  | 'balancer'
  | 'readiness'
  | 'pods'
  | 'cloud-address'
  | 'cloud-balancer'
  | 'mariadb'
  | 'nova'
  | 'neutron'
  | 'rpc';

/** A time that discovery reads, and what holds where nobody set it. */
export interface TimerKind {
  readonly name: string;
  readonly describe: string;
  readonly owner: TimerOwner;
  /** Means nothing where its owner is told to elect no leader, as where there is only one of it. */
  readonly ofLeaders?: true;
  /** Milliseconds; absent where there is nothing without an explicit setting, or the default depends on the version. */
  readonly defaultMs?: number;
  /** Where the default is documented. */
  readonly documented?: string;
}

/**
 * Every timer that a topology may have, by its stable name; faults look them up by it to predict recovery:
 * node-monitor-grace-period, node-monitor-period, node-status-update-frequency, node-lease-renew-interval,
 * unreachable-toleration, leader-elect-lease-duration, leader-elect-renew-deadline, leader-elect-retry-period,
 * scheduler-lease-duration, scheduler-renew-deadline, scheduler-retry-period, etcd-heartbeat-interval, etcd-election-timeout,
 * keepalived-advert-interval, address-failover, health-check-interval, health-check-ejection, health-check-readmission,
 * readiness-period, readiness-ejection, pod-start, cloud-address-failover, cloud-check-interval, cloud-check-ejection,
 * cloud-check-readmission, database-suspect-timeout, database-inactive-timeout, service-down-time, report-interval,
 * agent-down-time, agent-report-interval, rpc-response-timeout, queue-heartbeat-timeout.
 */
export const TIMERS: readonly TimerKind[] = [
  {
    name: 'node-monitor-grace-period',
    describe: 'From the last heartbeat of a node until it counts as not ready.',
    owner: 'kube-controller-manager',
  },
  {
    name: 'node-monitor-period',
    describe: 'Between two looks at the heartbeats of all nodes.',
    owner: 'kube-controller-manager',
    defaultMs: 5000,
    documented: 'kube-controller-manager reference, --node-monitor-period',
  },
  {
    name: 'node-status-update-frequency',
    describe: 'Between two looks of a kubelet at its own state.',
    owner: 'kubelet',
    defaultMs: 10_000,
    documented: 'KubeletConfiguration v1beta1, nodeStatusUpdateFrequency',
  },
  {
    name: 'node-lease-renew-interval',
    describe: 'Between two renewals of a node lease: a quarter of its duration.',
    owner: 'kubelet',
    defaultMs: 10_000,
    documented:
      'KubeletConfiguration v1beta1, nodeLeaseDurationSeconds 40 and the kubelet renewing after a quarter of it',
  },
  {
    name: 'unreachable-toleration',
    describe: 'From a node being unreachable until its pods are evicted and started elsewhere.',
    owner: 'kube-apiserver',
    defaultMs: 300_000,
    documented: 'kube-apiserver reference, --default-unreachable-toleration-seconds',
  },
  {
    name: 'leader-elect-lease-duration',
    describe: 'From the last renewal of a leader until another may take over.',
    owner: 'kube-controller-manager',
    ofLeaders: true,
    defaultMs: 15_000,
    documented: 'kube-controller-manager reference, --leader-elect-lease-duration',
  },
  {
    name: 'leader-elect-renew-deadline',
    describe: 'How long a leader that cannot renew its lease goes on trying before it ends itself.',
    owner: 'kube-controller-manager',
    ofLeaders: true,
    defaultMs: 10_000,
    documented: 'kube-controller-manager reference, --leader-elect-renew-deadline',
  },
  {
    name: 'leader-elect-retry-period',
    describe: 'Between two tries to become the leader.',
    owner: 'kube-controller-manager',
    ofLeaders: true,
    defaultMs: 2000,
    documented: 'kube-controller-manager reference, --leader-elect-retry-period',
  },
  {
    name: 'scheduler-lease-duration',
    describe: 'From the last renewal of the leading scheduler until another may take over.',
    owner: 'kube-scheduler',
    ofLeaders: true,
    defaultMs: 15_000,
    documented: 'kube-scheduler reference, --leader-elect-lease-duration',
  },
  {
    name: 'scheduler-renew-deadline',
    describe: 'How long the leading scheduler goes on trying to renew before it ends itself.',
    owner: 'kube-scheduler',
    ofLeaders: true,
    defaultMs: 10_000,
    documented: 'kube-scheduler reference, --leader-elect-renew-deadline',
  },
  {
    name: 'scheduler-retry-period',
    describe: 'Between two tries to become the leading scheduler.',
    owner: 'kube-scheduler',
    ofLeaders: true,
    defaultMs: 2000,
    documented: 'kube-scheduler reference, --leader-elect-retry-period',
  },
  {
    name: 'etcd-heartbeat-interval',
    describe: 'Between two heartbeats of the leader of etcd.',
    owner: 'etcd',
    defaultMs: 100,
    documented: 'etcd configuration reference, --heartbeat-interval',
  },
  {
    name: 'etcd-election-timeout',
    describe: 'From the last heartbeat until a follower of etcd starts an election.',
    owner: 'etcd',
    defaultMs: 1000,
    documented: 'etcd configuration reference, --election-timeout',
  },
  {
    name: 'keepalived-advert-interval',
    describe: 'Between two advertisements of the node that holds the API address.',
    owner: 'api-address',
  },
  {
    name: 'address-failover',
    describe:
      'From the last sign of its holder until another node takes the API address: three adverts and the skew time of VRRP, or the duration of its lease.',
    owner: 'api-address',
  },
  {
    name: 'health-check-interval',
    describe: 'Between two checks of an API server by what stands in front of it.',
    owner: 'balancer',
  },
  {
    name: 'health-check-ejection',
    describe:
      'From an API server falling silent until it is asked no more: interval x fall, and the timeout of the last check.',
    owner: 'balancer',
  },
  {
    name: 'health-check-readmission',
    describe: 'From an API server answering until it is asked again: interval x rise.',
    owner: 'balancer',
  },
  {
    name: 'readiness-period',
    describe: 'Between two readiness probes of an API pod; the slowest of them.',
    owner: 'readiness',
  },
  {
    name: 'readiness-ejection',
    describe:
      'From an API pod falling silent until it gets no more requests: period x failureThreshold, and the last timeout.',
    owner: 'readiness',
  },
  {
    name: 'pod-start',
    describe:
      'From a pod being created until it is ready, with its image on the node; a ceiling, not a measurement.',
    owner: 'pods',
    defaultMs: 5000,
    documented:
      'Kubernetes SLO for pod startup latency, 99th percentile (kubernetes/community, sig-scalability/slos)',
  },
  {
    name: 'cloud-address-failover',
    describe: 'From the last sign of its holder until another node takes the address of the cloud.',
    owner: 'cloud-address',
  },
  {
    name: 'cloud-check-interval',
    describe:
      'Between two checks of an API of the cloud by the balancer in front of it; the slowest of them.',
    owner: 'cloud-balancer',
  },
  {
    name: 'cloud-check-ejection',
    describe: 'From an API of the cloud falling silent until its balancer asks it no more.',
    owner: 'cloud-balancer',
  },
  {
    name: 'cloud-check-readmission',
    describe: 'From an API of the cloud answering until its balancer asks it again.',
    owner: 'cloud-balancer',
  },
  {
    name: 'database-suspect-timeout',
    describe: 'From the last sign of a database member until the others suspect it.',
    owner: 'mariadb',
    defaultMs: 5000,
    documented: 'Galera parameters, evs.suspect_timeout PT5S',
  },
  {
    name: 'database-inactive-timeout',
    describe:
      'From the last sign of a database member until the others go on without it, whatever it says meanwhile.',
    owner: 'mariadb',
    defaultMs: 15_000,
    documented: 'Galera parameters, evs.inactive_timeout PT15S',
  },
  {
    name: 'service-down-time',
    describe: 'From the last report of a compute service until it counts as down.',
    owner: 'nova',
    defaultMs: 60_000,
    documented: 'Nova configuration reference, service_down_time 60',
  },
  {
    name: 'report-interval',
    describe: 'Between two reports of a compute service.',
    owner: 'nova',
    defaultMs: 10_000,
    documented: 'Nova configuration reference, report_interval 10',
  },
  {
    name: 'agent-down-time',
    describe: 'From the last report of a network agent until it counts as down.',
    owner: 'neutron',
    defaultMs: 75_000,
    documented: 'Neutron configuration reference, agent_down_time 75',
  },
  {
    name: 'agent-report-interval',
    describe: 'Between two reports of a network agent.',
    owner: 'neutron',
    defaultMs: 30_000,
    documented: 'Neutron configuration reference, [agent] report_interval 30',
  },
  {
    name: 'rpc-response-timeout',
    describe: 'How long a service waits for the answer of another over the queue.',
    owner: 'rpc',
    defaultMs: 60_000,
    documented: 'oslo.messaging configuration reference, rpc_response_timeout 60',
  },
  {
    name: 'queue-heartbeat-timeout',
    describe: 'From the last sign of a queue member until a service gives its connection up.',
    owner: 'rpc',
    defaultMs: 60_000,
    documented: 'oslo.messaging configuration reference, heartbeat_timeout_threshold 60',
  },
];
