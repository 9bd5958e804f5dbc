import { parseDuration } from '../../model/duration.ts';
import type { Timer } from '../../model/topology.ts';
import type { KubernetesObject } from '../../ports/kubernetes.ts';
import { controlPods, flagOf } from '../component-flag.ts';
import { byText } from '../object-fields.ts';
import { timerIf, type TimerSource } from './timer-source.ts';

/** A flag of a control plane component, and how its value reads. */
interface Flag {
  readonly timer: string;
  readonly component: string;
  readonly flag: string;
  readonly unit: 'duration' | 's' | 'ms';
  /** The same setting as an environment variable, where there is one. */
  readonly variable?: string;
}

const leaderFlags = (component: string, prefix: string): readonly Flag[] =>
  ['lease-duration', 'renew-deadline', 'retry-period'].map((what) => ({
    timer: `${prefix}-${what}`,
    component,
    flag: `--leader-elect-${what}`,
    unit: 'duration',
  }));

const FLAGS: readonly Flag[] = [
  {
    timer: 'node-monitor-grace-period',
    component: 'kube-controller-manager',
    flag: '--node-monitor-grace-period',
    unit: 'duration',
  },
  {
    timer: 'node-monitor-period',
    component: 'kube-controller-manager',
    flag: '--node-monitor-period',
    unit: 'duration',
  },
  {
    timer: 'unreachable-toleration',
    component: 'kube-apiserver',
    flag: '--default-unreachable-toleration-seconds',
    unit: 's',
  },
  ...leaderFlags('kube-controller-manager', 'leader-elect'),
  ...leaderFlags('kube-scheduler', 'scheduler'),
  {
    timer: 'etcd-heartbeat-interval',
    component: 'etcd',
    flag: '--heartbeat-interval',
    unit: 'ms',
    variable: 'ETCD_HEARTBEAT_INTERVAL',
  },
  {
    timer: 'etcd-election-timeout',
    component: 'etcd',
    flag: '--election-timeout',
    unit: 'ms',
    variable: 'ETCD_ELECTION_TIMEOUT',
  },
];

/** Flags of the control plane's pods. Where its members differ, the slowest counts: it may be the one that decides. */
export const componentFlags: TimerSource = (objects) =>
  FLAGS.flatMap((flag): readonly Timer[] => {
    const read = controlPods(objects, flag.component)
      .map((pod) => ({ pod, ms: readFlag(pod, flag) }))
      .filter((each): each is { pod: KubernetesObject; ms: number } => each.ms !== undefined)
      .sort((a, b) => b.ms - a.ms || byText(a.pod.metadata.name, b.pod.metadata.name));
    const [slowest] = read;
    if (slowest === undefined) return [];
    return timerIf(
      flag.timer,
      slowest.ms,
      `${flag.flag} of ${flag.component} in ${namespaceOf(slowest.pod)}`,
    );
  });

const namespaceOf = (pod: KubernetesObject): string => pod.metadata.namespace ?? '';

function readFlag(pod: KubernetesObject, { flag, unit, variable }: Flag): number | undefined {
  const text = flagOf(pod, flag, variable);
  return text === undefined ? undefined : toMs(text, unit);
}

function toMs(text: string, unit: Flag['unit']): number | undefined {
  if (unit === 'duration') return parseDuration(text)?.ms;
  // etcd takes whole milliseconds, kube-apiserver whole seconds; a duration is understood as well, for clusters that write one.
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) * (unit === 's' ? 1000 : 1) : parseDuration(text)?.ms;
}
