import { formatDuration } from '../model/duration.ts';
import type { OpenStackTimers } from './replica.ts';

/** One time that decides how fast the model notices or mends something. */
export interface RehearsalTimer {
  /** Its value in the rehearsal; milliseconds, or a plain count where `unit` says so. */
  readonly value: number;
  readonly unit: 'ms' | 'count';
  /** What the real project uses when nobody sets it, as it writes it. */
  readonly realDefault: string;
  /** The real project's own name of the setting. */
  readonly source: string;
}

const ms = (value: number, realDefault: string, source: string): RehearsalTimer => {
  return { value, unit: 'ms', realDefault, source };
};
const count = (value: number, realDefault: string, source: string): RehearsalTimer => {
  return { value, unit: 'count', realDefault, source };
};

/**
 * All times that the model follows, short so that a rehearsal takes seconds, each beside the real default. Discovery never
 * reads this file: it reads flags, probes and configuration in the cluster, where `kubernetes/seed.ts` writes these values.
 */
export const TIMERS = {
  'node-monitor-grace-period': ms(4000, '50s', 'kube-controller-manager, from 1.32 (40s before)'),
  'node-monitor-period': ms(500, '5s', 'kube-controller-manager --node-monitor-period'),
  'default-unreachable-toleration': ms(
    8000,
    '300s',
    'kube-apiserver --default-unreachable-toleration-seconds',
  ),
  'node-lease-duration': ms(4000, '40s', 'KubeletConfiguration nodeLeaseDurationSeconds'),
  'node-lease-renew-interval': ms(1000, '10s', 'kubelet: a quarter of nodeLeaseDurationSeconds'),
  'node-status-update-frequency': ms(2000, '10s', 'KubeletConfiguration nodeStatusUpdateFrequency'),
  'leader-elect-lease-duration': ms(2000, '15s', 'kube-scheduler --leader-elect-lease-duration'),
  'leader-elect-renew-deadline': ms(1500, '10s', 'kube-scheduler --leader-elect-renew-deadline'),
  'leader-elect-retry-period': ms(400, '2s', 'kube-scheduler --leader-elect-retry-period'),
  'api-client-read-idle-timeout': ms(2500, '30s + 15s', 'client-go HTTP2_READ_IDLE_TIMEOUT and PING_TIMEOUT'),
  'pod-start': ms(400, '1-5s', 'kubernetes/community slos: 99% of pods start in 5s without image pull'),
  'pod-stop': ms(300, '30s at most', 'Pod terminationGracePeriodSeconds; most processes end sooner'),
  'readiness-period': ms(1000, '10s', 'Pod readinessProbe.periodSeconds'),
  'readiness-failure-threshold': count(3, '3', 'Pod readinessProbe.failureThreshold'),
  'keepalived.advert-interval': ms(300, '1s', 'keepalived advert_int'),
  'keepalived.missed-adverts': count(3, '3', 'VRRP (RFC 5798) Master_Down_Interval: 3 adverts and the skew'),
  'keepalived.check-interval': ms(200, '3s', 'keepalived vrrp_script interval (HA guide of kubeadm)'),
  'keepalived.check-timeout': ms(250, 'interval', 'keepalived vrrp_script timeout'),
  'keepalived.check-fall': count(2, '10', 'keepalived vrrp_script fall (HA guide of kubeadm)'),
  'keepalived.check-rise': count(2, '2', 'keepalived vrrp_script rise (HA guide of kubeadm)'),
  'haproxy.check-interval': ms(400, '2s', 'haproxy server inter'),
  'haproxy.check-fall': count(3, '3', 'haproxy server fall'),
  'haproxy.check-rise': count(2, '2', 'haproxy server rise'),
  'haproxy.check-timeout': ms(400, 'inter', 'haproxy timeout check'),
  'haproxy.connect-timeout': ms(600, '5s', 'haproxy timeout connect, as its examples set it'),
  'etcd.heartbeat-interval': ms(100, '100ms', 'etcd --heartbeat-interval'),
  'etcd.election-timeout': ms(600, '1000ms', 'etcd --election-timeout'),
  'etcd.request-limit': ms(2000, '7s', 'etcd: request timeout of 5s and twice the election timeout'),
  'galera.suspect-timeout': ms(800, '5s (openstack-helm: 30s)', 'MariaDB Galera evs.suspect_timeout'),
  'galera.inactive-timeout': ms(2400, '15s', 'MariaDB Galera evs.inactive_timeout'),
  'galera.keepalive-period': ms(150, '1s', 'MariaDB Galera evs.keepalive_period'),
  'database.request-limit': ms(3000, '10s', 'oslo.db and PyMySQL connect timeout'),
  'nova.report-interval': ms(1000, '10s', 'nova report_interval'),
  'nova.service-down-time': ms(6000, '60s', 'nova service_down_time'),
  'nova.server-build': ms(500, 'seconds', 'time that a server of nova takes from BUILD to ACTIVE'),
  'nova.server-delete': ms(200, 'seconds', 'time that a server of nova takes to be deleted'),
  'cinder.volume-build': ms(300, 'seconds', 'time that a volume of cinder takes to become available'),
} as const satisfies Readonly<Record<string, RehearsalTimer>>;

export type TimerName = keyof typeof TIMERS;

/** The value of a timer: milliseconds, or a count. */
export const timer = (name: TimerName): number => TIMERS[name].value;

/** The value of a timer as Kubernetes and Go write durations: `4s`, `500ms`. */
export const timerText = (name: TimerName): string =>
  TIMERS[name].unit === 'count' ? String(TIMERS[name].value) : formatDuration({ ms: TIMERS[name].value });

export const openStackTimers = (): OpenStackTimers => ({
  reportIntervalMs: timer('nova.report-interval'),
  serviceDownMs: timer('nova.service-down-time'),
  serverBuildMs: timer('nova.server-build'),
  volumeBuildMs: timer('cinder.volume-build'),
  serverDeleteMs: timer('nova.server-delete'),
});
