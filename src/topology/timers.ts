/** A time that discovery reads, and what holds where nobody set it. */
export interface TimerKind {
  readonly name: string;
  readonly describe: string;
  /** Milliseconds; absent where there is nothing without an explicit setting, or the default depends on the version. */
  readonly defaultMs?: number;
  /** Where the default is documented. */
  readonly documented?: string;
}

/**
 * Every timer that a topology may have, by its stable name; faults look them up by it to predict recovery:
 * node-monitor-grace-period, node-status-update-frequency, node-lease-renew-interval, unreachable-toleration,
 * leader-elect-lease-duration, leader-elect-retry-period, etcd-heartbeat-interval, etcd-election-timeout,
 * keepalived-advert-interval, address-failover, health-check-interval, health-check-ejection, health-check-readmission,
 * readiness-period, readiness-ejection, pod-start, database-suspect-timeout, service-down-time, report-interval.
 */
export const TIMERS: readonly TimerKind[] = [
  {
    name: 'node-monitor-grace-period',
    describe: 'From the last heartbeat of a node until it counts as not ready.',
  },
  {
    name: 'node-status-update-frequency',
    describe: 'Between two looks of a kubelet at its own state.',
    defaultMs: 10_000,
    documented: 'KubeletConfiguration v1beta1, nodeStatusUpdateFrequency',
  },
  {
    name: 'node-lease-renew-interval',
    describe: 'Between two renewals of a node lease: a quarter of its duration.',
    defaultMs: 10_000,
    documented:
      'KubeletConfiguration v1beta1, nodeLeaseDurationSeconds 40 and the kubelet renewing after a quarter of it',
  },
  {
    name: 'unreachable-toleration',
    describe: 'From a node being unreachable until its pods are evicted and started elsewhere.',
    defaultMs: 300_000,
    documented: 'kube-apiserver reference, --default-unreachable-toleration-seconds',
  },
  {
    name: 'leader-elect-lease-duration',
    describe: 'From the last renewal of a leader until another may take over.',
    defaultMs: 15_000,
    documented: 'kube-controller-manager reference, --leader-elect-lease-duration',
  },
  {
    name: 'leader-elect-retry-period',
    describe: 'Between two tries to become the leader.',
    defaultMs: 2000,
    documented: 'kube-controller-manager reference, --leader-elect-retry-period',
  },
  {
    name: 'etcd-heartbeat-interval',
    describe: 'Between two heartbeats of the leader of etcd.',
    defaultMs: 100,
    documented: 'etcd configuration reference, --heartbeat-interval',
  },
  {
    name: 'etcd-election-timeout',
    describe: 'From the last heartbeat until a follower of etcd starts an election.',
    defaultMs: 1000,
    documented: 'etcd configuration reference, --election-timeout',
  },
  {
    name: 'keepalived-advert-interval',
    describe: 'Between two advertisements of the node that holds the API address.',
  },
  {
    name: 'address-failover',
    describe:
      'From the last advertisement until another node takes the API address: three adverts and the skew time of VRRP.',
  },
  {
    name: 'health-check-interval',
    describe: 'Between two checks of an API server by what stands in front of it.',
  },
  {
    name: 'health-check-ejection',
    describe:
      'From an API server falling silent until it is asked no more: interval x fall, and the timeout of the last check.',
  },
  {
    name: 'health-check-readmission',
    describe: 'From an API server answering until it is asked again: interval x rise.',
  },
  {
    name: 'readiness-period',
    describe: 'Between two readiness probes of an API pod; the slowest of them.',
    defaultMs: 10_000,
    documented: 'Kubernetes Probe v1, periodSeconds',
  },
  {
    name: 'readiness-ejection',
    describe:
      'From an API pod falling silent until it gets no more requests: period x failureThreshold, and the last timeout.',
    defaultMs: 31_000,
    documented: 'Kubernetes Probe v1: periodSeconds 10, failureThreshold 3, timeoutSeconds 1',
  },
  {
    name: 'pod-start',
    describe:
      'From a pod being created until it is ready, with its image on the node; a ceiling, not a measurement.',
    defaultMs: 5000,
    documented:
      'Kubernetes SLO for pod startup latency, 99th percentile (kubernetes/community, sig-scalability/slos)',
  },
  {
    name: 'database-suspect-timeout',
    describe: 'From the last sign of a database member until the others suspect it.',
  },
  {
    name: 'service-down-time',
    describe: 'From the last report of a compute service until it counts as down.',
  },
  { name: 'report-interval', describe: 'Between two reports of a compute service.' },
];
